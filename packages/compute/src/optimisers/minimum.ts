/**
 * A function to minimise: writes its gradient at the point and returns its value. The point belongs to
 * the optimiser and changes after the call. A value that is not finite says "outside the domain".
 */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

/** The same where the work is done elsewhere, as by kernel threads. */
export type AsyncObjective = (
  point: Float64Array,
  gradient: Float64Array,
) => number | Promise<number>;

/**
 * Why an optimiser stopped: the gradient is small enough; the value hardly falls any more; no step
 * lowers the value although the gradient is not small (rounding, or a wrong gradient); or a bound.
 */
export type StopReason = 'gradient' | 'value' | 'lineSearch' | 'iterations' | 'evaluations';

/** Where an optimiser ended. */
export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  /** The largest absolute component of the (projected) gradient. */
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly evaluations: number;
  readonly converged: boolean;
  readonly reason: StopReason;
}

/** When to stop; what all gradient methods share. */
export interface StopOptions {
  /** Stops when the largest absolute component of the gradient is at most this; 1e-6 by default. */
  readonly gradientTolerance?: number;
  /** Stops when a step lowers the value by at most this part of max(|value|, 1); 1e-14 by default. */
  readonly valueTolerance?: number;
  /** 1,000 by default. */
  readonly maxIterations?: number;
  /** Called after each iteration. */
  readonly onIteration?: (progress: IterationProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface IterationProgress {
  readonly iteration: number;
  readonly value: number;
  readonly gradientNorm: number;
}

/** Where the function is wanted; the answer is the value, the gradient is written in place. */
interface Evaluation {
  readonly point: Float64Array;
  readonly gradient: Float64Array;
}

/** An optimiser that asks for evaluations: the same serves functions that answer now and later. */
export type Search = Generator<Evaluation, Minimum, number>;

/** Runs a search on a function that answers at once. */
export function runSearch(search: Search, objective: Objective): Minimum {
  let next = search.next();
  while (!next.done) next = search.next(objective(next.value.point, next.value.gradient));
  return next.value;
}

/** Runs a search on a function that may answer later. */
export async function runSearchAsync(search: Search, objective: AsyncObjective): Promise<Minimum> {
  let next = search.next();
  while (!next.done) next = search.next(await objective(next.value.point, next.value.gradient));
  return next.value;
}
