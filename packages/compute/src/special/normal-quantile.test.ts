import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logNormalCdf, normalCdf } from './normal-cdf.ts';
import { NORMAL_QUANTILE, NORMAL_QUANTILE_LOG } from './normal-quantile.fixture.ts';
import { normalQuantile, normalQuantileLog, unitNormalQuantile } from './normal-quantile.ts';
import { matchesTable } from './table.fixture.ts';

test('normal quantiles down to the smallest double, and in logarithms beyond it', () => {
  matchesTable(NORMAL_QUANTILE, 1, [normalQuantile], 1e-15);
  matchesTable(NORMAL_QUANTILE_LOG, 1, [normalQuantileLog], 1e-14);
});

test('one pass of AS 241 is right to some digits less, also in the far tail', () => {
  for (const z of [-37, -20, -5, -1, 0.3]) {
    const found = unitNormalQuantile(normalCdf(z));
    assert.ok(Math.abs(found / z - 1) < 3e-15, `${z}: ${found}`);
  }
});

test('normal quantiles rise with p and undo the distribution function', () => {
  let before = -Infinity;
  for (let i = -4000; i <= 4000; i++) {
    const logP = -Math.exp(i / 500);
    const z = -normalQuantileLog(logP);
    assert.ok(z > before, `${i}`);
    before = z;
    if (z > 0.1) assert.ok(Math.abs(logNormalCdf(-z) / logP - 1) < 1e-13, `${logP}`);
  }
});

test('normal quantiles at the ends and outside', () => {
  assert.deepEqual([0, 0.5, 1].map(normalQuantile), [-Infinity, 0, Infinity]);
  assert.deepEqual([-Infinity, 0].map(normalQuantileLog), [-Infinity, Infinity]);
  for (const p of [-0.1, 1.1, Number.NaN]) assert.ok(Number.isNaN(normalQuantile(p)));
  assert.ok(Number.isNaN(normalQuantileLog(0.1)));
});
