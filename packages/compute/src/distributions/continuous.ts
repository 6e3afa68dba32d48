import type { RandomStream } from '../random/random-stream.ts';
import { log1mExp } from '../special/log-exp.ts';
import { type Tail, tailLog, tailValue } from '../special/tail.ts';
import type { ContinuousDistribution } from './distribution.ts';

/** What tells one continuous distribution from another. */
interface ContinuousParts {
  readonly kind: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly support: readonly [number, number];
  readonly mean: number;
  readonly variance: number;
  /** Asked only within the support, its ends included. */
  readonly logDensity: (x: number) => number;
  /** Asked only strictly within the support. */
  readonly tail: (x: number) => Tail;
  /** The value below (or above) which lies p = exp(logP), above 0 and at most one half. */
  readonly solve: (logP: number, lower: boolean, p: number) => number;
  readonly sample: (stream: RandomStream) => number;
}

/** The whole distribution from its parts: ends of the support, complements and logarithms. */
export function continuous(parts: ContinuousParts): ContinuousDistribution {
  const { kind, parameters, support, mean, variance, logDensity, tail, solve, sample } = parts;
  const [low, high] = support;
  const side = (x: number, lower: boolean): number =>
    outside(x, low, high, lower) ?? tailValue(tail(x), lower);
  const logSide = (x: number, lower: boolean): number => {
    const edge = outside(x, low, high, lower);
    return edge === undefined ? tailLog(tail(x), lower) : Math.log(edge);
  };
  const invert = (p: number, lower: boolean): number => {
    if (!(p >= 0 && p <= 1)) return Number.NaN;
    if (p === 0 || p === 1) return (p === 0) === lower ? low : high;
    // From one half to one the difference to one is exact.
    return p <= 0.5 ? solve(Math.log(p), lower, p) : solve(Math.log1p(-p), !lower, 1 - p);
  };
  const invertLog = (logP: number, lower: boolean): number => {
    if (!(logP <= 0)) return Number.NaN;
    if (logP === 0 || logP === -Infinity) return (logP !== 0) === lower ? low : high;
    if (logP <= -Math.LN2) return solve(logP, lower, Math.exp(logP));
    return solve(log1mExp(logP), !lower, -Math.expm1(logP));
  };
  const logDensityAt = (x: number): number => {
    if (Number.isNaN(x)) return x;
    return x < low || x > high ? -Infinity : logDensity(x);
  };
  return Object.freeze({
    kind,
    parameters: Object.freeze(parameters),
    support: Object.freeze(support),
    mean,
    variance,
    density: (x: number) => Math.exp(logDensityAt(x)),
    logDensity: logDensityAt,
    cdf: (x: number) => side(x, true),
    survival: (x: number) => side(x, false),
    logCdf: (x: number) => logSide(x, true),
    logSurvival: (x: number) => logSide(x, false),
    quantile: (p: number) => invert(p, true),
    survivalQuantile: (q: number) => invert(q, false),
    quantileLog: (logP: number) => invertLog(logP, true),
    survivalQuantileLog: (logQ: number) => invertLog(logQ, false),
    sample,
  });
}

function outside(x: number, low: number, high: number, lower: boolean): number | undefined {
  if (Number.isNaN(x)) return x;
  if (x <= low) return lower ? 0 : 1;
  if (x >= high) return lower ? 1 : 0;
  return undefined;
}
