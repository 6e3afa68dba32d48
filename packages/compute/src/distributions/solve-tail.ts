import { type Tail, tailLog } from '../special/tail.ts';

/** What Newton's method needs of a distribution on the positive numbers. */
interface TailProblem {
  readonly tail: (x: number) => Tail;
  readonly logDensity: (x: number) => number;
  readonly start: number;
}

/**
 * The x whose lower or upper tail is exp(logP), by Newton's method on the logarithm of the tail in
 * log x, with steps of at most e^2.
 */
export function solveTail(problem: TailProblem, logP: number, lower: boolean): number {
  let x = problem.start;
  for (let i = 0; i < 400 && x > 0; i++) {
    const log = tailLog(problem.tail(x), lower);
    const slope = x * Math.exp(problem.logDensity(x) - log) * (lower ? 1 : -1);
    const step = (logP - log) / slope;
    x *= Math.exp(Math.max(-2, Math.min(2, step)));
    if (!(Math.abs(step) > 1e-9)) break;
  }
  return x;
}
