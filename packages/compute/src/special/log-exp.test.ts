import assert from 'node:assert/strict';
import { test } from 'node:test';
import { log1mExp, log1pExp, logSumExp } from './log-exp.ts';
import { LOG1M_EXP, LOG1P_EXP, LOG1PMX } from './log-forms.fixture.ts';
import { log1pmx, logRatioLess } from './log1pmx.ts';
import { matchesTable } from './table.fixture.ts';

test('log(1 + u) - u has no cancellation', () => {
  matchesTable(LOG1PMX, 1, [log1pmx], 1e-15);
  assert.ok(Math.abs(logRatioLess(1e-12, 1e-12 - 1) - (Math.log(1e-12) + 1 - 1e-12)) < 1e-14);
});

test('log(1 - exp(x)) and log(1 + exp(x)) keep their digits at both ends', () => {
  matchesTable(LOG1M_EXP, 1, [log1mExp], 1e-15);
  matchesTable(LOG1P_EXP, 1, [log1pExp], 1e-15);
  assert.equal(log1pExp(-Infinity), 0);
  assert.equal(log1pExp(Infinity), Infinity);
});

test('the log of a sum of exponentials neither overflows nor hides what is not a number', () => {
  assert.equal(logSumExp([1000, 1000]), 1000 + Math.LN2);
  assert.equal(logSumExp(Float64Array.of(-Infinity, -800)), -800);
  assert.equal(logSumExp([]), -Infinity);
  assert.equal(logSumExp([Infinity, 0]), Infinity);
  assert.ok(Number.isNaN(logSumExp([0, Number.NaN])));
});
