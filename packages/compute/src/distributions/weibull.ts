import { logGamma1p } from '../special/log-gamma.ts';
import type { Tail } from '../special/tail.ts';
import { continuous } from './continuous.ts';
import { type ContinuousDistribution, requirePositive } from './distribution.ts';

/** The exponential distribution with the given rate (its mean is 1 / rate). */
export function exponentialDistribution(rate = 1): ContinuousDistribution {
  requirePositive('exponential', { rate });
  return continuous({
    kind: 'exponential',
    parameters: { rate },
    support: [0, Infinity],
    mean: 1 / rate,
    variance: 1 / (rate * rate),
    logDensity: (x) => Math.log(rate) - rate * x,
    tail: (x) => unitTail(rate * x),
    solve: (logP, lower, p) => unitValue(logP, lower, p) / rate,
    sample: (stream) => stream.exponential() / rate,
  });
}

/** The Weibull distribution: (x / scale)^shape is exponential with mean 1. */
export function weibullDistribution(shape: number, scale = 1): ContinuousDistribution {
  requirePositive('weibull', { shape, scale });
  const logFirst = logGamma1p(1 / shape);
  const mean = scale * Math.exp(logFirst);
  const atZero = shape < 1 ? Infinity : shape === 1 ? -Math.log(scale) : -Infinity;
  return continuous({
    kind: 'weibull',
    parameters: { shape, scale },
    support: [0, Infinity],
    mean,
    variance: mean * mean * Math.expm1(logGamma1p(2 / shape) - 2 * logFirst),
    logDensity: (x) => {
      if (x === 0) return atZero;
      if (x === Infinity) return -Infinity;
      const z = x / scale;
      return Math.log(shape / scale) + (shape - 1) * Math.log(z) - z ** shape;
    },
    tail: (x) => unitTail((x / scale) ** shape),
    solve: (logP, lower, p) => {
      // A lower tail this small is its own quantile, in logarithms.
      if (lower && p < 1e-290) return scale * Math.exp(logP / shape);
      return scale * unitValue(logP, lower, p) ** (1 / shape);
    },
    sample: (stream) => scale * stream.exponential() ** (1 / shape),
  });
}

/** The smaller tail of the exponential distribution with mean 1. */
function unitTail(x: number): Tail {
  if (x < Math.LN2) return { lower: true, log: 0, factor: -Math.expm1(-x) };
  return { lower: false, log: -x, factor: 1 };
}

function unitValue(logP: number, lower: boolean, p: number): number {
  if (!lower) return -logP;
  return p < 1e-290 ? Math.exp(logP) : -Math.log1p(-p);
}
