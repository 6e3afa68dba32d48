import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidDistribution } from '../error.ts';
import { randomStream } from '../random/random-stream.ts';
import { matchesTable } from '../special/table.fixture.ts';
import { betaDistribution } from './beta.ts';
import {
  binomialDistribution,
  negativeBinomialDistribution,
  poissonDistribution,
} from './counts.ts';
import type { ContinuousDistribution, DiscreteDistribution, Distribution } from './distribution.ts';
import {
  BETA,
  BINOMIAL,
  CHI_SQUARE_QUANTILE,
  FISHER_F,
  GAMMA,
  HYPERGEOMETRIC,
  NEGATIVE_BINOMIAL,
  POISSON,
  STUDENT_T,
  STUDENT_T_UPPER,
} from './distributions.fixture.ts';
import { fDistribution } from './fisher-f.ts';
import { chiSquareDistribution, gammaDistribution } from './gamma-family.ts';
import { hypergeometricDistribution } from './hypergeometric.ts';
import {
  laplaceDistribution,
  logisticDistribution,
  uniformDistribution,
} from './location-scale.ts';
import { logNormalDistribution } from './log-normal.ts';
import { normalDistribution } from './normal.ts';
import { studentTDistribution } from './student-t.ts';
import { exponentialDistribution, weibullDistribution } from './weibull.ts';

const CONTINUOUS: readonly ContinuousDistribution[] = [
  normalDistribution(),
  normalDistribution(-3, 0.2),
  logNormalDistribution(0.5, 0.7),
  studentTDistribution(2.5),
  studentTDistribution(40),
  chiSquareDistribution(7),
  fDistribution(5, 9),
  gammaDistribution(2.5, 3),
  betaDistribution(2, 5.5),
  exponentialDistribution(0.4),
  weibullDistribution(1.7, 2),
  uniformDistribution(-1, 3),
  laplaceDistribution(1, 2),
  logisticDistribution(-1, 0.5),
];

const DISCRETE: readonly DiscreteDistribution[] = [
  poissonDistribution(0.3),
  poissonDistribution(42),
  binomialDistribution(30, 0.2),
  binomialDistribution(500, 0.7),
  negativeBinomialDistribution(3.5, 0.3),
  hypergeometricDistribution(60, 25, 20),
];

/**
 * Log density or mass and logs of both tails against the table's last three columns. Logs of
 * densities cross 0, so their error is absolute there; logs of a tail near 1 are less the other
 * tail, which carries the rounding of its exponent.
 */
function matchesLogs(
  table: readonly number[],
  inputs: number,
  make: (...values: readonly number[]) => ContinuousDistribution | DiscreteDistribution,
): void {
  for (let row = 0; row < table.length; row += inputs + 3) {
    const values = table.slice(row, row + inputs);
    const [logDensity, logCdf, logSurvival] = table.slice(row + inputs, row + inputs + 3);
    const d = make(...values);
    const x = values[inputs - 1]!;
    const found = 'logMass' in d ? d.logMass(x) : d.logDensity(x);
    const error = Math.abs(found - logDensity!) / Math.max(1, Math.abs(logDensity!));
    assert.ok(error < 1e-13, `${d.kind} density at ${values}: ${found}, not ${logDensity}`);
    matchesTable([x, logCdf!, logSurvival!], 1, [d.logCdf, d.logSurvival], 2e-13);
  }
}

test('logs of densities and of both tails are those of the table', () => {
  matchesLogs(STUDENT_T, 2, (df) => studentTDistribution(df!));
  matchesLogs(FISHER_F, 3, (d1, d2) => fDistribution(d1!, d2!));
  matchesLogs(BETA, 3, (a, b) => betaDistribution(a!, b!));
  matchesLogs(GAMMA, 3, (shape, scale) => gammaDistribution(shape!, scale!));
});

test('logs of masses and of both tails are those of the table', () => {
  matchesLogs(POISSON, 2, (mean) => poissonDistribution(mean!));
  matchesLogs(BINOMIAL, 3, (n, p) => binomialDistribution(n!, p!));
  matchesLogs(NEGATIVE_BINOMIAL, 3, (r, p) => negativeBinomialDistribution(r!, p!));
  matchesLogs(HYPERGEOMETRIC, 4, (n, k, d) => hypergeometricDistribution(n!, k!, d!));
});

