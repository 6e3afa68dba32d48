import type { Tail } from '../special/tail.ts';
import { logBinomialMass } from './binomial-mass.ts';
import { discrete } from './discrete.ts';
import { type DiscreteDistribution, requireCount, requireParameter } from './distribution.ts';

interface Urn {
  readonly population: number;
  readonly successes: number;
  readonly draws: number;
}

/**
 * The number of successes among `draws` taken without putting back from a population. Its tails
 * are sums of ratios of masses away from the mean, so they cost some standard deviations of steps.
 */
export function hypergeometricDistribution(
  population: number,
  successes: number,
  draws: number,
): DiscreteDistribution {
  requireCount('hypergeometric', 'population', population);
  requireCount('hypergeometric', 'successes', successes);
  requireCount('hypergeometric', 'draws', draws);
  const within = `at most the population, ${population}`;
  requireParameter('hypergeometric', 'successes', successes, successes <= population, within);
  requireParameter('hypergeometric', 'draws', draws, draws <= population, within);
  const urn: Urn = { population, successes, draws };
  const share = population === 0 ? 0 : successes / population;
  const left = population > 1 ? (population - draws) / (population - 1) : 0;
  const whole: DiscreteDistribution = discrete({
    kind: 'hypergeometric',
    parameters: { population, successes, draws },
    support: [Math.max(0, draws + successes - population), Math.min(draws, successes)],
    mean: draws * share,
    variance: draws * share * (1 - share) * left,
    skewness: 0,
    logMass: (k) => logMass(urn, k),
    tail: (k) => tail(urn, k),
    sample: (stream) => whole.quantile(stream.openUniform()),
  });
  return whole;
}

/**
 * Three binomial masses of one probability, which cancels, so that nothing large does (Loader
 * 2000).
 */
function logMass({ population, successes, draws }: Urn, k: number): number {
  const p = draws / population;
  return (
    logBinomialMass(successes, k, p) +
    logBinomialMass(population - successes, draws - k, p) -
    logBinomialMass(population, draws, p)
  );
}

/** The tail on the side of k that is away from the mean. */
function tail(urn: Urn, k: number): Tail {
  const { population, successes, draws } = urn;
  const failures = population - successes;
  const lower = k * population <= draws * successes;
  const from = lower ? k : k + 1;
  let term = 1;
  let sum = 1;
  for (let i = from; term > sum * 1e-17; i += lower ? -1 : 1) {
    const up = (successes - i) * (draws - i);
    const down = (i + 1) * (failures - draws + i + 1);
    const below = i * (failures - draws + i);
    term *= lower ? below / ((successes - i + 1) * (draws - i + 1)) : up / down;
    sum += term;
  }
  return { lower, log: logMass(urn, from), factor: sum };
}
