import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesTable } from '../special/table.fixture.ts';
import { NONCENTRAL_T } from './noncentral-t.fixture.ts';
import { noncentralTDistribution } from './noncentral-t.ts';
import { studentTDistribution } from './student-t.ts';

test('both tails of the noncentral t distribution', () => {
  const cdf = (df: number, d: number, t: number): number => noncentralTDistribution(df, d).cdf(t);
  const survival = (df: number, d: number, t: number): number =>
    noncentralTDistribution(df, d).survival(t);
  matchesTable(
    NONCENTRAL_T,
    3,
    [(df, d, t) => cdf(df!, d!, t!), (df, d, t) => survival(df!, d!, t!)],
    1e-12,
  );
});

test('without noncentrality it is the t distribution, to the far tails', () => {
  for (const df of [0.3, 1, 3, 20, 500]) {
    const noncentral = noncentralTDistribution(df, 0);
    const central = studentTDistribution(df);
    for (const t of [-1e6, -40, -2, -0.1, 0.3, 1, 5, 100]) {
      const error = noncentral.logSurvival(t) - central.logSurvival(t);
      assert.ok(Math.abs(error) < 1e-12 * Math.max(1, -central.logSurvival(t)), `${df} ${t}`);
      const density = noncentral.logDensity(t) - central.logDensity(t);
      assert.ok(Math.abs(density) < 1e-12 * Math.max(1, -central.logDensity(t)), `${df} ${t}`);
    }
  }
});

test('quantiles of the noncentral t distribution undo both tails and rise', () => {
  for (const [df, d] of [
    [2.5, 1],
    [12, -3],
    [80, 4],
  ] as const) {
    const noncentral = noncentralTDistribution(df, d);
    let before = -Infinity;
    for (const p of [1e-40, 1e-8, 0.01, 0.2, 0.5, 0.6, 0.9, 0.999]) {
      const t = noncentral.quantile(p);
      assert.ok(t > before && Math.abs(noncentral.cdf(t) / p - 1) < 1e-10, `${df} ${d} ${p}`);
      before = t;
      const s = noncentral.survivalQuantile(p);
      assert.ok(Math.abs(noncentral.survival(s) / p - 1) < 1e-10, `${df} ${d} ${p}`);
    }
  }
  assert.throws(() => noncentralTDistribution(0.01, 0), { code: 'E-COMPUTE-009' });
});
