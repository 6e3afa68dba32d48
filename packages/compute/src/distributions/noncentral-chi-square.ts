import { drawGamma, drawPoisson } from '../random/draw.ts';
import { gammaTail, logGammaPrefix } from '../special/incomplete-gamma.ts';
import { type Tail, tailLog } from '../special/tail.ts';
import { continuous } from './continuous.ts';
import { type ContinuousDistribution, requireParameter, requirePositive } from './distribution.ts';
import { poissonMixture } from './poisson-mixture.ts';
import { solveTail } from './solve-tail.ts';

/**
 * The noncentral chi-square distribution: the sum of squares of df normals whose means' squares
 * add up to the noncentrality (df need not be whole). A Poisson mixture of gamma distributions;
 * both tails are sums of positive terms. Draws need a noncentrality below 2^51; the cost grows
 * with its root.
 */
export function noncentralChiSquareDistribution(
  df: number,
  noncentrality: number,
): ContinuousDistribution {
  const kind = 'noncentralChiSquare';
  requirePositive(kind, { df });
  requireNoncentrality(kind, noncentrality);
  const half = 0.5 * noncentrality;
  const mean = df + noncentrality;
  const tail = (x: number): Tail => {
    const lower = x < mean;
    const term = (j: number): number => tailLog(gammaTail(0.5 * df + j, 0.5 * x), lower);
    return { lower, ...poissonMixture(half, term) };
  };
  const logDensity = (x: number): number => {
    if (x === 0) return df < 2 ? Infinity : df === 2 ? -half - Math.LN2 : -Infinity;
    if (x === Infinity) return -Infinity;
    const term = (j: number): number =>
      logGammaPrefix(0.5 * df + j, 0.5 * x) + Math.log((0.5 * df + j) / x);
    const { log, factor } = poissonMixture(half, term);
    return log + Math.log(factor);
  };
  return continuous({
    kind,
    parameters: { df, noncentrality },
    support: [0, Infinity],
    mean,
    variance: 2 * (df + 2 * noncentrality),
    logDensity,
    tail,
    solve: (logP, lower) => solveTail({ tail, logDensity, start: mean }, logP, lower),
    sample: (stream) => {
      const extra = drawPoisson(stream, half);
      return 2 * drawGamma(stream, 0.5 * df + extra);
    },
  });
}

/** Refuses a noncentrality that is not finite and at least 0. */
export function requireNoncentrality(kind: string, value: number): void {
  const holds = value >= 0 && value < Infinity;
  requireParameter(kind, 'noncentrality', value, holds, 'finite and at least 0');
}
