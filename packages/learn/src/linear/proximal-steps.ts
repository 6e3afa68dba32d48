import { outputStride, ScoreLosses, transposeSparse } from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import { NotConverged } from '../error.ts';
import type { FitOptions } from '../fit-options.ts';
import type { SparseMatrix } from '../matrix.ts';
import { turn } from '../recommenders/rank-rows.ts';
import type { LinearFunction } from './linear-model.ts';
import type { SparseProblem, SparseSolution } from './newton-steps.ts';

/** The problem with l1 |w|_1 beside the rest. */
interface AbsoluteProblem extends SparseProblem {
  readonly l1: number;
  readonly start: LinearFunction;
}

/**
 * Proximal Newton steps (newGLMNET: Yuan, Ho and Lin 2012) for wide sparse rows under an absolute penalty,
 * one output after another: a quadratic model of the losses, minimised column by column. Only the columns
 * that are not 0 or whose slope exceeds the penalty move, the others are looked at once a step; so the end
 * meets the conditions of optimality of all columns.
 */
export async function proximalSteps(
  matrix: SparseMatrix,
  problem: AbsoluteProblem,
  options: FitOptions,
): Promise<SparseSolution> {
  const state = new ProximalState(matrix, problem);
  for (let iterations = 1; ; iterations++) {
    let promised = 0;
    for (let output = 0; output < problem.outputs; output++) {
      throwIfCancelled(options.signal, 'the fit');
      await turn();
      promised += state.step(output);
    }
    const { objective } = state;
    const { maxIterations: total, tolerance } = problem;
    options.onProgress?.({ step: 'fit', done: iterations, total, loss: objective });
    const converged = promised <= tolerance * Math.abs(objective) + 1e-300;
    if (converged || iterations >= total) {
      return { ...state.solution(), objective, iterations, converged };
    }
  }
}

const mostPasses = 200;
const mostHalvings = 40;

class ProximalState {
  objective = Number.NaN;
  readonly #problem: AbsoluteProblem;
  readonly #byColumn: SparseMatrix;
  readonly #losses: ScoreLosses;
  readonly #scores: Float64Array;
  readonly #scoreSteps: Float64Array;
  readonly #coefficients: Float64Array;
  readonly #intercepts: Float64Array;
  readonly #slopes: Float64Array;
  readonly #bends: Float64Array;
  /** The model's scores along the step, by row. */
  readonly #along: Float64Array;
  readonly #gradient: Float64Array;
  readonly #step: Float64Array;

