import { drawGamma } from '../random/draw.ts';
import { HALF_LOG_TWO_PI, logGammaRise, stirlingCorrection } from '../special/log-gamma.ts';
import { log1pmx } from '../special/log1pmx.ts';
import { logNormalCdf } from '../special/normal-cdf.ts';
import { type Tail, tailLog } from '../special/tail.ts';
import { continuous } from './continuous.ts';
import { type ContinuousDistribution, requireFinite, requireParameter } from './distribution.ts';

/**
 * The noncentral t distribution: (Z + noncentrality) / sqrt(V / df) for Z normal and V chi-square,
 * for instance the power of a t test. Tails and density are integrals over the scale s = sqrt(V /
 * df) of positive functions, by the trapezoidal rule in log s, which converges exponentially
 * there: relative errors below 1e-12 in both tails for |noncentrality| to 40. df is at least 0.1.
 */
export function noncentralTDistribution(df: number, noncentrality: number): ContinuousDistribution {
  const kind = 'noncentralT';
  requireParameter(kind, 'df', df, df >= 0.1 && df < Infinity, 'at least 0.1 and finite');
  requireFinite(kind, { noncentrality });
  const mean = df > 1 ? noncentrality * meanFactor(df) : Number.NaN;
  const second = (df * (1 + noncentrality * noncentrality)) / (df - 2);
  const tail = (t: number): Tail => tailAt(t, df, noncentrality);
  const logDensity = (t: number): number =>
    Number.isFinite(t) ? logDensityAt(t, df, noncentrality) : -Infinity;
  return continuous({
    kind,
    parameters: { df, noncentrality },
    support: [-Infinity, Infinity],
    mean,
    variance: df > 2 ? second - mean * mean : df > 1 ? Infinity : Number.NaN,
    logDensity,
    tail,
    solve: (logP, lower) => solve(logP, lower, noncentrality, tail, logDensity),
    sample: (stream) => {
      const shifted = stream.normal() + noncentrality;
      return shifted / Math.sqrt(drawGamma(stream, 0.5 * df) / (0.5 * df));
    },
  });
}

/** sqrt(df / 2) Gamma((df - 1) / 2) / Gamma(df / 2). */
function meanFactor(df: number): number {
  return Math.exp(0.5 * Math.log(0.5 * df) - logGammaRise(0.5 * (df - 1), 0.5));
}

function tailAt(t: number, df: number, noncentrality: number): Tail {
  const lower = t < noncentrality;
  const weight = (s: number): number => {
    const z = t * s - noncentrality;
    return logNormalCdf(lower ? z : -z);
  };
  const { log, factor } = scaleIntegral(weight, t, df);
  return { lower, log, factor };
}

function logDensityAt(t: number, df: number, noncentrality: number): number {
  const weight = (s: number): number =>
    Math.log(s) - 0.5 * (t * s - noncentrality) ** 2 - HALF_LOG_TWO_PI;
  const { log, factor } = scaleIntegral(weight, t, df);
  return log + Math.log(factor);
}

/** The mean of exp(weight(s)) over s, the root of a chi-square over its degrees of freedom. */
function scaleIntegral(
  weight: (s: number) => number,
  t: number,
  df: number,
): { readonly log: number; readonly factor: number } {
  const height = (u: number): number => 0.5 * df * chiLog(u) + weight(Math.exp(u));
  const peak = highest(height);
  const top = height(peak);
  const scale = Math.abs(t) * Math.exp(peak);
  const step = Math.min(0.1, 0.4 / Math.sqrt(2 * df + scale * scale));
  let sum = 1;
  for (const direction of [-step, step])
    for (let i = 1; ; i++) {
      const term = Math.exp(height(peak + i * direction) - top);
      if (!(term > 1e-17 * sum * Math.min(1, df))) break;
      sum += term;
    }
  const peakMass = Math.LN2 + 0.5 * Math.log(0.5 * df) - HALF_LOG_TWO_PI;
  return { log: top + peakMass - stirlingCorrection(0.5 * df), factor: sum * step };
}

/**
 * log(s^2) + 1 - s^2 for s = exp(u), which log1pmx of a rounded s^2 - 1 would lose far below 0.
 */
function chiLog(u: number): number {
  const less = Math.expm1(2 * u);
  return u < -0.3 ? 2 * u - less : log1pmx(less);
}

/** Where a function of one peak is highest, roughly: growing steps, then golden section. */
function highest(height: (u: number) => number): number {
  let low = -1;
  let high = 1;
  while (height(low) > height(low + 0.1)) low *= 2;
  while (height(high) > height(high - 0.1)) high *= 2;
  const golden = 0.6180339887498949;
  let left = high - golden * (high - low);
  let right = low + golden * (high - low);
  let atLeft = height(left);
  let atRight = height(right);
  while (high - low > 1e-3 * (1 + Math.abs(low))) {
    if (atLeft > atRight) {
      high = right;
      right = left;
      atRight = atLeft;
      left = high - golden * (high - low);
      atLeft = height(left);
    } else {
      low = left;
      left = right;
      atLeft = atRight;
      right = low + golden * (high - low);
      atRight = height(right);
    }
  }
  return 0.5 * (low + high);
}

/** Newton's method on the logarithm of the tail; in log t where that is a power of t. */
function solve(
  logP: number,
  lower: boolean,
  start: number,
  tail: (t: number) => Tail,
  logDensity: (t: number) => number,
): number {
  const side = lower ? 1 : -1;
  let t = start;
  for (let i = 0; i < 200; i++) {
    const log = tailLog(tail(t), lower);
    const step = ((logP - log) * side) / Math.exp(logDensity(t) - log);
    const outward = t * side < -1;
    const relative = step / t;
    if (outward) t *= Math.exp(Math.max(-2, Math.min(2, relative)));
    else t += Math.max(-3, Math.min(3, step));
    if (!(Math.abs(step) > 1e-9 * Math.max(1e-6, Math.abs(t)))) break;
  }
  return t;
}
