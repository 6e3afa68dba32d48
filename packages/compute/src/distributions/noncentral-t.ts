import { drawGamma } from '../random/draw.ts';
import { HALF_LOG_TWO_PI } from '../special/log-gamma.ts';
import { logNormalCdf } from '../special/normal-cdf.ts';
import { type Tail, tailLog } from '../special/tail.ts';
import { continuous } from './continuous.ts';
import { type ContinuousDistribution, requireFinite, requireParameter } from './distribution.ts';
import { inverseScaleMean, scaleIntegral } from './scale-integral.ts';

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
  const mean = df > 1 ? noncentrality * inverseScaleMean(df) : Number.NaN;
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

function tailAt(t: number, df: number, noncentrality: number): Tail {
  const lower = t < noncentrality;
  const weight = (s: number): number => {
    const z = t * s - noncentrality;
    return logNormalCdf(lower ? z : -z);
  };
  const { log, factor } = scaleIntegral(weight, df, (s) => Math.abs(t) * s);
  return { lower, log, factor };
}

function logDensityAt(t: number, df: number, noncentrality: number): number {
  const weight = (s: number): number =>
    Math.log(s) - 0.5 * (t * s - noncentrality) ** 2 - HALF_LOG_TWO_PI;
  const { log, factor } = scaleIntegral(weight, df, (s) => Math.abs(t) * s);
  return log + Math.log(factor);
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
