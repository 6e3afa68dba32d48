import { outputStride, ScoreLosses, type ScoreQuery, type SparseProducts } from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import { NotConverged } from '../error.ts';
import type { FitOptions } from '../fit-options.ts';
import { turn } from '../recommenders/rank-rows.ts';
import type { LinearFunction } from './linear-model.ts';

/** The sum of weighted losses plus l2/2 |w|^2 over sparse rows, intercepts not penalised. */
export interface SparseProblem extends ScoreQuery {
  readonly kind: string;
  readonly l2: number;
  readonly intercept: boolean;
  /** Stops when the objective is known to be within about this part of its minimum. */
  readonly tolerance: number;
  readonly maxIterations: number;
  /** Where to begin, in the columns' own units. */
  readonly start?: LinearFunction;
}

export interface SparseSolution extends LinearFunction {
  readonly objective: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Newton's method with conjugate gradients (Keerthi and DeCoste 2005; Lin, Weng and Keerthi 2008) for as
 * many columns as there are. A step solves with the curvature through products with the rows alone, as
 * exactly as the slope is still large; the diagonal of the curvature is its preconditioner. Scores are
 * linear, so that the line search and the step's own scores cost no pass over the rows.
 */
export async function newtonSteps(
  products: SparseProducts,
  problem: SparseProblem,
  options: FitOptions,
): Promise<SparseSolution> {
  const state = new NewtonState(products, problem);
  await state.begin();
  for (let iterations = 1; ; iterations++) {
    throwIfCancelled(options.signal, 'the fit');
    await turn();
    await state.differentiate();
    checkFinite(problem.kind, state.objective);
    const { tolerance, maxIterations } = problem;
    const expected = await state.solve(options.signal);
    const small = 0.5 * expected <= tolerance * Math.abs(state.objective) + 1e-300;
    const moved = state.lineSearch(expected);
    options.onProgress?.({
      ...{ step: 'fit', done: iterations, total: maxIterations, loss: state.objective },
    });
    if (small || !moved || iterations >= maxIterations) {
      return { ...state.solution(), iterations, objective: state.objective, converged: small };
    }
  }
}

function checkFinite(kind: string, value: number): void {
  if (Number.isFinite(value)) return;
  const mend = 'scale the columns, or raise the penalty';
  throw new NotConverged(kind, 'its loss left the range of doubles', mend);
}

const mostHalvings = 40;
const mostProducts = 500;

/** Coefficients and intercepts lie as (columns + 1) x stride, the intercepts last. */
class NewtonState {
  objective = Number.NaN;
  readonly #products: SparseProducts;
  readonly #problem: SparseProblem;
  readonly #losses: ScoreLosses;
  readonly #stride: number;
  readonly #point: Float64Array;
  readonly #gradient: Float64Array;
  readonly #diagonal: Float64Array;
  readonly #direction: Float64Array;
  readonly #rest: Float64Array;
  readonly #along: Float64Array;
  readonly #image: Float64Array;
  readonly #scores: Float64Array;
  readonly #scoreSteps: Float64Array;
  readonly #scoresAlong: Float64Array;
  readonly #curved: Float64Array;
  #firstSlope = 0;

