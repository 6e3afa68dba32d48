import { drawBeta } from '../random/draw.ts';
import { betaPoint } from '../special/beta-point.ts';
import { betaTail, logBetaPrefix } from '../special/incomplete-beta.ts';
import { betaSolution } from '../special/incomplete-beta-inverse.ts';
import { continuous } from './continuous.ts';
import { type ContinuousDistribution, requirePositive } from './distribution.ts';

/** The beta distribution with shapes a and b, on [0, 1]. */
export function betaDistribution(a: number, b: number): ContinuousDistribution {
  requirePositive('beta', { a, b });
  const total = a + b;
  return continuous({
    kind: 'beta',
    parameters: { a, b },
    support: [0, 1],
    mean: a / total,
    variance: ((a / total) * (b / total)) / (total + 1),
    logDensity: (x) => {
      if (x === 0) return edge(a, b);
      if (x === 1) return edge(b, a);
      return logBetaPrefix(betaPoint(a, b, x)) - Math.log(x) - Math.log1p(-x);
    },
    tail: (x) => betaTail(betaPoint(a, b, x)),
    solve: (logP, lower) => (lower ? betaSolution(a, b, logP).x : betaSolution(b, a, logP).y),
    sample: (stream) => drawBeta(stream, a, b),
  });
}

/** The log density at the end that belongs to the first shape. */
function edge(shape: number, other: number): number {
  if (shape === 1) return Math.log(other);
  return shape < 1 ? Infinity : -Infinity;
}
