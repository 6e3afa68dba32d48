import { throwIfCancelled } from '@backlot/core';
import { NotFinite } from '../error.ts';
import { addScaled, dot, largest, norm } from '../linear-algebra/vector.ts';
import type { Minimum, Objective, StopOptions, StopReason } from './minimum.ts';

/** The second derivatives: as a matrix, or as its product with a vector where that is cheaper. */
type Curvature =
  | {
      /** Writes the Hessian at the point (n x n). */
      readonly hessian: (point: Float64Array, out: Float64Array) => void;
    }
  | {
      /** Writes the Hessian at the point times the vector. */
      readonly hessianProduct: (
        point: Float64Array,
        vector: Float64Array,
        out: Float64Array,
      ) => void;
    };

interface NewtonProblem {
  readonly objective: Objective;
  /** Not changed. */
  readonly start: Float64Array;
  /** The first trust region's radius; 1 by default. */
  readonly radius?: number;
}

export type NewtonOptions = NewtonProblem & Curvature & StopOptions;

/**
 * Newton's method in a trust region (Nocedal and Wright 2006, algorithms 4.1 and 7.2): the step is sought by
 * Steihaug's conjugate gradients, which use negative curvature to leave saddles and end at the region's
 * edge. The convergence is quadratic near a minimum of positive curvature. Throws `NotFinite` where the
 * function has no finite value or gradient at the start.
 *
 * @example
 * const { point } = newton({
 *   start: Float64Array.of(3),
 *   objective: (x, gradient) => {
 *     gradient[0] = 4 * (x[0] - 1) ** 3 + x[0] - 1;
 *     return (x[0] - 1) ** 4 + (x[0] - 1) ** 2 / 2;
 *   },
 *   hessianProduct: (x, v, out) => {
 *     out[0] = (12 * (x[0] - 1) ** 2 + 1) * v[0];
 *   },
 * }); // point is [1]
 */
export function newton(options: NewtonOptions): Minimum {
  const { objective, start, gradientTolerance = 1e-6, valueTolerance = 1e-14 } = options;
  const n = start.length;
  let [point, trial] = [Float64Array.from(start), new Float64Array(n)];
  let [gradient, trialGradient] = [new Float64Array(n), new Float64Array(n)];
  let value = objective(point, gradient);
  if (!Number.isFinite(value) || !gradient.every(Number.isFinite)) throw new NotFinite('newton');
  let evaluations = 1;
  let radius = options.radius ?? 1;
  const end = (reason: StopReason, iterations: number): Minimum => ({
    ...{ point, value, gradientNorm: largest(gradient), iterations, evaluations, reason },
    converged: reason === 'gradient' || reason === 'value',
  });
  const multiply = productOf(options, n);
  for (let iteration = 0; ; iteration++) {
    throwIfCancelled(options.signal, 'the minimisation');
    if (largest(gradient) <= gradientTolerance) return end('gradient', iteration);
    if (iteration === (options.maxIterations ?? 1000)) return end('iterations', iteration);
    const { step, promised } = steihaugStep(gradient, radius, multiply(point));
    const length = norm(step);
    trial.set(point);
    addScaled(trial, 0, 1, step, 0, n);
    const trialValue = objective(trial, trialGradient);
    evaluations++;
    const fall = value - trialValue;
    // Below rounding, what was promised cannot be seen in the values: the gradient is asked instead.
    const unseen = promised <= 10 * Number.EPSILON * Math.max(Math.abs(value), 1);
    const flatter = unseen && largest(trialGradient) < largest(gradient);
    const ratio = flatter ? 1 : fall / promised;
    if (!(ratio >= 0.25)) radius = 0.25 * Math.min(length, radius);
    else if (ratio > 0.75 && length > 0.99 * radius) radius *= 2;
    if (!(ratio > 1e-4)) {
      if (unseen || radius <= 1e-16 * norm(point) || radius < 1e-300) {
        return end('lineSearch', iteration);
      }
      continue;
    }
    [point, trial] = [trial, point];
    [gradient, trialGradient] = [trialGradient, gradient];
    value = trialValue;
    options.onIteration?.({ iteration, value, gradientNorm: largest(gradient) });
    if (largest(gradient) <= gradientTolerance) return end('gradient', iteration + 1);
    if (!flatter && fall <= valueTolerance * Math.max(Math.abs(value), 1)) {
      return end('value', iteration + 1);
    }
  }
}

type Product = (vector: Float64Array) => Float64Array;

function productOf(options: NewtonOptions, n: number): (point: Float64Array) => Product {
  const out = new Float64Array(n);
  if ('hessianProduct' in options) {
    return (point) => (vector) => {
      options.hessianProduct(point, vector, out);
      return out;
    };
  }
  const matrix = new Float64Array(n * n);
  return (point) => {
    options.hessian(point, matrix);
    return (vector) => {
      for (let i = 0; i < n; i++) out[i] = dot(matrix, i * n, vector, 0, n);
      return out;
    };
  };
}

/** The step, and by how much the quadratic model falls with it. */
function steihaugStep(gradient: Float64Array, radius: number, multiply: Product) {
  const n = gradient.length;
  const step = new Float64Array(n);
  const rest = gradient.map((value) => -value);
  const along = rest.slice();
  let size = dot(rest, 0, rest, 0, n);
  const enough = Math.min(0.25, size ** 0.25) ** 2 * size;
  let promised = 0;
  for (let pass = 0; pass < 2 * n + 10 && size > enough; pass++) {
    const curved = multiply(along);
    const bend = dot(along, 0, curved, 0, n);
    let by = size / bend;
    const to = toEdge(step, along, radius);
    const stops = !(bend > 0) || by >= to;
    if (stops) by = to;
    addScaled(step, 0, by, along, 0, n);
    promised += by * size - 0.5 * by * by * bend;
    if (stops) break;
    addScaled(rest, 0, -by, curved, 0, n);
    const next = dot(rest, 0, rest, 0, n);
    for (let k = 0; k < n; k++) along[k] = rest[k]! + (next / size) * along[k]!;
    size = next;
  }
  return { step, promised };
}

/** How far along the direction the region's edge is, from a step within. */
function toEdge(step: Float64Array, along: Float64Array, radius: number): number {
  const n = step.length;
  const a = dot(along, 0, along, 0, n);
  const b = dot(step, 0, along, 0, n);
  const c = Math.max(0, radius * radius - dot(step, 0, step, 0, n));
  return b > 0 ? c / (b + Math.sqrt(b * b + a * c)) : (Math.sqrt(b * b + a * c) - b) / a;
}
