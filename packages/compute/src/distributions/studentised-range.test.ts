import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../random/random-stream.ts';
import { matchesTable } from '../special/table.fixture.ts';
import { normalDistribution } from './normal.ts';
import { studentTDistribution } from './student-t.ts';
import { STUDENTISED_RANGE } from './studentised-range.fixture.ts';
import { studentisedRangeDistribution } from './studentised-range.ts';

test('logs of both tails and of the density are those of the table', () => {
  const of = (k: number, df: number) => studentisedRangeDistribution(k, df);
  matchesTable(
    STUDENTISED_RANGE,
    3,
    [
      (k, df, q) => of(k!, df!).logDensity(q!),
      (k, df, q) => of(k!, df!).logCdf(q!),
      (k, df, q) => of(k!, df!).logSurvival(q!),
    ],
    1e-12,
  );
});

test('of two groups it is the root of two times the size of t, to the far tails', () => {
  for (const df of [0.5, 3, 500, 1e5]) {
    const range = studentisedRangeDistribution(2, df);
    const t = studentTDistribution(df);
    for (const q of [1e-6, 0.3, 1, 2, 10, 100, 1e60, 1e150]) {
      const x = q / Math.SQRT2;
      const wanted = Math.LN2 + t.logSurvival(x);
      const error = Math.abs(range.logSurvival(q) - wanted);
      assert.ok(error < 1e-12 * Math.max(1, -wanted), `${df} ${q}: ${error}`);
      const density = t.logDensity(x) + 0.5 * Math.LN2;
      const away = Math.abs(range.logDensity(q) - density);
      assert.ok(away < 1e-12 * Math.max(1, -density), `${df} ${q}: ${away}`);
    }
    assert.ok(Math.abs(range.density(0) / range.density(1e-9) - 1) < 1e-8);
  }
  const known = studentisedRangeDistribution(2, Infinity);
  const normal = normalDistribution();
  for (const q of [0.01, 1, 5, 40]) {
    const wanted = Math.LN2 + normal.logSurvival(q / Math.SQRT2);
    assert.ok(Math.abs(known.logSurvival(q) / wanted - 1) < 1e-12);
  }
});

// Harter (1960), as reprinted in Pearson and Hartley, table 29.
test('critical values are those of the printed tables', () => {
  for (const [groups, df, upper, wanted] of [
    [3, 10, 0.05, 3.877],
    [10, 20, 0.05, 5.008],
    [5, 20, 0.01, 5.293],
    [5, Infinity, 0.01, 4.603],
    [20, 60, 0.05, 5.241],
    [2, 5, 0.05, 3.635],
  ] as const) {
    const found = studentisedRangeDistribution(groups, df).survivalQuantile(upper);
    assert.ok(Math.abs(found - wanted) < 6e-4, `${groups} ${df} ${upper}: ${found}`);
  }
});

test('quantiles undo both tails and rise, densities are slopes, draws have the moments', () => {
  for (const [groups, df] of [
    [3, 4],
    [7, Infinity],
    [40, 12],
  ] as const) {
    const range = studentisedRangeDistribution(groups, df);
    let before = 0;
    for (const p of [1e-20, 0.02, 0.9]) {
      const q = range.quantile(p);
      assert.ok(q > before && Math.abs(range.cdf(q) / p - 1) < 1e-11, `${groups} ${df} ${p}: ${q}`);
      before = q;
      const upper = range.survivalQuantile(p);
      assert.ok(Math.abs(range.survival(upper) / p - 1) < 1e-11, `${groups} ${df} ${p}: ${upper}`);
      const slope = (range.cdf(q * (1 + 1e-6)) - range.cdf(q * (1 - 1e-6))) / (2e-6 * q);
      if (p > 0.01)
        assert.ok(Math.abs(slope / range.density(q) - 1) < 1e-6, `${groups} ${df} ${p}`);
    }
    const stream = randomStream(3, `${groups}`);
    const draws = Float64Array.from({ length: 4000 }, () => range.sample(stream));
    const mean = draws.reduce((sum, x) => sum + x / 4000, 0);
    assert.ok(Math.abs(mean - range.mean) < 4 * Math.sqrt(range.variance / 4000), `${mean}`);
    const square = draws.reduce((sum, x) => sum + (x - range.mean) ** 2 / 4000, 0);
    if (df > 4) assert.ok(Math.abs(square / range.variance - 1) < 0.2, `${square}`);
  }
});

// The mean and deviation of ranges of normal samples: d2 and d3 of quality control (ASTM STP 15D).
test('moments are those of the tables of quality control', () => {
  for (const [groups, mean, deviation] of [
    [2, 1.128379, 0.852502],
    [5, 2.325929, 0.864082],
    [10, 3.077505, 0.797051],
    [25, 3.930629, 0.708441],
  ] as const) {
    const range = studentisedRangeDistribution(groups, Infinity);
    assert.ok(Math.abs(range.mean - mean) < 1e-6, `${groups}: ${range.mean}`);
    const found = Math.sqrt(range.variance);
    assert.ok(Math.abs(found - deviation) < 1e-6, `${groups}: ${found}`);
  }
  assert.ok(Number.isNaN(studentisedRangeDistribution(3, 1).mean));
  assert.equal(studentisedRangeDistribution(3, 2).variance, Infinity);
});

test('ends of the support and parameters out of range', () => {
  const range = studentisedRangeDistribution(4, 9);
  assert.deepEqual([range.cdf(0), range.survival(0), range.cdf(Infinity)], [0, 1, 1]);
  assert.deepEqual([range.density(0), range.density(-1), range.density(Infinity)], [0, 0, 0]);
  assert.deepEqual([range.quantile(0), range.quantile(1)], [0, Infinity]);
  assert.ok(Number.isNaN(range.cdf(Number.NaN)));
  for (const [groups, df] of [
    [1, 5],
    [2.5, 5],
    [1001, 5],
    [3, 0.4],
    [3, Number.NaN],
    [3, 1e8],
  ] as const) {
    assert.throws(() => studentisedRangeDistribution(groups, df), { code: 'E-COMPUTE-009' });
  }
});
