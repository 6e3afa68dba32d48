import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digamma } from './digamma.ts';
import { gamma } from './gamma.ts';
import {
  DIGAMMA,
  GAMMA,
  LOG_GAMMA,
  LOG_GAMMA_1P,
  LOG_GAMMA_RISE,
  TRIGAMMA,
} from './log-gamma.fixture.ts';
import { logGamma, logGamma1p, logGammaRise, stirlingCorrection } from './log-gamma.ts';
import { matchesTable } from './table.fixture.ts';
import { trigamma } from './trigamma.ts';

test('log Gamma is right to the last digits, also beside its zeros', () => {
  matchesTable(LOG_GAMMA, 1, [logGamma], 1e-15);
  matchesTable(LOG_GAMMA_1P, 1, [logGamma1p], 1e-15);
  assert.ok(logGamma(1) === 0 && logGamma(2) === 0);
  assert.ok(Number.isNaN(logGamma(-0.5)) && Number.isNaN(logGamma(Number.NaN)));
  assert.equal(logGamma(Infinity), Infinity);
});

test('a rise of log Gamma keeps its digits when the step is tiny', () => {
  matchesTable(LOG_GAMMA_RISE, 2, [logGammaRise], 1e-14);
});

test('the correction of Stirling is the same on both sides of where its series begins', () => {
  const below = stirlingCorrection(10 - 1e-9);
  assert.ok(Math.abs(below - stirlingCorrection(10)) < 1e-11);
});

test('Gamma holds factorials, reflection and its ends', () => {
  matchesTable(GAMMA, 1, [gamma], 2e-15);
  assert.equal(gamma(6), 120);
  assert.equal(gamma(172), Infinity);
  assert.ok(Number.isNaN(gamma(-3)) && Number.isNaN(gamma(0)));
  assert.equal(Math.abs(gamma(-500.5)), 0);
});

test('digamma and trigamma, also beside the root and below 0', () => {
  matchesTable(DIGAMMA, 1, [digamma], 1e-14);
  matchesTable(TRIGAMMA, 1, [trigamma], 1e-15);
  assert.ok(Number.isNaN(digamma(-2)) && Number.isNaN(trigamma(0)));
});
