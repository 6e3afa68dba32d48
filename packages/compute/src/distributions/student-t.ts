import { drawGamma } from '../random/draw.ts';
import { betaTail } from '../special/incomplete-beta.ts';
import { betaSolution } from '../special/incomplete-beta-inverse.ts';
import { logBeta } from '../special/log-beta.ts';
import { remember } from '../special/remember.ts';
import type { Tail } from '../special/tail.ts';
import { continuous } from './continuous.ts';
import { type ContinuousDistribution, requirePositive } from './distribution.ts';

/**
 * Student's t distribution; its tails come from the incomplete beta function of df / (df + t^2).
 */
export function studentTDistribution(df: number): ContinuousDistribution {
  requirePositive('studentT', { df });
  const logScale = -logBeta(0.5, 0.5 * df) - 0.5 * Math.log(df);
  return continuous({
    kind: 'studentT',
    parameters: { df },
    support: [-Infinity, Infinity],
    mean: df > 1 ? 0 : Number.NaN,
    variance: df > 2 ? df / (df - 2) : df > 1 ? Infinity : Number.NaN,
    logDensity: (t) => logScale - 0.5 * (df + 1) * logGrowth(t, df),
    tail: (t) => tTail(t, df),
    solve: (logP, lower, p) => (lower ? -1 : 1) * tSize(logP, p, df),
    sample: (stream) => {
      const normal = stream.normal();
      return normal / Math.sqrt(drawGamma(stream, 0.5 * df) / (0.5 * df));
    },
  });
}

/** log(1 + t^2 / df), also where the square overflows. */
function logGrowth(t: number, df: number): number {
  const size = Math.abs(t) / Math.sqrt(df);
  return size > 1e150 ? 2 * Math.log(size) : Math.log1p((t * t) / df);
}

function tTail(t: number, df: number): Tail {
  const a = 0.5 * df;
  const lower = t < 0;
  const size = Math.abs(t) / Math.sqrt(df);
  // The first term of the tail is all of it here, and x below would underflow.
  if (size > 1e100) return { lower, log: firstTerm(a) - Math.LN2 - df * Math.log(size), factor: 1 };
  const odds = (t * t) / df;
  const x = 1 / (1 + odds);
  const y = odds / (1 + odds);
  const lambda = 0.5 * (Math.abs(t) - 1) * (Math.abs(t) + 1) * x;
  const both = betaTail({ a, b: 0.5, x, y, lambda });
  if (both.lower) return { lower, log: both.log - Math.LN2, factor: both.factor };
  return { lower, log: 0, factor: 0.5 - 0.5 * Math.exp(both.log) * both.factor };
}

/** log of 1 / (a B(a, 1/2)). */
function firstTerm(a: number): number {
  return keptFirstTerm(a, 0.5);
}

const keptFirstTerm: (a: number, b: number) => number = remember(
  (a, b) => -Math.log(a) - logBeta(a, b),
);

/** The size of t beyond which lies p on one side. */
function tSize(logP: number, p: number, df: number): number {
  const a = 0.5 * df;
  if (p > 0.25) {
    // Between both sides lies 1 - 2 p exactly.
    const centre = betaSolution(0.5, a, Math.log(1 - 2 * p));
    return Math.sqrt(df) * Math.sqrt(centre.x / centre.y);
  }
  const logBoth = logP + Math.LN2;
  const logX = (logBoth - firstTerm(a)) / a;
  if (logX < -600) return Math.exp(0.5 * (Math.log(df) - logX));
  const { x, y } = betaSolution(a, 0.5, logBoth);
  return Math.sqrt(df) * Math.sqrt(y / x);
}
