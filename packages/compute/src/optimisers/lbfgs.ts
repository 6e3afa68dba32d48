import { throwIfCancelled } from '@backlot/core';
import { addScaled, dot, largest, norm } from '../linear-algebra/vector.ts';
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

export interface MinimiseOptions extends StopOptions {
  /** Not changed. */
  readonly start: Float64Array;
  /** How many steps the curvature is remembered from; 10 by default. */
  readonly memory?: number;
}

/**
 * Minimises a smooth function by L-BFGS (Liu and Nocedal 1989) with a strong Wolfe line search.
 *
 * @example
 * const { point } = minimise({
 *   start: Float64Array.of(3),
 *   objective: (x, gradient) => {
 *     gradient[0] = 2 * (x[0] - 1);
 *     return (x[0] - 1) ** 2;
 *   },
 * }); // point is [1]
 */
export function minimise(options: MinimiseOptions & { readonly objective: Objective }): Minimum {
  return runSearch(lbfgs(options), options.objective);
}

/** `minimise` for a function that answers later. */
export function minimiseAsync(
  options: MinimiseOptions & { readonly objective: AsyncObjective },
): Promise<Minimum> {
  return runSearchAsync(lbfgs(options), options.objective);
}

function* lbfgs(options: MinimiseOptions): Search {
  const { start, gradientTolerance = 1e-6, valueTolerance = 1e-14 } = options;
  const maxIterations = options.maxIterations ?? 1000;
  const pairs = new CurvaturePairs(start.length, options.memory ?? 10);
  let [point, trial] = [start.slice(), start.slice()];
  let [gradient, trialGradient] = [new Float64Array(start.length), new Float64Array(start.length)];
  let value = yield { point, gradient };
  let evaluations = 1;
  const end = (reason: StopReason, iterations: number): Minimum => ({
    ...{ point, value, gradientNorm: largest(gradient), iterations, evaluations, reason },
    converged: reason === 'gradient' || reason === 'value',
  });
  if (!Number.isFinite(value)) return end('lineSearch', 0);
  for (let iteration = 0; ; iteration++) {
    throwIfCancelled(options.signal, 'the minimisation');
    if (largest(gradient) <= gradientTolerance) return end('gradient', iteration);
    if (iteration === maxIterations) return end('iterations', iteration);
    const direction = pairs.direction(gradient);
    const slope = dot(direction, 0, gradient, 0, gradient.length);
    const first = pairs.count === 0 ? Math.min(1, 1 / largest(gradient)) : 1;
    const search = wolfeSearch({ step: 0, value, slope }, first, 1e10);
    let trialValue = value;
    let asked = search.next();
    while (!asked.done) {
      const step = asked.value;
      trial.set(point);
      addScaled(trial, 0, step, direction, 0, trial.length);
      trialValue = yield { point: trial, gradient: trialGradient };
      evaluations++;
      const along = dot(direction, 0, trialGradient, 0, trial.length);
      asked = search.next({ step, value: trialValue, slope: along });
    }
    // A search that failed may still have gone down; if not, old curvature is let go of once.
    if (!(trialValue < value || (asked.value && trialValue <= value))) {
      if (pairs.count === 0) return end('lineSearch', iteration);
      pairs.clear();
      continue;
    }
    pairs.add(point, trial, gradient, trialGradient);
    const fall = value - trialValue;
    [point, trial] = [trial, point];
    [gradient, trialGradient] = [trialGradient, gradient];
    value = trialValue;
    options.onIteration?.({ iteration, value, gradientNorm: largest(gradient) });
    if (largest(gradient) <= gradientTolerance) return end('gradient', iteration + 1);
    if (fall <= valueTolerance * Math.max(Math.abs(value), 1)) return end('value', iteration + 1);
  }
}

/** The last steps and changes of the gradient, and the direction that they imply. */
class CurvaturePairs {
  readonly #memory: number;
  readonly #steps: Float64Array[] = [];
  readonly #changes: Float64Array[] = [];
  readonly #curvatures: number[] = [];
  readonly #direction: Float64Array;

  constructor(length: number, memory: number) {
    this.#memory = memory;
    this.#direction = new Float64Array(length);
  }

  get count(): number {
    return this.#steps.length;
  }

  clear(): void {
    this.#steps.length = 0;
    this.#changes.length = 0;
    this.#curvatures.length = 0;
  }

  /** A pair without positive curvature would break the descent, so it is left out. */
  add(before: Float64Array, after: Float64Array, old: Float64Array, now: Float64Array): void {
    const full = this.count === this.#memory;
    const step = (full ? this.#steps.shift() : undefined) ?? new Float64Array(before.length);
    const change = (full ? this.#changes.shift() : undefined) ?? new Float64Array(before.length);
    if (full) this.#curvatures.shift();
    for (let k = 0; k < step.length; k++) {
      step[k] = after[k]! - before[k]!;
      change[k] = now[k]! - old[k]!;
    }
    const curvature = dot(step, 0, change, 0, step.length);
    if (!(curvature > Number.EPSILON * norm(step) * norm(change))) return;
    this.#steps.push(step);
    this.#changes.push(change);
    this.#curvatures.push(curvature);
  }

  /** Minus the inverse Hessian's estimate times the gradient (algorithm 7.4 of Nocedal and Wright). */
  direction(gradient: Float64Array): Float64Array {
    const [q, n] = [this.#direction, gradient.length];
    for (let k = 0; k < n; k++) q[k] = -gradient[k]!;
    const weights = new Float64Array(this.count);
    for (let i = this.count - 1; i >= 0; i--) {
      weights[i] = dot(this.#steps[i]!, 0, q, 0, n) / this.#curvatures[i]!;
      addScaled(q, 0, -weights[i]!, this.#changes[i]!, 0, n);
    }
    const newest = this.#changes.at(-1);
    if (newest) {
      const scale = this.#curvatures.at(-1)! / dot(newest, 0, newest, 0, n);
      for (let k = 0; k < n; k++) q[k]! *= scale;
    }
    for (let i = 0; i < this.count; i++) {
      const back = dot(this.#changes[i]!, 0, q, 0, n) / this.#curvatures[i]!;
      addScaled(q, 0, weights[i]! - back, this.#steps[i]!, 0, n);
    }
    return q;
  }
}
