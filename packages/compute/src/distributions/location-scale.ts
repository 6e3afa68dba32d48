import { continuous } from './continuous.ts';
import {
  type ContinuousDistribution,
  requireFinite,
  requireParameter,
  requirePositive,
} from './distribution.ts';

/** The uniform distribution on [low, high]. */
export function uniformDistribution(low = 0, high = 1): ContinuousDistribution {
  requireFinite('uniform', { low, high });
  requireParameter('uniform', 'high', high, high > low, `above low, ${low}`);
  const width = high - low;
  return continuous({
    kind: 'uniform',
    parameters: { low, high },
    support: [low, high],
    mean: low + 0.5 * width,
    variance: (width * width) / 12,
    logDensity: () => -Math.log(width),
    tail: (x) => {
      const lower = x - low < high - x;
      return { lower, log: 0, factor: (lower ? x - low : high - x) / width };
    },
    solve: (logP, lower, p) => {
      const part = width * (p > 0 ? p : Math.exp(logP));
      return lower ? low + part : high - part;
    },
    sample: (stream) => low + width * stream.uniform(),
  });
}

/**
 * The Laplace (double exponential) distribution: density exp(-|x - location| / scale) / (2 scale).
 */
export function laplaceDistribution(location = 0, scale = 1): ContinuousDistribution {
  requireFinite('laplace', { location });
  requirePositive('laplace', { scale });
  return continuous({
    kind: 'laplace',
    parameters: { location, scale },
    support: [-Infinity, Infinity],
    mean: location,
    variance: 2 * scale * scale,
    logDensity: (x) => -Math.abs(x - location) / scale - Math.log(2 * scale),
    tail: (x) => ({ lower: x < location, log: -Math.abs(x - location) / scale, factor: 0.5 }),
    solve: (logP, lower, p) => {
      const size = p > 0.25 ? -Math.log1p(2 * p - 1) : -(logP + Math.LN2);
      return location + (lower ? -scale : scale) * size;
    },
    sample: (stream) => {
      const size = scale * stream.exponential();
      return location + (stream.uniform() < 0.5 ? -size : size);
    },
  });
}

/** The logistic distribution: cdf 1 / (1 + exp(-(x - location) / scale)). */
export function logisticDistribution(location = 0, scale = 1): ContinuousDistribution {
  requireFinite('logistic', { location });
  requirePositive('logistic', { scale });
  return continuous({
    kind: 'logistic',
    parameters: { location, scale },
    support: [-Infinity, Infinity],
    mean: location,
    variance: (scale * Math.PI) ** 2 / 3,
    logDensity: (x) => {
      const size = Math.abs(x - location) / scale;
      return -size - 2 * Math.log1p(Math.exp(-size)) - Math.log(scale);
    },
    tail: (x) => {
      const size = Math.abs(x - location) / scale;
      return { lower: x < location, log: -size, factor: 1 / (1 + Math.exp(-size)) };
    },
    solve: (logP, lower, p) => {
      const size = p > 0.25 ? -Math.log1p((2 * p - 1) / (1 - p)) : Math.log1p(-p) - logP;
      return location + (lower ? -scale : scale) * size;
    },
    sample: (stream) => {
      const u = stream.openUniform();
      return location + scale * (Math.log(u) - Math.log1p(-u));
    },
  });
}
