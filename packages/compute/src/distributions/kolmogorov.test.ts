import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesTable } from '../special/table.fixture.ts';
import { KOLMOGOROV } from './kolmogorov.fixture.ts';
import { kolmogorovDistribution } from './kolmogorov.ts';

test('both tails of the Kolmogorov distribution', () => {
  const d = kolmogorovDistribution();
  matchesTable(KOLMOGOROV, 1, [d.logCdf, d.logSurvival], 1e-13);
  // Table of Smirnov (1948).
  assert.ok(Math.abs(d.cdf(1.36) - 0.950514) < 1e-6);
});

test('quantiles, density and moments of the Kolmogorov distribution', () => {
  const d = kolmogorovDistribution();
  let before = 0;
  for (const p of [1e-300, 1e-20, 1e-3, 0.1, 0.3, 0.49, 0.5, 0.51, 0.7, 0.95, 0.999]) {
    const x = d.quantile(p);
    assert.ok(x > before && Math.abs(d.cdf(x) / p - 1) < 1e-12, `${p}: ${x}`);
    const y = d.survivalQuantile(p);
    assert.ok(Math.abs(d.survival(y) / p - 1) < 1e-12, `${p}: ${y}`);
    before = x;
    const slope = (d.cdf(x * (1 + 1e-6)) - d.cdf(x * (1 - 1e-6))) / (2e-6 * x);
    if (p > 1e-10) assert.ok(Math.abs(slope / d.density(x) - 1) < 1e-6, `${p}`);
  }
  let total = 0;
  let mean = 0;
  for (let x = 0.005; x < 6; x += 0.01) {
    total += 0.01 * d.density(x);
    mean += 0.01 * x * d.density(x);
  }
  assert.ok(Math.abs(total - 1) < 1e-12 && Math.abs(mean - d.mean) < 1e-12);
});
