import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../random/random-stream.ts';
import { matchesTable } from '../special/table.fixture.ts';
import { fDistribution } from './fisher-f.ts';
import { chiSquareDistribution } from './gamma-family.ts';
import { NONCENTRAL_CHI_SQUARE, NONCENTRAL_F } from './noncentral.fixture.ts';
import { noncentralChiSquareDistribution } from './noncentral-chi-square.ts';
import { noncentralFDistribution } from './noncentral-f.ts';

test('both tails of the noncentral chi-square and F distributions', () => {
  const chi = (df: number, nc: number): ReturnType<typeof noncentralChiSquareDistribution> =>
    noncentralChiSquareDistribution(df, nc);
  matchesTable(
    NONCENTRAL_CHI_SQUARE,
    3,
    [(df, nc, x) => chi(df!, nc!).logCdf(x!), (df, nc, x) => chi(df!, nc!).logSurvival(x!)],
    2e-13,
  );
  matchesTable(
    NONCENTRAL_F,
    4,
    [
      (d1, d2, nc, x) => noncentralFDistribution(d1!, d2!, nc!).logCdf(x!),
      (d1, d2, nc, x) => noncentralFDistribution(d1!, d2!, nc!).logSurvival(x!),
    ],
    2e-13,
  );
});

const SOME = [
  noncentralChiSquareDistribution(3, 7),
  noncentralChiSquareDistribution(0.7, 300),
  noncentralFDistribution(4, 30, 9),
  noncentralFDistribution(1, 12, 0.3),
];

test('quantiles undo both tails, densities are slopes, draws have the moments', () => {
  for (const d of SOME) {
    let before = 0;
    for (const p of [1e-30, 1e-6, 0.02, 0.3, 0.5, 0.7, 0.99]) {
      const x = d.quantile(p);
      assert.ok(x > before && Math.abs(d.cdf(x) / p - 1) < 1e-11, `${d.kind} ${p}: ${x}`);
      before = x;
      const y = d.survivalQuantile(p);
      assert.ok(Math.abs(d.survival(y) / p - 1) < 1e-11, `${d.kind} ${p}: ${y}`);
      const slope = (d.cdf(x * (1 + 1e-6)) - d.cdf(x * (1 - 1e-6))) / (2e-6 * x);
      if (p > 0.01) assert.ok(Math.abs(slope / d.density(x) - 1) < 1e-6, `${d.kind} ${p}`);
    }
    const n = 4000;
    const stream = randomStream(5, d.kind);
    const draws = Float64Array.from({ length: n }, () => d.sample(stream));
    const mean = draws.reduce((sum, x) => sum + x / n, 0);
    assert.ok(Math.abs(mean - d.mean) < 4 * Math.sqrt(d.variance / n), `${d.kind}: ${mean}`);
    const square = draws.reduce((sum, x) => sum + (x - d.mean) ** 2 / n, 0);
    assert.ok(Math.abs(square / d.variance - 1) < 0.3, `${d.kind}: ${square}`);
  }
});

test('without noncentrality they are the central distributions', () => {
  for (const x of [0, 0.1, 2, 50]) {
    const chi = noncentralChiSquareDistribution(2, 0);
    const f = noncentralFDistribution(2, 5, 0);
    const central = fDistribution(2, 5);
    assert.ok(Math.abs(chi.cdf(x) - chiSquareDistribution(2).cdf(x)) < 1e-15);
    assert.ok(Math.abs(chi.density(x) - chiSquareDistribution(2).density(x)) < 1e-15);
    assert.ok(Math.abs(f.survival(x) - central.survival(x)) < 1e-15);
    assert.ok(Math.abs(f.density(x) - central.density(x)) < 1e-15);
  }
  const ratio = noncentralFDistribution(5, 9, 0).variance / fDistribution(5, 9).variance;
  assert.ok(Math.abs(ratio - 1) < 1e-15);
  assert.throws(() => noncentralFDistribution(2, 5, -1), { code: 'E-COMPUTE-009' });
});
