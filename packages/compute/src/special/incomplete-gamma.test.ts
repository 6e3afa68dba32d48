import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INCOMPLETE_GAMMA } from './incomplete-gamma.fixture.ts';
import { gammaP, gammaQ, logGammaP, logGammaQ } from './incomplete-gamma.ts';
import {
  gammaPInverse,
  gammaQInverse,
  logGammaPInverse,
  logGammaQInverse,
} from './incomplete-gamma-inverse.ts';
import { matchesTable } from './table.fixture.ts';

test('logs of both incomplete gamma functions, a from 1e-10 to 1e8', () => {
  // A log near 0 is less the other tail, which carries the rounding of its exponent.
  matchesTable(INCOMPLETE_GAMMA, 2, [logGammaP, logGammaQ], 2e-13);
});

test('values are the exponentials of the logs, to what the exponent rounds', () => {
  const values: number[] = [];
  for (let i = 0; i < INCOMPLETE_GAMMA.length; i += 4) {
    const [a, x, logP, logQ] = INCOMPLETE_GAMMA.slice(i, i + 4) as [number, number, number, number];
    if (Math.min(logP, logQ) > -690) values.push(a, x, Math.exp(logP), Math.exp(logQ));
  }
  assert.ok(values.length > 400);
  matchesTable(values, 2, [gammaP, gammaQ], 3e-13);
});

test('incomplete gamma functions at the ends and outside', () => {
  assert.deepEqual([gammaP(2, 0), gammaQ(2, 0), logGammaP(2, 0)], [0, 1, -Infinity]);
  assert.deepEqual([gammaP(2, Infinity), gammaQ(2, Infinity)], [1, 0]);
  for (const [a, x] of [
    [0, 1],
    [-1, 1],
    [2, -1],
    [Number.NaN, 1],
    [1, Number.NaN],
  ] as const)
    assert.ok(Number.isNaN(gammaP(a, x)) && Number.isNaN(logGammaQ(a, x)), `${a} ${x}`);
});

test('inverses undo both functions, from 1e-300 and beyond', () => {
  for (const a of [1e-10, 1e-3, 0.3, 0.5, 1, 2.5, 19, 30, 1e3, 1e4, 1e6, 1e8])
    for (const log of [-5000, -690, -100, -20, -3, -1, -0.7, -0.6, -0.1, -1e-5, -1e-14]) {
      const x = logGammaPInverse(a, log);
      if (x > 1e-290) nearLog(logGammaP(a, x), log, a);
      const y = logGammaQInverse(a, log);
      if (y > 1e-290) nearLog(logGammaQ(a, y), log, a);
    }
});

/** The last digit of x moves the log by the slope, at most some ten standard deviations in x. */
function nearLog(found: number, wanted: number, a: number): void {
  const allowed = 2e-13 + 2e-15 * Math.sqrt(a);
  assert.ok(Math.abs(found / wanted - 1) < allowed, `${a}: ${found}, not ${wanted}`);
}

test('inverses rise with p', () => {
  for (const a of [0.01, 0.5, 3, 50, 1e5]) {
    let before = 0;
    for (let i = 1; i < 400; i++) {
      const x = gammaPInverse(a, i / 400);
      assert.ok(x > before || (x === 0 && before === 0), `${a} ${i}`);
      before = x;
      const y = gammaQInverse(a, 1 - i / 400);
      assert.ok(Math.abs(y / x - 1) < 1e-13 / Math.min(a, 1) || x === 0, `${a} ${i}: ${x} ${y}`);
    }
  }
  assert.deepEqual([gammaPInverse(3, 0), gammaPInverse(3, 1)], [0, Infinity]);
  assert.ok(Number.isNaN(gammaPInverse(3, 1.5)) && Number.isNaN(gammaQInverse(-1, 0.5)));
});
