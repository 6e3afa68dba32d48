import { HALF_LOG_TWO_PI } from '../special/log-gamma.ts';
import { logNormalCdf, normalCdf } from '../special/normal-cdf.ts';
import { normalQuantile, normalQuantileLog } from '../special/normal-quantile.ts';
import type { Tail } from '../special/tail.ts';
import { continuous } from './continuous.ts';
import { type ContinuousDistribution, requireFinite, requirePositive } from './distribution.ts';

/** The normal distribution with the given mean and standard deviation. */
export function normalDistribution(mean = 0, sd = 1): ContinuousDistribution {
  requireFinite('normal', { mean });
  requirePositive('normal', { sd });
  const whole = continuous({
    kind: 'normal',
    parameters: { mean, sd },
    support: [-Infinity, Infinity],
    mean,
    variance: sd * sd,
    logDensity: (x) => -0.5 * ((x - mean) / sd) ** 2 - HALF_LOG_TWO_PI - Math.log(sd),
    tail: (x) => normalTail((x - mean) / sd),
    solve: (logP, lower, p) => mean + (lower ? sd : -sd) * normalSize(logP, p),
    sample: (stream) => mean + sd * stream.normal(),
  });
  // Directly these keep a last digit more than the exponential of a logarithm would.
  return Object.freeze({
    ...whole,
    cdf: (x: number) => normalCdf((x - mean) / sd),
    survival: (x: number) => normalCdf((mean - x) / sd),
  });
}

/** The tail beyond z, as the logarithm alone. */
export function normalTail(z: number): Tail {
  return { lower: z < 0, log: logNormalCdf(-Math.abs(z)), factor: 1 };
}

/** The quantile of p = exp(logP), by whichever of both has not underflowed. */
export function normalSize(logP: number, p: number): number {
  return p > 1e-290 ? normalQuantile(p) : normalQuantileLog(logP);
}
