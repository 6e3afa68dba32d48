import { HALF_LOG_TWO_PI } from '../special/log-gamma.ts';
import { continuous } from './continuous.ts';
import { type ContinuousDistribution, requireFinite, requirePositive } from './distribution.ts';
import { normalSize, normalTail } from './normal.ts';

/** The distribution of exp(Z) for Z normal with mean `logMean` and standard deviation `logSd`. */
export function logNormalDistribution(logMean = 0, logSd = 1): ContinuousDistribution {
  requireFinite('logNormal', { logMean });
  requirePositive('logNormal', { logSd });
  const variance = logSd * logSd;
  const score = (x: number): number => (Math.log(x) - logMean) / logSd;
  return continuous({
    kind: 'logNormal',
    parameters: { logMean, logSd },
    support: [0, Infinity],
    mean: Math.exp(logMean + 0.5 * variance),
    variance: Math.expm1(variance) * Math.exp(2 * logMean + variance),
    logDensity: (x) => {
      if (x === 0 || x === Infinity) return -Infinity;
      return -0.5 * score(x) ** 2 - HALF_LOG_TWO_PI - Math.log(logSd) - Math.log(x);
    },
    tail: (x) => normalTail(score(x)),
    solve: (logP, lower, p) => Math.exp(logMean + (lower ? logSd : -logSd) * normalSize(logP, p)),
    sample: (stream) => Math.exp(logMean + logSd * stream.normal()),
  });
}
