import { drawGamma, drawPoisson } from '../random/draw.ts';
import type { BetaPoint } from '../special/beta-point.ts';
import { betaTail, logBetaPrefix } from '../special/incomplete-beta.ts';
import { type Tail, tailLog } from '../special/tail.ts';
import { continuous } from './continuous.ts';
import { type ContinuousDistribution, requirePositive } from './distribution.ts';
import { fPoint } from './fisher-f.ts';
import { requireNoncentrality } from './noncentral-chi-square.ts';
import { poissonMixture } from './poisson-mixture.ts';
import { solveTail } from './solve-tail.ts';

/**
 * The noncentral F distribution: a noncentral chi-square over a chi-square, each over its degrees
 * of freedom; for instance the power of an analysis of variance. A Poisson mixture of beta
 * distributions.
 */
export function noncentralFDistribution(
  df1: number,
  df2: number,
  noncentrality: number,
): ContinuousDistribution {
  const kind = 'noncentralF';
  requirePositive(kind, { df1, df2 });
  requireNoncentrality(kind, noncentrality);
  const half = 0.5 * noncentrality;
  const typical = 1 + noncentrality / df1;
  const tail = (f: number): Tail => {
    const lower = f < typical;
    const point = fPoint(f, df1, df2);
    const term = (j: number): number => tailLog(betaTail(raised(point, j)), lower);
    return { lower, ...poissonMixture(half, term) };
  };
  const logDensity = (f: number): number => {
    if (f === 0) return df1 < 2 ? Infinity : df1 === 2 ? -half : -Infinity;
    if (f === Infinity) return -Infinity;
    const point = fPoint(f, df1, df2);
    const { log, factor } = poissonMixture(half, (j) => logBetaPrefix(raised(point, j)));
    return log + Math.log(factor / f);
  };
  return continuous({
    kind,
    parameters: { df1, df2, noncentrality },
    support: [0, Infinity],
    mean: df2 > 2 ? (df2 / (df2 - 2)) * typical : Infinity,
    variance: variance(df1, df2, noncentrality),
    logDensity,
    tail,
    solve: (logP, lower) => solveTail({ tail, logDensity, start: typical }, logP, lower),
    sample: (stream) => {
      const extra = drawPoisson(stream, half);
      const above = drawGamma(stream, 0.5 * df1 + extra);
      return ((df2 / df1) * above) / drawGamma(stream, 0.5 * df2);
    },
  });
}

/** The same x with the first shape j larger. */
function raised(point: BetaPoint, j: number): BetaPoint {
  return { ...point, a: point.a + j, lambda: point.lambda + j * point.y };
}

function variance(df1: number, df2: number, noncentrality: number): number {
  if (df2 <= 4) return df2 > 2 ? Infinity : Number.NaN;
  const first = df1 + noncentrality;
  const sum = first * first + (first + noncentrality) * (df2 - 2);
  return (2 * (df2 / df1) ** 2 * sum) / ((df2 - 2) ** 2 * (df2 - 4));
}
