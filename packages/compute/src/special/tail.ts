/**
 * One tail of a distribution, normally the smaller, as exp(log) times factor; the other is one
 * less it. Values and logarithms thus share one computation, and neither loses what the other
 * keeps.
 */
export interface Tail {
  readonly lower: boolean;
  readonly log: number;
  readonly factor: number;
}

/** The probability of the lower or the upper tail. */
export function tailValue(tail: Tail, lower: boolean): number {
  const value = Math.exp(tail.log) * tail.factor;
  return tail.lower === lower ? value : 1 - value;
}

/** The logarithm of that probability, also where it underflows. */
export function tailLog(tail: Tail, lower: boolean): number {
  if (tail.lower === lower) return tail.log + Math.log(tail.factor);
  return Math.log1p(-Math.exp(tail.log) * tail.factor);
}

/** The same tail with lower and upper exchanged. */
export function flipTail(tail: Tail): Tail {
  return { lower: !tail.lower, log: tail.log, factor: tail.factor };
}
