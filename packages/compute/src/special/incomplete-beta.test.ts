import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INCOMPLETE_BETA, LOG_BETA } from './incomplete-beta.fixture.ts';
import { betaI, betaIComplement, logBetaI, logBetaIComplement } from './incomplete-beta.ts';
import {
  betaIComplementInverse,
  betaIInverse,
  logBetaIComplementInverse,
  logBetaIInverse,
} from './incomplete-beta-inverse.ts';
import { logBeta } from './log-beta.ts';
import { matchesTable } from './table.fixture.ts';

test('log B keeps its digits when one shape swallows the other', () => {
  matchesTable(LOG_BETA, 2, [logBeta], 5e-15);
  assert.ok(Math.abs(logBeta(1, 1)) < 1e-15);
  assert.ok(Number.isNaN(logBeta(-1, 2)));
});

test('logs of the incomplete beta function and its complement, shapes from 1e-10 to 1e8', () => {
  matchesTable(INCOMPLETE_BETA, 3, [logBetaI, logBetaIComplement], 2e-13);
});

test('values are the exponentials of the logs, to what the exponent rounds', () => {
  const values: number[] = [];
  for (let i = 0; i < INCOMPLETE_BETA.length; i += 5) {
    const [a, b, x, logP, logQ] = INCOMPLETE_BETA.slice(i, i + 5) as [number, ...number[]];
    if (Math.min(logP!, logQ!) > -690) values.push(a, b!, x!, Math.exp(logP!), Math.exp(logQ!));
  }
  assert.ok(values.length > 1000);
  matchesTable(values, 3, [betaI, betaIComplement], 3e-13);
});

test('the incomplete beta function is symmetric where it is, and has its closed forms', () => {
  for (const a of [1e-10, 0.3, 1, 40, 1e3, 1e6, 1e8])
    assert.ok(Math.abs(betaI(a, a, 0.5) - 0.5) < 2e-15, `${a}`);
  for (const x of [1e-5, 0.2, 0.7]) {
    assert.ok(Math.abs(betaI(3.5, 1, x) / x ** 3.5 - 1) < 2e-14, `${x}`);
    assert.ok(Math.abs(betaIComplement(1, 0.2, x) / (1 - x) ** 0.2 - 1) < 2e-14, `${x}`);
  }
  assert.deepEqual([betaI(2, 3, 0), betaI(2, 3, 1), betaIComplement(2, 3, 1)], [0, 1, 0]);
  for (const [a, b, x] of [
    [0, 1, 0.5],
    [1, -1, 0.5],
    [1, 1, 1.1],
    [1, 1, -0.1],
    [1, 1, Number.NaN],
  ])
    assert.ok(Number.isNaN(betaI(a!, b!, x!)), `${a} ${b} ${x}`);
});

test('inverses undo the function and its complement, from 1e-300 and beyond', () => {
  const shapes = [1e-10, 1e-3, 0.3, 0.5, 1, 2.5, 19, 150, 1e4, 1e6, 1e8];
  for (const a of shapes)
    for (const b of shapes)
      for (const log of [-3000, -690, -100, -10, -1, -0.7, -0.6, -0.1, -1e-5, -1e-14]) {
        const x = logBetaIInverse(a, b, log);
        if (x > 1e-290 && x < 0.6) nearLog(logBetaI(a, b, x), log, a, b);
        const z = logBetaIComplementInverse(a, b, log);
        if (z > 1e-290 && z < 0.6) nearLog(logBetaIComplement(a, b, z), log, a, b);
      }
});

/** The last digit of x moves the log by the slope, some tens of standard deviations in x. */
function nearLog(found: number, wanted: number, a: number, b: number): void {
  const allowed = 5e-13 + 5e-15 * Math.sqrt(Math.max(a, b));
  assert.ok(Math.abs(found / wanted - 1) < allowed, `${a} ${b}: ${found}, not ${wanted}`);
}

test('inverses rise with p', () => {
  for (const [a, b] of [
    [0.01, 0.5],
    [0.5, 0.5],
    [3, 7],
    [500, 0.5],
    [120, 1e5],
  ] as const) {
    let before = 0;
    for (let i = 1; i < 400; i++) {
      const x = betaIInverse(a, b, i / 400);
      assert.ok(x > before || (before < 1e-100 && x === before), `${a} ${b} ${i}`);
      before = x;
      const y = betaIComplementInverse(a, b, 1 - i / 400);
      assert.ok(Math.abs(y / x - 1) < 1e-13 / Math.min(a, b, 1), `${a} ${b} ${i}: ${x} ${y}`);
    }
  }
  assert.deepEqual([betaIInverse(3, 2, 0), betaIInverse(3, 2, 1)], [0, 1]);
  assert.ok(Number.isNaN(betaIInverse(3, 2, 1.5)) && Number.isNaN(betaIInverse(-1, 2, 0.5)));
});
