import { drawBinomial, drawGamma, drawPoisson } from '../random/draw.ts';
import { betaPoint } from '../special/beta-point.ts';
import { betaTail, logBetaPrefix } from '../special/incomplete-beta.ts';
import { gammaTail, logGammaPrefix } from '../special/incomplete-gamma.ts';
import { flipTail } from '../special/tail.ts';
import { logBinomialMass } from './binomial-mass.ts';
import { discrete } from './discrete.ts';
import {
  type DiscreteDistribution,
  requireCount,
  requireParameter,
  requirePositive,
} from './distribution.ts';

/** The Poisson distribution; P(X <= k) = Q(k + 1, mean). Draws need a mean below 2^50. */
export function poissonDistribution(mean: number): DiscreteDistribution {
  requirePositive('poisson', { mean });
  return discrete({
    kind: 'poisson',
    parameters: { mean },
    support: [0, Infinity],
    mean,
    variance: mean,
    skewness: 1 / Math.sqrt(mean),
    logMass: (k) => (k === 0 ? -mean : logGammaPrefix(k, mean)),
    tail: (k) => flipTail(gammaTail(k + 1, mean)),
    sample: (stream) => drawPoisson(stream, mean),
  });
}

/**
 * The number of successes in `trials`, each of probability p; P(X > k) = I_p(k + 1, trials - k).
 */
export function binomialDistribution(trials: number, p: number): DiscreteDistribution {
  requireCount('binomial', 'trials', trials);
  requireParameter('binomial', 'p', p, p >= 0 && p <= 1, 'from 0 to 1');
  return discrete({
    kind: 'binomial',
    parameters: { trials, p },
    support: [0, trials],
    mean: trials * p,
    variance: trials * p * (1 - p),
    skewness: (1 - 2 * p) / Math.sqrt(trials * p * (1 - p)),
    logMass: (k) => logBinomialMass(trials, k, p),
    tail: (k) => flipTail(betaTail(betaPoint(k + 1, trials - k, p))),
    sample: (stream) => drawBinomial(stream, trials, p),
  });
}

/**
 * The number of failures before success number `size`, each of probability p; `size` need not be
 * whole (a Poisson count whose mean is gamma distributed). P(X <= k) = I_p(size, k + 1).
 */
export function negativeBinomialDistribution(size: number, p: number): DiscreteDistribution {
  requirePositive('negativeBinomial', { size });
  requireParameter('negativeBinomial', 'p', p, p > 0 && p <= 1, 'above 0, at most 1');
  const odds = (1 - p) / p;
  return discrete({
    kind: 'negativeBinomial',
    parameters: { size, p },
    support: [0, Infinity],
    mean: size * odds,
    variance: (size * odds) / p,
    skewness: (2 - p) / Math.sqrt(size * (1 - p)),
    logMass: (k) => {
      if (k === 0) return size * Math.log(p);
      return logBetaPrefix(betaPoint(size, k, p)) - Math.log(k);
    },
    tail: (k) => betaTail(betaPoint(size, k + 1, p)),
    sample: (stream) => {
      const mean = odds * drawGamma(stream, size);
      return drawPoisson(stream, mean);
    },
  });
}
