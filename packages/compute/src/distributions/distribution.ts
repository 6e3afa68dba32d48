import { InvalidDistribution } from '../error.ts';
import type { RandomStream } from '../random/random-stream.ts';

/**
 * A probability distribution of one variable, frozen. Every function of a number gives NaN for
 * NaN. Survival functions and logarithms have their own relative accuracy: none is made by 1 -
 * cdf.
 */
export interface Distribution {
  readonly kind: string;
  readonly parameters: Readonly<Record<string, number>>;
  /** The smallest and the largest value, either may be infinite. */
  readonly support: readonly [number, number];
  readonly mean: number;
  readonly variance: number;
  /** P(X <= x). */
  cdf(x: number): number;
  /** P(X > x). */
  survival(x: number): number;
  logCdf(x: number): number;
  logSurvival(x: number): number;
  /** The smallest x with cdf(x) >= p; NaN unless 0 <= p <= 1. */
  quantile(p: number): number;
  /** The smallest x with survival(x) <= q, for a q too small for 1 - q. */
  survivalQuantile(q: number): number;
  sample(stream: RandomStream): number;
}

/** A distribution with a density. */
export interface ContinuousDistribution extends Distribution {
  density(x: number): number;
  logDensity(x: number): number;
  /** The quantile of exp(logP), for probabilities below the smallest double. */
  quantileLog(logP: number): number;
  /** The value whose survival function is exp(logQ). */
  survivalQuantileLog(logQ: number): number;
}

/** A distribution over whole numbers; its mass is 0 elsewhere. */
export interface DiscreteDistribution extends Distribution {
  mass(k: number): number;
  logMass(k: number): number;
}

/** Refuses a parameter out of its range, naming both. */
export function requireParameter(
  kind: string,
  name: string,
  value: number,
  holds: boolean,
  allowed: string,
): void {
  if (!holds) throw new InvalidDistribution(kind, name, value, allowed);
}

/** Refuses a parameter that is not finite and above 0. */
export function requirePositive(kind: string, parameters: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(parameters))
    requireParameter(kind, name, value, value > 0 && value < Infinity, 'finite and above 0');
}

/** Refuses a parameter that is not finite. */
export function requireFinite(kind: string, parameters: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(parameters))
    requireParameter(kind, name, value, Number.isFinite(value), 'finite');
}

/** Refuses what is no whole number from 0 to 2^50. */
export function requireCount(kind: string, name: string, value: number): void {
  const holds = Number.isInteger(value) && value >= 0 && value <= 2 ** 50;
  requireParameter(kind, name, value, holds, 'a whole number from 0 to 2^50');
}