  constructor(matrix: SparseMatrix, problem: AbsoluteProblem) {
    const { rows, columns, offsets, indices, values } = matrix;
    const { outputs, start } = problem;
    const stride = outputStride(outputs);
    const tall = (): Float64Array => new Float64Array(rows * stride);
    this.#problem = problem;
    this.#byColumn = transposeSparse(matrix);
    [this.#scores, this.#scoreSteps] = [tall(), tall()];
    this.#losses = new ScoreLosses(problem, tall(), tall());
    this.#coefficients = start.coefficients.slice();
    this.#intercepts = start.intercepts.slice();
    this.#slopes = new Float64Array(rows);
    this.#bends = new Float64Array(rows);
    this.#along = new Float64Array(rows);
    this.#gradient = new Float64Array(columns);
    this.#step = new Float64Array(columns);
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < outputs; k++) {
        let score = start.intercepts[k]!;
        for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
          score += values[at]! * start.coefficients[k * columns + indices[at]!]!;
        }
        this.#scores[row * stride + k] = score;
      }
    }
  }

  /** A step of one output; gives by how much the model said the objective would fall. */
  step(output: number): number {
    const { l1, l2, kind } = this.#problem;
    const smooth = this.#losses.evaluate(this.#scores);
    const columns = this.#byColumn.rows;
    this.objective = smooth + this.#penalty();
    if (!Number.isFinite(this.objective)) {
      const mend = 'scale the columns, or raise the penalty';
      throw new NotConverged(kind, 'its loss left the range of doubles', mend);
    }
    const own = this.#coefficients.subarray(output * columns, (output + 1) * columns);
    const { stride } = this.#losses;
    for (let row = 0; row < this.#slopes.length; row++) {
      this.#slopes[row] = this.#losses.slopes[row * stride + output]!;
      this.#bends[row] = this.#losses.curvatures[row * stride + output]!;
    }
    const active = this.#activeColumns(own);
    const shift = this.#minimiseModel(active, own);
    const slope = this.#slopes.reduce((sum, value) => sum + value, 0);
    let expected = shift * slope;
    for (const j of active) {
      const [from, to] = [own[j]!, own[j]! + this.#step[j]!];
      expected += (this.#gradient[j]! + l2 * from) * this.#step[j]!;
      expected += l1 * (Math.abs(to) - Math.abs(from));
    }
    if (expected < 0) this.#lineSearch(output, own, active, shift, expected);
    return Math.max(0, -expected);
  }

  #penalty(): number {
    const { l1, l2 } = this.#problem;
    let total = 0;
    for (const value of this.#coefficients) total += l1 * Math.abs(value) + 0.5 * l2 * value ** 2;
    return total;
  }

  /** Columns that are not 0 or that the penalty does not hold there; the slopes of all. */
  #activeColumns(own: Float64Array): Int32Array {
    const { offsets, indices, values } = this.#byColumn;
    const active: number[] = [];
    for (let j = 0; j < own.length; j++) {
      let slope = 0;
      for (let at = offsets[j]!; at < offsets[j + 1]!; at++) {
        slope += values[at]! * this.#slopes[indices[at]!]!;
      }
      this.#gradient[j] = slope;
      if (own[j] !== 0 || Math.abs(slope) > this.#problem.l1) active.push(j);
    }
    return Int32Array.from(active);
  }

  /** Writes the step that makes the quadratic model and the penalty least; gives the intercept's. */
  #minimiseModel(active: Int32Array, own: Float64Array): number {
    const squares = Float64Array.from(active, (j) => this.#squareOf(j));
    const bend = this.#bends.reduce((sum, value) => sum + value, 0);
    this.#along.fill(0);
    for (const j of active) this.#step[j] = 0;
    let shift = 0;
    let first = 0;
    for (let pass = 0; pass < mostPasses; pass++) {
      let moved = 0;
      for (let a = 0; a < active.length; a++) {
        moved = Math.max(moved, this.#moveColumn(active[a]!, squares[a]!, own));
      }
      if (this.#problem.intercept && bend > 0) {
        const by = -this.#residualSum() / bend;
        shift += by;
        for (let row = 0; row < this.#along.length; row++) this.#along[row]! += by;
        moved = Math.max(moved, by * by * bend);
      }
      if (pass === 0) first = moved;
      if (moved <= 1e-3 * first || moved === 0) break;
    }
    return shift;
  }

  #squareOf(j: number): number {
    const { offsets, indices, values } = this.#byColumn;
    let square = this.#problem.l2 + 1e-12;
    for (let at = offsets[j]!; at < offsets[j + 1]!; at++) {
      square += values[at]! ** 2 * this.#bends[indices[at]!]!;
    }
    return square;
  }

  /** The model's slope by the intercept. */
  #residualSum(): number {
    let sum = 0;
    for (let row = 0; row < this.#along.length; row++) {
      sum += this.#slopes[row]! + this.#bends[row]! * this.#along[row]!;
    }
    return sum;
  }

  #moveColumn(j: number, square: number, own: Float64Array): number {
    const { l1, l2 } = this.#problem;
    const { offsets, indices, values } = this.#byColumn;
    const [begin, end] = [offsets[j]!, offsets[j + 1]!];
    const there = own[j]! + this.#step[j]!;
    let slope = this.#gradient[j]! + l2 * there + 1e-12 * this.#step[j]!;
    for (let at = begin; at < end; at++) {
      const row = indices[at]!;
      slope += values[at]! * this.#bends[row]! * this.#along[row]!;
    }
    const wanted = there - slope / square;
    const shrunk = Math.sign(wanted) * Math.max(0, Math.abs(wanted) - l1 / square);
    const by = shrunk - there;
    if (by === 0) return 0;
    // So set, a coefficient that is shrunk away is exactly 0.
    this.#step[j] = shrunk - own[j]!;
    for (let at = begin; at < end; at++) this.#along[indices[at]!]! += by * values[at]!;
    return by * by * square;
  }

  #lineSearch(
    output: number,
    own: Float64Array,
    active: Int32Array,
    shift: number,
    expected: number,
  ): void {
    const { stride } = this.#losses;
    const steps = this.#scoreSteps;
    steps.fill(0);
    for (let row = 0; row < this.#along.length; row++) {
      steps[row * stride + output] = this.#along[row]!;
    }
    const before = own.slice();
    const slack = 4 * Number.EPSILON * Math.abs(this.objective);
    for (let halvings = 0, step = 1; halvings < mostHalvings; halvings++, step /= 2) {
      for (const j of active) own[j] = before[j]! + step * this.#step[j]!;
      const value = this.#losses.value(this.#scores, steps, step) + this.#penalty();
      if (!(value <= this.objective + 1e-4 * step * expected + slack)) continue;
      for (let at = output; at < steps.length; at += stride) {
        this.#scores[at]! += step * steps[at]!;
      }
      this.#intercepts[output]! += step * shift;
      this.objective = value;
      return;
    }
    own.set(before);
  }

  solution(): LinearFunction {
    return { coefficients: this.#coefficients, intercepts: this.#intercepts };
  }
}
