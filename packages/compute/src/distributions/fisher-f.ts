import { drawGamma } from '../random/draw.ts';
import type { BetaPoint } from '../special/beta-point.ts';
import { betaTail, logBetaPrefix } from '../special/incomplete-beta.ts';
import { betaSolution } from '../special/incomplete-beta-inverse.ts';
import { continuous } from './continuous.ts';
import { type ContinuousDistribution, requirePositive } from './distribution.ts';

/** Fisher's F distribution: the ratio of two chi-squares, each over its degrees of freedom. */
export function fDistribution(df1: number, df2: number): ContinuousDistribution {
  requirePositive('f', { df1, df2 });
  const a = 0.5 * df1;
  const b = 0.5 * df2;
  const ratio = df2 / df1;
  return continuous({
    kind: 'f',
    parameters: { df1, df2 },
    support: [0, Infinity],
    mean: df2 > 2 ? df2 / (df2 - 2) : Infinity,
    variance: variance(df1, df2),
    logDensity: (f) => {
      if (f === 0) return df1 < 2 ? Infinity : df1 === 2 ? 0 : -Infinity;
      if (f === Infinity) return -Infinity;
      return logBetaPrefix(fPoint(f, df1, df2)) - Math.log(f);
    },
    tail: (f) => betaTail(fPoint(f, df1, df2)),
    solve: (logP, lower) => {
      if (lower) {
        const { x, y } = betaSolution(a, b, logP);
        return ratio * (x / y);
      }
      const { x, y } = betaSolution(b, a, logP);
      return ratio * (y / x);
    },
    sample: (stream) => {
      const above = drawGamma(stream, a);
      return (ratio * above) / drawGamma(stream, b);
    },
  });
}

/**
 * x = w / (1 + w) and y of w = f df1 / df2; the distance from the mean comes from 1 - f, which is
 * exact.
 */
export function fPoint(f: number, df1: number, df2: number): BetaPoint {
  const w = (df1 / df2) * f;
  const inverse = 1 / w;
  const x = w > 1 ? 1 / (1 + inverse) : w / (1 + w);
  const y = w > 1 ? inverse / (1 + inverse) : 1 / (1 + w);
  return { a: 0.5 * df1, b: 0.5 * df2, x, y, lambda: 0.5 * df1 * (1 - f) * y };
}

function variance(df1: number, df2: number): number {
  if (df2 <= 4) return df2 > 2 ? Infinity : Number.NaN;
  return (2 * (df2 / (df2 - 2)) ** 2 * (df1 + df2 - 2)) / (df1 * (df2 - 4));
}