  constructor(products: SparseProducts, problem: SparseProblem) {
    this.#products = products;
    this.#problem = problem;
    this.#stride = outputStride(problem.outputs);
    const wide = (): Float64Array => products.vector((products.columns + 1) * this.#stride);
    const tall = (): Float64Array => products.vector(products.rows * this.#stride);
    this.#point = wide();
    this.#gradient = wide();
    this.#diagonal = wide();
    this.#direction = wide();
    this.#rest = wide();
    this.#along = wide();
    this.#image = wide();
    this.#scores = tall();
    this.#scoreSteps = tall();
    this.#scoresAlong = tall();
    this.#curved = tall();
    this.#losses = new ScoreLosses(problem, tall(), tall());
  }

  async begin(): Promise<void> {
    const { start, outputs } = this.#problem;
    const { columns } = this.#products;
    for (let k = 0; k < outputs && start; k++) {
      for (let j = 0; j < columns; j++) {
        this.#point[j * this.#stride + k] = start.coefficients[k * columns + j]!;
      }
      this.#point[columns * this.#stride + k] = start.intercepts[k]!;
    }
    if (start) await this.#scoresOf(this.#point, this.#scores);
  }

  async #scoresOf(point: Float64Array, out: Float64Array): Promise<void> {
    const [stride, { columns }] = [this.#stride, this.#products];
    await this.#products.multiply(point, stride, out);
    for (let at = 0; at < out.length; at += stride) {
      for (let k = 0; k < stride; k++) out[at + k]! += point[columns * stride + k]!;
    }
  }

  /** Rows' numbers (rows x stride) back to coefficients and intercepts. */
  async #collect(values: Float64Array, out: Float64Array): Promise<void> {
    await this.#products.multiplyTransposed(values, this.#stride, out);
    this.#sumRows(values, out);
  }

  #sumRows(values: Float64Array, out: Float64Array): void {
    const to = this.#products.columns * this.#stride;
    out.fill(0, to);
    if (!this.#problem.intercept) return;
    for (let at = 0; at < values.length; at += this.#stride) {
      for (let k = 0; k < this.#stride; k++) out[to + k]! += values[at + k]!;
    }
  }

  /** Objective, gradient and the curvature's diagonal at the point. */
  async differentiate(): Promise<void> {
    const { l2 } = this.#problem;
    const losses = this.#losses.evaluate(this.#scores);
    await this.#collect(this.#losses.slopes, this.#gradient);
    await this.#products.squaresTransposed(this.#losses.curvatures, this.#stride, this.#diagonal);
    this.#sumRows(this.#losses.curvatures, this.#diagonal);
    const end = this.#products.columns * this.#stride;
    let squares = 0;
    for (let at = 0; at < end; at++) {
      squares += this.#point[at]! ** 2;
      this.#gradient[at]! += l2 * this.#point[at]!;
      this.#diagonal[at]! += l2;
    }
    this.objective = losses + 0.5 * l2 * squares;
    let most = 0;
    for (const value of this.#diagonal) most = Math.max(most, value);
    // Reciprocals, with a floor for columns that no row bends.
    for (let at = 0; at < this.#diagonal.length; at++) {
      this.#diagonal[at] = 1 / Math.max(this.#diagonal[at]!, 1e-12 * most, 1e-300);
    }
  }

  /** The Newton direction by conjugate gradients; gives minus the slope along it. */
  async solve(signal: AbortSignal | undefined): Promise<number> {
    const { l2 } = this.#problem;
    const [gradient, inverse, rest] = [this.#gradient, this.#diagonal, this.#rest];
    const [direction, along, image] = [this.#direction, this.#along, this.#image];
    direction.fill(0);
    this.#scoreSteps.fill(0);
    let size = 0;
    for (let at = 0; at < rest.length; at++) {
      const value = -gradient[at]!;
      rest[at] = value;
      along[at] = value * inverse[at]!;
      size += value * along[at]!;
    }
    if (this.#firstSlope === 0) this.#firstSlope = size;
    const forcing = Math.min(0.3, Math.sqrt(size / (this.#firstSlope || 1)) ** 0.5);
    const enough = Math.max(forcing * forcing * size, 1e-300);
    const end = this.#products.columns * this.#stride;
    for (let step = 0; step < mostProducts && size > enough; step++) {
      throwIfCancelled(signal, 'the fit');
      await this.#scoresOf(along, this.#scoresAlong);
      this.#losses.curve(this.#scoresAlong, this.#curved);
      await this.#collect(this.#curved, image);
      let bend = 0;
      for (let at = 0; at < end; at++) {
        const value = image[at]! + l2 * along[at]!;
        image[at] = value;
        bend += value * along[at]!;
      }
      for (let at = end; at < image.length; at++) bend += image[at]! * along[at]!;
      if (!(bend > 0)) break;
      const by = size / bend;
      let next = 0;
      for (let at = 0; at < rest.length; at++) {
        direction[at]! += by * along[at]!;
        const value = rest[at]! - by * image[at]!;
        rest[at] = value;
        next += value * value * inverse[at]!;
      }
      const steps = this.#scoreSteps;
      for (let at = 0; at < steps.length; at++) steps[at]! += by * this.#scoresAlong[at]!;
      const keep = next / size;
      for (let at = 0; at < along.length; at++) {
        along[at] = rest[at]! * inverse[at]! + keep * along[at]!;
      }
      size = next;
    }
    let slope = 0;
    for (let at = 0; at < gradient.length; at++) slope -= gradient[at]! * direction[at]!;
    return slope;
  }

  /** Takes the first of the steps 1, 1/2, 1/4, ... that lowers the objective enough. */
  lineSearch(expected: number): boolean {
    const { l2 } = this.#problem;
    const [point, direction] = [this.#point, this.#direction];
    const end = this.#products.columns * this.#stride;
    let [own, mixed, squares] = [0, 0, 0];
    for (let at = 0; at < end; at++) {
      own += point[at]! ** 2;
      mixed += point[at]! * direction[at]!;
      squares += direction[at]! ** 2;
    }
    const slack = 4 * Number.EPSILON * Math.abs(this.objective);
    for (let halvings = 0, step = 1; halvings < mostHalvings; halvings++, step /= 2) {
      const penalty = 0.5 * l2 * (own + 2 * step * mixed + step * step * squares);
      const value = penalty + this.#losses.value(this.#scores, this.#scoreSteps, step);
      if (!(value <= this.objective - 1e-4 * step * expected + slack)) continue;
      for (let at = 0; at < point.length; at++) point[at]! += step * direction[at]!;
      const scores = this.#scores;
      for (let at = 0; at < scores.length; at++) scores[at]! += step * this.#scoreSteps[at]!;
      this.objective = value;
      return true;
    }
    return false;
  }

  solution(): LinearFunction {
    const { outputs, loss } = this.#problem;
    const { columns } = this.#products;
    const coefficients = new Float64Array(outputs * columns);
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < outputs; k++) {
        coefficients[k * columns + j] = this.#point[j * this.#stride + k]!;
      }
    }
    const intercepts = Float64Array.from({ length: outputs }, (_, k) => {
      return this.#point[columns * this.#stride + k]!;
    });
    // Softmax leaves what all intercepts share open: their mean is 0.
    const mean = intercepts.reduce((sum, value) => sum + value / outputs, 0);
    return {
      coefficients,
      intercepts: loss === 'softmax' ? intercepts.map((b) => b - mean) : intercepts,
    };
  }
}
