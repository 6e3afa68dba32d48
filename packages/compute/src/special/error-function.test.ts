import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERF, ERFC_NEGATIVE, ERFCX_FAR, ERFCX_NEGATIVE, NORMAL } from './error-function.fixture.ts';
import { erfc, erfcx, errorFunction, logErfc } from './error-function.ts';
import { logNormalCdf, normalCdf } from './normal-cdf.ts';
import { matchesTable } from './table.fixture.ts';

test('the error functions are right to the last digits, logarithms where they underflow', () => {
  matchesTable(ERF, 1, [errorFunction, erfc, erfcx, logErfc], 2e-15);
  matchesTable(ERFC_NEGATIVE, 1, [erfc, logErfc], 2e-15);
  matchesTable(ERFCX_FAR, 1, [erfcx, logErfc], 2e-15);
  matchesTable(ERFCX_NEGATIVE, 1, [erfcx], 2e-15);
});

test('the error functions have the ends of their ranges', () => {
  assert.deepEqual([errorFunction(Infinity), errorFunction(-Infinity)], [1, -1]);
  assert.deepEqual([erfc(Infinity), erfc(-Infinity)], [0, 2]);
  assert.deepEqual([erfcx(Infinity), erfcx(-Infinity)], [0, Infinity]);
  for (const evaluate of [errorFunction, erfc, erfcx, logErfc, normalCdf, logNormalCdf])
    assert.ok(Number.isNaN(evaluate(Number.NaN)), evaluate.name);
});

test('the normal distribution function is right to the end of the doubles', () => {
  matchesTable(NORMAL, 1, [normalCdf, logNormalCdf], 2e-15);
});
