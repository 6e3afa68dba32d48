import type { RandomStream } from '../random/random-stream.ts';
import { normalQuantile } from '../special/normal-quantile.ts';
import { type Tail, tailLog, tailValue } from '../special/tail.ts';
import type { DiscreteDistribution } from './distribution.ts';

/** What tells one distribution over whole numbers from another. */
interface DiscreteParts {
  readonly kind: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly support: readonly [number, number];
  readonly mean: number;
  readonly variance: number;
  /** Only where the search for a quantile begins depends on it. */
  readonly skewness: number;
  /** Asked only for whole numbers of the support. */
  readonly logMass: (k: number) => number;
  /** P(X <= k) or P(X > k), for whole k of the support except the largest. */
  readonly tail: (k: number) => Tail;
  readonly sample: (stream: RandomStream) => number;
}

/** The whole distribution from its parts; quantiles undo cdf and survival exactly. */
export function discrete(parts: DiscreteParts): DiscreteDistribution {
  const { kind, parameters, support, mean, variance, skewness, logMass, tail, sample } = parts;
  const [low, high] = support;
  const side = (x: number, lower: boolean): number =>
    outside(x, low, high, lower) ?? tailValue(tail(Math.floor(x)), lower);
  const logSide = (x: number, lower: boolean): number => {
    const edge = outside(x, low, high, lower);
    return edge === undefined ? tailLog(tail(Math.floor(x)), lower) : Math.log(edge);
  };
  const logMassAt = (k: number): number => {
    if (Number.isNaN(k)) return k;
    return Number.isInteger(k) && k >= low && k <= high ? logMass(k) : -Infinity;
  };
  const spread = Math.sqrt(variance);
  // Cornish and Fisher's expansion; a degenerate distribution has no skewness.
  const bend = spread > 0 ? skewness / 6 : 0;
  const guess = (z: number): number => {
    const near = Math.round(mean - 0.5 + spread * (z + bend * (z * z - 1)));
    return Math.max(low, Math.min(high, near));
  };
  const quantile = (p: number): number => {
    if (!(p >= 0 && p <= 1)) return Number.NaN;
    if (p === 0 || p === 1) return p === 0 ? low : high;
    return smallest((k) => side(k, true) >= p, low, high, guess(normalQuantile(p)));
  };
  const survivalQuantile = (q: number): number => {
    if (!(q >= 0 && q <= 1)) return Number.NaN;
    if (q === 0 || q === 1) return q === 0 ? high : low;
    return smallest((k) => side(k, false) <= q, low, high, guess(-normalQuantile(q)));
  };
  return Object.freeze({
    kind,
    parameters: Object.freeze(parameters),
    support: Object.freeze(support),
    mean,
    variance,
    mass: (k: number) => Math.exp(logMassAt(k)),
    logMass: logMassAt,
    cdf: (x: number) => side(x, true),
    survival: (x: number) => side(x, false),
    logCdf: (x: number) => logSide(x, true),
    logSurvival: (x: number) => logSide(x, false),
    quantile,
    survivalQuantile,
    sample,
  });
}

function outside(x: number, low: number, high: number, lower: boolean): number | undefined {
  if (Number.isNaN(x)) return x;
  if (x < low) return lower ? 0 : 1;
  if (x >= high) return lower ? 1 : 0;
  return undefined;
}

/**
 * The smallest whole number from low to high that holds: doubling steps from a guess, then
 * halving.
 */
function smallest(holds: (k: number) => boolean, low: number, high: number, guess: number): number {
  let step = 1;
  let fails = low - 1;
  let found = guess;
  if (holds(guess)) {
    for (; ; step *= 2) {
      const below = Math.max(low - 1, found - step);
      if (below < low || !holds(below)) {
        fails = below;
        break;
      }
      found = below;
    }
  } else {
    fails = guess;
    found = Math.min(high, guess + step);
    while (found < high && !holds(found)) {
      fails = found;
      step *= 2;
      found = Math.min(high, found + step);
    }
  }
  while (found - fails > 1) {
    const middle = fails + Math.floor((found - fails) / 2);
    if (holds(middle)) found = middle;
    else fails = middle;
  }
  return found;
}
