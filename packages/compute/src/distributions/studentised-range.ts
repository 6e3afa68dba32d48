import { drawGamma } from '../random/draw.ts';
import { HALF_LOG_TWO_PI } from '../special/log-gamma.ts';
import type { Tail } from '../special/tail.ts';
import { continuous } from './continuous.ts';
import { type ContinuousDistribution, requireParameter } from './distribution.ts';
import { logRangeBelow, logRangeBeyond, logRangeDensity, rangeMoments } from './normal-range.ts';
import { inverseScaleMean, scaleIntegral } from './scale-integral.ts';
import { solveTail } from './solve-tail.ts';
import { studentTDistribution } from './student-t.ts';

/**
 * Tukey's studentised range: the range of `groups` standard normals over an independent root of a chi-square
 * over its degrees of freedom, for all pairwise comparisons of means (Tukey 1953). Both tails and the density
 * are double integrals of positive functions by the trapezoidal rule, so that neither tail is one less the
 * other: the logarithms of all three are within a relative 1e-12. groups is a whole number from 2 to 1,000; df
 * is from 0.5 to 1e7, or infinite where the deviation is known.
 */
export function studentisedRangeDistribution(groups: number, df: number): ContinuousDistribution {
  const kind = 'studentisedRange';
  const whole = Number.isInteger(groups) && groups >= 2 && groups <= 1000;
  requireParameter(kind, 'groups', groups, whole, 'a whole number from 2 to 1000');
  const allowed = (df >= 0.5 && df <= 1e7) || df === Infinity;
  requireParameter(kind, 'df', df, allowed, 'from 0.5 to 1e7, or infinite');
  const { mean: middle, square } = rangeMoments(groups);
  const tail = (q: number): Tail => tailAt(q, groups, df, middle);
  const logDensity = (q: number): number => logDensityAt(q, groups, df);
  const mean = df > 1 ? middle * (df === Infinity ? 1 : inverseScaleMean(df)) : Number.NaN;
  const second = df === Infinity ? square : (square * df) / (df - 2);
  return continuous({
    kind,
    parameters: { groups, df },
    support: [0, Infinity],
    mean,
    variance: df > 2 ? second - mean * mean : df > 1 ? Infinity : Number.NaN,
    logDensity,
    tail,
    solve: (logP, lower) => {
      const start = lower ? lowerStart(logP, groups, middle) : upperStart(logP, groups, df);
      // A tail of few degrees of freedom reaches beyond the largest double.
      return start === Infinity ? start : solveTail({ tail, logDensity, start }, logP, lower);
    },
    sample: (stream) => {
      let [least, most] = [Infinity, -Infinity];
      for (let group = 0; group < groups; group++) {
        const value = stream.normal();
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      if (df === Infinity) return most - least;
      return (most - least) / Math.sqrt(drawGamma(stream, 0.5 * df) / (0.5 * df));
    },
  });
}

/** The lower tail grows at most by q to the groups less 1, and by that near 0. */
function lowerStart(logP: number, groups: number, middle: number): number {
  return 0.7 * middle * Math.exp((logP + Math.LN2) / (groups - 1));
}

/** The sum over all pairs bounds the upper tail and is all of it far out. */
function upperStart(logP: number, groups: number, df: number): number {
  const t = studentTDistribution(Math.min(df, 1e7));
  const pairs = Math.log(groups) + Math.log(groups - 1);
  return Math.SQRT2 * t.survivalQuantileLog(logP - pairs);
}

/** From here on the upper tail is a power of q, -df, to the last digit. */
const POWER = 1e100;

function tailAt(q: number, groups: number, df: number, middle: number): Tail {
  const lower = q < middle;
  const logRange = lower ? logRangeBelow : logRangeBeyond;
  if (df === Infinity) return { lower, log: logRange(q, groups), factor: 1 };
  const near = Math.min(q, POWER);
  const weight = (s: number): number => logRange(near * s, groups);
  const { log, factor } = scaleIntegral(weight, df, steepness(near, groups));
  return { lower, log: log - df * Math.log(q / near), factor };
}

/** Of the logarithm of the range's tails by log s: normal far out, a Gumbel's double exponential below. */
function steepness(q: number, groups: number): (s: number) => number {
  return (s) => Math.max(q * s, 6 * Math.log(groups));
}

function logDensityAt(q: number, groups: number, df: number): number {
  // Two normals are as close as they like; more are not all at one place.
  if (q === 0)
    return groups > 2 ? -Infinity : Math.LN2 - HALF_LOG_TWO_PI - 0.5 * Math.LN2 + logScale(df);
  if (q === Infinity) return -Infinity;
  if (df === Infinity) return logRangeDensity(q, groups);
  const near = Math.min(q, POWER);
  const weight = (s: number): number => Math.log(s) + logRangeDensity(near * s, groups);
  const { log, factor } = scaleIntegral(weight, df, steepness(near, groups));
  return log + Math.log(factor) - (df + 1) * Math.log(q / near);
}

/** log of the mean of s. */
function logScale(df: number): number {
  if (df === Infinity) return 0;
  // Gamma((df + 1) / 2) / Gamma(df / 2) is the inverse of what df + 1 has.
  return -Math.log(inverseScaleMean(df + 1)) + 0.5 * Math.log1p(1 / df);
}
