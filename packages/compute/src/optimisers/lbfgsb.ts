import { assert, throwIfCancelled } from '@backlot/core';
import { NotFinite } from '../error.ts';
import { addScaled, dot } from '../linear-algebra/vector.ts';
import { BoundedModel } from './bounded-model.ts';
import {
  type AsyncObjective,
  type Minimum,
  type Objective,
  runSearch,
  runSearchAsync,
  type Search,
  type StopOptions,
  type StopReason,
} from './minimum.ts';
import { wolfeSearch } from './wolfe-search.ts';

export interface BoundedOptions extends StopOptions {
  /** Not changed; moved to the nearest bound where it is outside. */
  readonly start: Float64Array;
  /** By coordinate, -Infinity for none; no bounds by default. */
  readonly lower?: Float64Array;
  /** By coordinate, Infinity for none, at least the lower one; no bounds by default. */
  readonly upper?: Float64Array;
  /** How many steps the curvature is remembered from; 10 by default. */
  readonly memory?: number;
}

/**
 * Minimises a smooth function within bounds by L-BFGS-B (Byrd, Lu, Nocedal and Zhu 1995): the generalised
 * Cauchy point of a limited-memory quadratic model says which coordinates stay at their bounds, the model
 * is minimised over the others, and a strong Wolfe search goes there. The function is never asked outside
 * the bounds. `gradientNorm` of the result is of the projected gradient. Throws `NotFinite` where the
 * function has no finite value or gradient at the start.
 *
 * @example
 * const { point } = lbfgsb({
 *   start: Float64Array.of(3),
 *   lower: Float64Array.of(2),
 *   objective: (x, gradient) => {
 *     gradient[0] = 2 * (x[0] - 1);
 *     return (x[0] - 1) ** 2;
 *   },
 * }); // point is [2]
 */
export function lbfgsb(options: BoundedOptions & { readonly objective: Objective }): Minimum {
  return runSearch(boundedSearch(options), options.objective);
}

/** `lbfgsb` for a function that answers later. */
export function lbfgsbAsync(
  options: BoundedOptions & { readonly objective: AsyncObjective },
): Promise<Minimum> {
  return runSearchAsync(boundedSearch(options), options.objective);
}

/** The box as arrays of the start's length. */
interface Box {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

function boxOf({ start, lower, upper }: BoundedOptions): Box {
  const n = start.length;
  const box = {
    lower: lower ?? new Float64Array(n).fill(-Infinity),
    upper: upper ?? new Float64Array(n).fill(Infinity),
  };
  assert(box.lower.length === n && box.upper.length === n, 'there is a bound for each coordinate');
  const ordered = box.lower.every((low, k) => low <= box.upper[k]!);
  assert(ordered, 'lower bounds are at most the upper ones');
  return box;
}

function* boundedSearch(options: BoundedOptions): Search {
  const box = boxOf(options);
  const { lower, upper } = box;
  const { gradientTolerance = 1e-6, valueTolerance = 1e-14, maxIterations = 1000 } = options;
  const n = options.start.length;
  let point = options.start.map((value, k) => Math.max(lower[k]!, Math.min(value, upper[k]!)));
  let [trial, gradient, trialGradient] = [0, 1, 2].map(() => new Float64Array(n)) as Triple;
  let value = yield { point, gradient };
  let evaluations = 1;
  if (!Number.isFinite(value) || !gradient.every(Number.isFinite)) throw new NotFinite('lbfgsb');
  const model = new BoundedModel(n, options.memory ?? 10);
  const end = (reason: StopReason, iterations: number): Minimum => ({
    ...{ point, value, iterations, evaluations, reason },
    gradientNorm: projectedNorm(point, gradient, box),
    converged: reason === 'gradient' || reason === 'value',
  });
  for (let iteration = 0; ; iteration++) {
    throwIfCancelled(options.signal, 'the minimisation');
    if (projectedNorm(point, gradient, box) <= gradientTolerance) return end('gradient', iteration);
    if (iteration === maxIterations) return end('iterations', iteration);
    const direction = model.direction(point, gradient, lower, upper);
    const slope = dot(direction, 0, gradient, 0, n);
    let accepted = false;
    let trialValue = value;
    if (slope < 0) {
      const longest = longestStep(point, direction, box);
      const size = Math.sqrt(dot(direction, 0, direction, 0, n));
      const first = model.count === 0 ? Math.min(1, 1 / size) : 1;
      const search = wolfeSearch({ step: 0, value, slope }, Math.min(first, longest), longest);
      let asked = search.next();
      while (!asked.done) {
        const step = asked.value;
        moveWithin(point, direction, step, box, trial);
        trialValue = yield { point: trial, gradient: trialGradient };
        evaluations++;
        const along = dot(direction, 0, trialGradient, 0, n);
        asked = search.next({ step, value: trialValue, slope: along });
      }
      accepted = trialValue < value || (asked.value && trialValue <= value);
    }
    // Where no step goes down, old curvature is let go of once.
    if (!accepted) {
      if (model.count === 0) return end('lineSearch', iteration);
      model.clear();
      continue;
    }
    model.add(point, trial, gradient, trialGradient);
    const fall = value - trialValue;
    [point, trial] = [trial, point];
    [gradient, trialGradient] = [trialGradient, gradient];
    value = trialValue;
    const gradientNorm = projectedNorm(point, gradient, box);
    options.onIteration?.({ iteration, value, gradientNorm });
    if (gradientNorm <= gradientTolerance) return end('gradient', iteration + 1);
    if (fall <= valueTolerance * Math.max(Math.abs(value), 1)) return end('value', iteration + 1);
  }
}

type Triple = [Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>];

/** The largest coordinate of where a step of minus the gradient leads within the box. */
function projectedNorm(point: Float64Array, gradient: Float64Array, { lower, upper }: Box): number {
  let most = 0;
  for (let k = 0; k < point.length; k++) {
    const slope = gradient[k]!;
    const room = slope > 0 ? point[k]! - lower[k]! : upper[k]! - point[k]!;
    most = Math.max(most, Math.min(Math.abs(slope), room));
  }
  return most;
}

function longestStep(point: Float64Array, direction: Float64Array, { lower, upper }: Box): number {
  let longest = 1e10;
  for (let k = 0; k < point.length; k++) {
    const by = direction[k]!;
    if (by === 0) continue;
    longest = Math.min(longest, ((by > 0 ? upper[k]! : lower[k]!) - point[k]!) / by);
  }
  return longest;
}

function moveWithin(
  point: Float64Array,
  direction: Float64Array,
  step: number,
  { lower, upper }: Box,
  out: Float64Array,
): void {
  out.set(point);
  addScaled(out, 0, step, direction, 0, out.length);
  // Rounding must not lead out of the box.
  for (let k = 0; k < out.length; k++) out[k] = Math.max(lower[k]!, Math.min(out[k]!, upper[k]!));
}
