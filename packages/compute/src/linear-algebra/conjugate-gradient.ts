import { assert } from '@backlot/core';
import { addScaled, dot, norm } from './vector.ts';

export interface ConjugateGradientOptions {
  /** Writes the product of the symmetric positive definite matrix and x into out. */
  readonly multiply: (x: Float64Array, out: Float64Array) => void;
  readonly right: Float64Array;
  /** Zeros by default; not changed. */
  readonly start?: Float64Array;
  /** Writes an approximate solution of A out = residual; it must be symmetric positive definite. */
  readonly precondition?: (residual: Float64Array, out: Float64Array) => void;
  /** Stops when the residual's length is at most this part of the right side's; 1e-10 by default. */
  readonly tolerance?: number;
  /** Ten times the length by default. */
  readonly maxIterations?: number;
}

/** What an iterative solver found. */
export interface IterativeSolution {
  readonly solution: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
  /** The length of right - A x: estimated by the recurrence. */
  readonly residualNorm: number;
}

/**
 * Solves A x = b for a symmetric positive definite A of which only products are known (Hestenes and
 * Stiefel 1952; preconditioned as in Golub and Van Loan 11.5). Not converged where A turns out not to be
 * positive definite.
 */
export function conjugateGradient(options: ConjugateGradientOptions): IterativeSolution {
  const { multiply, right, tolerance = 1e-10 } = options;
  const n = right.length;
  const x = options.start?.slice() ?? new Float64Array(n);
  assert(x.length === n, 'the start is as long as the right side');
  const precondition = options.precondition ?? ((from, out) => out.set(from));
  const [residual, image, scaled] = [right.slice(), new Float64Array(n), new Float64Array(n)];
  if (options.start) {
    multiply(x, image);
    addScaled(residual, 0, -1, image, 0, n);
  }
  precondition(residual, scaled);
  const direction = scaled.slice();
  let energy = dot(residual, 0, scaled, 0, n);
  const enough = tolerance * norm(right);
  const maxIterations = options.maxIterations ?? 10 * n;
  const end = (iterations: number): IterativeSolution => {
    const residualNorm = norm(residual);
    return { solution: x, iterations, converged: residualNorm <= enough, residualNorm };
  };
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    if (norm(residual) <= enough) return end(iteration);
    multiply(direction, image);
    const curvature = dot(direction, 0, image, 0, n);
    if (!(curvature > 0)) return end(iteration);
    addScaled(x, 0, energy / curvature, direction, 0, n);
    addScaled(residual, 0, -energy / curvature, image, 0, n);
    precondition(residual, scaled);
    const next = dot(residual, 0, scaled, 0, n);
    for (let k = 0; k < n; k++) direction[k] = scaled[k]! + (next / energy) * direction[k]!;
    energy = next;
  }
  return end(maxIterations);
}