test('quantiles of t, also for few degrees of freedom and at 1e-300, and of chi-square', () => {
  const upper = (df: number, q: number): number => studentTDistribution(df).survivalQuantile(q);
  matchesTable(STUDENT_T_UPPER, 2, [(df, q) => upper(df!, q!)], 2e-13);
  const chi = (df: number, p: number): number => chiSquareDistribution(df).quantile(p);
  matchesTable(CHI_SQUARE_QUANTILE, 2, [(df, p) => chi(df!, p!)], 5e-14);
});

test('quantiles undo both tails and rise', () => {
  for (const d of CONTINUOUS) {
    let before = -Infinity;
    for (const p of [1e-300, 1e-80, 1e-12, 1e-4, 0.02, 0.24, 0.26, 0.5, 0.51, 0.8, 0.99]) {
      const x = d.quantile(p);
      assert.ok(x > before || (x === before && p < 1e-10), `${d.kind} ${p}`);
      before = x;
      near(d.cdf(x), p, d, x);
      near(d.survival(d.survivalQuantile(p)), p, d, d.survivalQuantile(p));
      near(d.cdf(d.quantileLog(Math.log(p))), p, d, x);
    }
    assert.deepEqual([d.quantile(0), d.quantile(1)], [...d.support]);
    assert.deepEqual([d.survivalQuantile(1), d.survivalQuantile(0)], [...d.support]);
  }
});

/** The last digit of x moves p by the density times x; beyond it the functions must agree. */
function near(found: number, p: number, d: ContinuousDistribution, x: number): void {
  // Near an end that is not 0 there may be no double left for so small a p.
  if (d.support.includes(x)) return;
  const lastDigit = (d.density(x) * Math.abs(x) * 2 ** -51) / p;
  assert.ok(Math.abs(found / p - 1) < 1e-12 + lastDigit, `${d.kind} ${p}: ${found}`);
}

test('quantiles of counts undo both tails exactly', () => {
  for (const d of DISCRETE) {
    const last = Math.min(d.support[1], d.mean + 6 * Math.sqrt(d.variance));
    for (let k = d.support[0]; k <= last; k++) {
      if (d.mass(k) < 1e-14 * d.cdf(k)) continue;
      assert.equal(d.quantile(d.cdf(k)), k, `${d.kind} ${k}`);
      if (d.mass(k) > 1e-13 * d.survival(k))
        assert.equal(d.survivalQuantile(d.survival(k)), k, `${d.kind} ${k}`);
    }
    assert.deepEqual([d.quantile(0), d.quantile(1)], [...d.support]);
    assert.deepEqual([d.quantile(1.1), d.survivalQuantile(-1)], [Number.NaN, Number.NaN]);
  }
  assert.equal(poissonDistribution(1000).quantile(0.5), 1000);
  assert.equal(poissonDistribution(1e9).survivalQuantile(1e-300) > 1e9, true);
});

test('masses add up to the distribution function, mean and variance', () => {
  for (const d of DISCRETE) {
    let total = 0;
    let mean = 0;
    let square = 0;
    for (let k = d.support[0]; k <= Math.min(d.support[1], 1000); k++) {
      total += d.mass(k);
      mean += k * d.mass(k);
      square += (k - d.mean) ** 2 * d.mass(k);
      assert.ok(Math.abs(total - d.cdf(k)) < 1e-13, `${d.kind} ${k}`);
      assert.equal(d.cdf(k + 0.5), d.cdf(k));
    }
    assert.ok(Math.abs(mean / d.mean - 1) < 1e-12, d.kind);
    assert.ok(Math.abs(square / d.variance - 1) < 1e-12, d.kind);
    assert.equal(d.mass(0.5), 0);
  }
});

test('densities are the slopes of the distribution functions', () => {
  for (const d of CONTINUOUS)
    for (const p of [0.01, 0.2, 0.45, 0.7, 0.95]) {
      const x = d.quantile(p);
      const h = 1e-5 * Math.sqrt(Number.isFinite(d.variance) ? d.variance : 1);
      const slope = (d.cdf(x + h) - d.cdf(x - h)) / (2 * h);
      assert.ok(Math.abs(slope / d.density(x) - 1) < 1e-7, `${d.kind} ${p}`);
    }
});

test('draws have the mean, the variance and the quartiles', () => {
  for (const d of [...CONTINUOUS, ...DISCRETE] as readonly Distribution[]) {
    const n = 4000;
    const stream = randomStream(11, d.kind);
    const draws = Float64Array.from({ length: n }, () => d.sample(stream));
    const mean = draws.reduce((sum, x) => sum + x / n, 0);
    assert.ok(Math.abs(mean - d.mean) < 4 * Math.sqrt(d.variance / n), `${d.kind}: ${mean}`);
    for (const p of [0.25, 0.5, 0.75]) {
      const value = d.quantile(p);
      const share = draws.filter((x) => x <= value).length / n;
      assert.ok(Math.abs(share - d.cdf(value)) < 4 * Math.sqrt(0.25 / n), `${d.kind}: ${share}`);
    }
  }
});

test('closed forms: exponential tails, logistic and Laplace logs, Weibull moments', () => {
  assert.equal(exponentialDistribution(2).survival(300), Math.exp(-600));
  assert.equal(exponentialDistribution(2).logSurvival(1e5), -2e5);
  assert.equal(exponentialDistribution(1).cdf(1e-20), 1e-20);
  assert.equal(logisticDistribution().logCdf(-1e4), -1e4);
  assert.ok(Math.abs(laplaceDistribution().logSurvival(1e3) + 1e3 + Math.LN2) < 1e-12);
  const w = weibullDistribution(2, 1);
  assert.ok(Math.abs(w.mean - Math.sqrt(Math.PI) / 2) < 1e-15);
  assert.ok(Math.abs(w.variance - (1 - Math.PI / 4)) < 1e-15);
  assert.ok(Math.abs(normalDistribution().logSurvival(1e3) + 500007.8266948122) < 1e-9);
  assert.ok(Math.abs(studentTDistribution(1).survivalQuantile(0.25) - 1) < 1e-15);
  assert.ok(Math.abs(fDistribution(2, 2).cdf(3) - 0.75) < 1e-15);
});

test('densities at the ends and outside of the support', () => {
  assert.equal(betaDistribution(1, 3).logDensity(0), Math.log(3));
  assert.deepEqual(
    [0.5, 2].map((a) => betaDistribution(a, 2).density(0)),
    [Infinity, 0],
  );
  assert.deepEqual(
    [1, 2, 3].map((df) => fDistribution(df, 5).density(0)),
    [Infinity, 1, 0],
  );
  assert.equal(gammaDistribution(1, 4).density(0), 0.25);
  assert.equal(weibullDistribution(1, 4).density(0), 0.25);
  for (const d of CONTINUOUS) {
    const [low, high] = d.support;
    assert.deepEqual([d.cdf(low), d.cdf(high), d.survival(high)], [0, 1, 0], d.kind);
    assert.deepEqual([d.logCdf(low), d.logSurvival(low)], [-Infinity, 0], d.kind);
    assert.ok(Object.isFrozen(d) && Object.isFrozen(d.parameters));
    for (const f of [d.cdf, d.survival, d.density, d.logSurvival, d.quantile, d.quantileLog])
      assert.ok(Number.isNaN(f(Number.NaN)), d.kind);
  }
  assert.equal(uniformDistribution(0, 2).density(3), 0);
});

test('degenerate counts put all mass on one number', () => {
  assert.equal(binomialDistribution(5, 0).mass(0), 1);
  assert.equal(binomialDistribution(5, 1).mass(5), 1);
  assert.equal(binomialDistribution(5, 1).quantile(0.3), 5);
  assert.equal(binomialDistribution(0, 0.3).cdf(0), 1);
  assert.equal(negativeBinomialDistribution(2, 1).quantile(0.99), 0);
  assert.equal(hypergeometricDistribution(9, 0, 4).mass(0), 1);
  assert.equal(hypergeometricDistribution(9, 5, 9).mass(5), 1);
});

test('parameters out of range are refused by name', () => {
  const wrong: readonly (() => unknown)[] = [
    () => normalDistribution(0, 0),
    () => normalDistribution(Number.NaN, 1),
    () => studentTDistribution(-1),
    () => gammaDistribution(1, Infinity),
    () => uniformDistribution(1, 1),
    () => binomialDistribution(2.5, 0.5),
    () => binomialDistribution(2, 1.5),
    () => negativeBinomialDistribution(2, 0),
    () => hypergeometricDistribution(10, 11, 2),
  ];
  for (const make of wrong) assert.throws(make, InvalidDistribution);
  assert.throws(() => betaDistribution(2, -1), { code: 'E-COMPUTE-009', place: 'b' });
});
