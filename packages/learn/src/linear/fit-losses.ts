import {
  type Cholesky,
  cholesky,
  choleskySolve,
  type LinearRows,
  minimiseAsync,
  NotPositiveDefinite,
  type RowLoss,
  solveLower,
  solveLowerTransposed,
} from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import { NotConverged } from '../error.ts';
import type { FitOptions } from '../fit-options.ts';
import { turn } from '../recommenders/rank-rows.ts';
import type { LinearFunction } from './linear-model.ts';

/** The sum of weighted losses plus l1 |w|_1 + l2/2 |w|^2, intercepts not penalised. */
export interface LossProblem {
  readonly kind: string;
  readonly loss: RowLoss;
  readonly first?: number;
  readonly second?: number;
  readonly outputs: number;
  readonly target: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly l1: number;
  readonly l2: number;
  readonly intercept: boolean;
  /** Where the intercepts begin. */
  readonly startIntercept?: number;
  /** Coefficients to begin at, of standardised columns. */
  readonly start?: Float64Array;
  /** Stops when the objective is known to be within about this part of its minimum. */
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** The solution for standardised columns: outputs x (columns + 1). */
interface LossSolution {
  readonly coefficients: Float64Array;
  readonly objective: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Above so many columns their products are not formed. */
const mostSquareColumns = 1000;

/**
 * Newton's method for one output and few columns (generalised where the loss has kinks of the slope),
 * L-BFGS in the coordinates in which the rows' products are the identity for more outputs, and
 * proximal Newton (Lee, Sun and Saunders 2014) where l1 is above 0.
 */
export async function fitLosses(
  rows: LinearRows,
  problem: LossProblem,
  options: FitOptions,
): Promise<LossSolution> {
  const state = new Descent(rows, problem, options);
  if (problem.l1 > 0) return proximalNewton(state);
  const newton = problem.outputs === 1 && rows.columns <= mostSquareColumns;
  return newton ? newtonSteps(state) : quasiNewton(state);
}

/** The linear function in the columns' own units. */
export function inOwnUnits(rows: LinearRows, coefficients: Float64Array): LinearFunction {
  const { columns, scales, shifts } = rows;
  const outputs = coefficients.length / (columns + 1);
  const own = new Float64Array(outputs * columns);
  const intercepts = new Float64Array(outputs);
  for (let k = 0; k < outputs; k++) {
    const from = k * (columns + 1);
    let intercept = coefficients[from + columns]!;
    for (let j = 0; j < columns; j++) {
      const value = coefficients[from + j]! * scales[j]!;
      own[k * columns + j] = value;
      intercept -= value * shifts[j]!;
    }
    intercepts[k] = intercept;
  }
  return { coefficients: own, intercepts };
}

class Descent {
  readonly rows: LinearRows;
  readonly problem: LossProblem;
  readonly options: FitOptions;
  readonly width: number;
  point: Float64Array;
  readonly curvature: Float64Array;

  constructor(rows: LinearRows, problem: LossProblem, options: FitOptions) {
    this.rows = rows;
    this.problem = problem;
    this.options = options;
    this.width = rows.columns + 1;
    this.point = problem.start?.slice() ?? new Float64Array(problem.outputs * this.width);
    if (!problem.start && problem.intercept) {
      const start = problem.startIntercept ?? 0;
      for (let k = 0; k < problem.outputs; k++) this.point[k * this.width + rows.columns] = start;
    }
    this.curvature = new Float64Array(rows.rows);
  }

  /** The smooth part and its gradient; `output` is that whose curvatures are wanted. */
  async smooth(point: Float64Array, gradient: Float64Array, output?: number): Promise<number> {
    const { l2, intercept, first } = this.problem;
    const curvature = output === undefined ? undefined : this.curvature;
    throwIfCancelled(this.options.signal, 'the fit');
    await turn();
    const given = this.problem.loss === 'softmax' ? (output ?? 0) : (first ?? 0);
    const query = { ...this.problem, first: given, coefficients: point, curvature };
    let value = await this.rows.loss(query, gradient);
    for (let at = 0; at < point.length; at++) {
      const j = at % this.width;
      if (j === this.rows.columns) {
        if (!intercept) gradient[at] = 0;
        continue;
      }
      const penalty = l2 * this.rows.scales[j]! ** 2;
      value += 0.5 * penalty * point[at]! ** 2;
      gradient[at]! += penalty * point[at]!;
    }
    return value;
  }

  /** l1 |w|_1 of the point. */
  roughness(point: Float64Array): number {
    if (this.problem.l1 === 0) return 0;
    let total = 0;
    for (let at = 0; at < point.length; at++) {
      const j = at % this.width;
      if (j < this.rows.columns) total += this.rows.scales[j]! * Math.abs(point[at]!);
    }
    return this.problem.l1 * total;
  }

  /** The second derivatives of the smooth part for one output (width squared). */
  async hessian(weights: Float64Array | undefined, factor = 1): Promise<Float64Array> {
    const { width, rows } = this;
    const all = await rows.moments(undefined, weights);
    const out = new Float64Array(width * width);
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) out[i * width + j] = factor * all[i * (width + 1) + j]!;
    }
    for (let j = 0; j < rows.columns; j++) {
      out[j * width + j]! += this.problem.l2 * rows.scales[j]! ** 2;
    }
    if (!this.problem.intercept) {
      for (let j = 0; j < width; j++) {
        out[rows.columns * width + j] = 0;
        out[j * width + rows.columns] = 0;
      }
      out[width * width - 1] = 1;
    }
    return out;
  }

  progress(done: number, loss: number): void {
    this.options.onProgress?.({ step: 'fit', done, total: this.problem.maxIterations, loss });
  }
}

/** Factors a matrix that may be singular, with the least addition to its diagonal that lets it. */
export function steadyCholesky(matrix: Float64Array, n: number): Cholesky {
  let most = 0;
  for (let j = 0; j < n; j++) most = Math.max(most, matrix[j * n + j]!);
  for (let part = 1e-14; part < 1; part *= 100) {
    const raised = matrix.slice();
    for (let j = 0; j < n; j++) {
      raised[j * n + j]! += part * matrix[j * n + j]! + part * 1e-3 * most + 1e-300;
    }
    try {
      return cholesky(raised, n);
    } catch (error) {
      if (!(error instanceof NotPositiveDefinite)) throw error;
    }
  }
  throw new NotPositiveDefinite(0);
}

function product(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let at = 0; at < a.length; at++) total += a[at]! * b[at]!;
  return total;
}

const mostHalvings = 40;

/** The first of the steps 1, 1/2, 1/4, ... that lowers the objective enough. */
async function lineSearch(
  state: Descent,
  objective: number,
  direction: Float64Array,
  expected: number,
  gradient: Float64Array,
  output: number,
): Promise<number | undefined> {
  const trial = new Float64Array(state.point.length);
  const slack = 4 * Number.EPSILON * Math.abs(objective);
  for (let halvings = 0, step = 1; halvings < mostHalvings; halvings++, step /= 2) {
    for (let at = 0; at < trial.length; at++) trial[at] = state.point[at]! + step * direction[at]!;
    const value = (await state.smooth(trial, gradient, output)) + state.roughness(trial);
    if (value <= objective + 1e-4 * step * expected + slack) {
      state.point = trial;
      return value;
    }
  }
  return undefined;
}

function checkFinite(kind: string, value: number): void {
  if (Number.isFinite(value)) return;
  const mend = 'scale the columns, or raise the penalty';
  throw new NotConverged(kind, 'its loss left the range of doubles', mend);
}

/** By row, beside columns of mean square near 1. */
const leastDamping = 1e-8;
const mostDamping = 1;

async function newtonSteps(state: Descent): Promise<LossSolution> {
  const { problem, width } = state;
  const gradient = new Float64Array(width);
  let objective = await state.smooth(state.point, gradient, 0);
  checkFinite(problem.kind, objective);
  let damping = 0;
  for (let iterations = 1; ; iterations++) {
    const hessian = await state.hessian(state.curvature);
    for (let j = 0; j < width; j++) hessian[j * width + j]! += damping * state.rows.rows;
    const factor = steadyCholesky(hessian, width);
    const direction = choleskySolve(factor, gradient).map((value) => -value);
    const expected = product(gradient, direction);
    const small = -0.5 * expected <= problem.tolerance * Math.abs(objective) + 1e-300;
    const value = await lineSearch(state, objective, direction, expected, gradient, 0);
    // Where a kinked loss is flat, a Newton step leads far away: a damped one is tried then.
    const failed = value === undefined;
    const ended = failed ? small || damping >= mostDamping : small && damping <= leastDamping;
    damping = failed ? Math.max(leastDamping, damping * 100) : damping / 10;
    if (damping < leastDamping) damping = 0;
    if (failed) await state.smooth(state.point, gradient, 0);
    objective = value ?? objective;
    state.progress(iterations, objective);
    if (ended || iterations >= problem.maxIterations) {
      return { coefficients: state.point, objective, iterations, converged: ended };
    }
  }
}

async function quasiNewton(state: Descent): Promise<LossSolution> {
  const { problem, rows, width } = state;
  const [toPoint, toGradient] = await coordinates(state);
  const own = new Float64Array(problem.outputs * width);
  const objective = async (u: Float64Array, gradient: Float64Array): Promise<number> => {
    const value = await state.smooth(toPoint(u), own);
    gradient.set(toGradient(own));
    return value;
  };
  const zero = new Float64Array(problem.outputs * width);
  const scale = Math.sqrt(
    problem.tolerance * Math.max(1e-300, await objective(zero, zero.slice())),
  );
  const found = await minimiseAsync({
    start: zero,
    objective,
    maxIterations: problem.maxIterations,
    gradientTolerance: (rows.columns <= mostSquareColumns ? 0.1 : 0.01) * scale,
    onIteration: ({ iteration, value }) => state.progress(iteration, value),
    signal: state.options.signal,
  });
  checkFinite(problem.kind, found.value);
  const { iterations, value, reason } = found;
  const converged = reason !== 'iterations' && reason !== 'evaluations';
  return { coefficients: toPoint(found.point), objective: value, iterations, converged };
}

type Change = (values: Float64Array) => Float64Array;

/** From coordinates around the start, in which the curvature is near the identity, and gradients to them. */
async function coordinates(state: Descent): Promise<readonly [Change, Change]> {
  const { problem, rows, width } = state;
  const { outputs, weights } = problem;
  const begin = state.point;
  if (rows.columns > mostSquareColumns) {
    // With columns of mean square near 1, the rows' weight is the curvature of each alike.
    const size = 1 / Math.sqrt(rows.rows * 0.25 + problem.l2);
    const scaled: Change = (values) => values.map((value) => value * size);
    return [(u) => scaled(u).map((value, at) => value + begin[at]!), scaled];
  }
  const factor = steadyCholesky(await state.hessian(weights, 0.25), width);
  const each = (values: Float64Array, solve: typeof solveLower): Float64Array => {
    const out = values.slice();
    for (let k = 0; k < outputs; k++) {
      solve(factor.lower, width, out.subarray(k * width, (k + 1) * width));
    }
    return out;
  };
  return [
    (u) => each(u, solveLowerTransposed).map((value, at) => value + begin[at]!),
    (gradient) => each(gradient, solveLower),
  ];
}

/** One output after another: a quadratic model of the smooth part, and coordinate descent on it. */
async function proximalNewton(state: Descent): Promise<LossSolution> {
  const { problem, width } = state;
  const gradient = new Float64Array(state.point.length);
  let objective = 0;
  for (let iterations = 1; ; iterations++) {
    let promised = 0;
    for (let k = 0; k < problem.outputs; k++) {
      const smooth = await state.smooth(state.point, gradient, k);
      objective = smooth + state.roughness(state.point);
      checkFinite(problem.kind, objective);
      const own = state.point.subarray(k * width, (k + 1) * width);
      const slopes = gradient.slice(k * width, (k + 1) * width);
      const hessian = await state.hessian(state.curvature);
      const step = descendModel(state, hessian, slopes, own);
      const direction = new Float64Array(state.point.length);
      direction.set(step, k * width);
      const there = state.point.map((value, at) => value + direction[at]!);
      const rough = state.roughness(there) - state.roughness(state.point);
      const expected = product(slopes, step) + rough;
      if (!(expected < 0)) continue;
      promised -= expected;
      objective =
        (await lineSearch(state, objective, direction, expected, gradient, k)) ?? objective;
    }
    state.progress(iterations, objective);
    const converged = promised <= problem.tolerance * Math.abs(objective) + 1e-300;
    if (converged || iterations >= problem.maxIterations) {
      return { coefficients: state.point, objective, iterations, converged };
    }
  }
}

const mostPasses = 1000;

/** The step d that makes g'd + d'Hd/2 + l1 |w + d|_1 least, by coordinate descent. */
function descendModel(
  state: Descent,
  hessian: Float64Array,
  slopes: Float64Array,
  own: Float64Array,
): Float64Array {
  const { problem, rows, width } = state;
  const step = new Float64Array(width);
  const rest = slopes.slice();
  for (let pass = 0; pass < mostPasses; pass++) {
    let moved = 0;
    for (let j = 0; j < width; j++) {
      const square = hessian[j * width + j]!;
      if (!(square > 0)) continue;
      const threshold = j === rows.columns ? 0 : (problem.l1 * rows.scales[j]!) / square;
      const wanted = own[j]! + step[j]! - rest[j]! / square;
      const shrunk = Math.sign(wanted) * Math.max(0, Math.abs(wanted) - threshold);
      const by = shrunk - own[j]! - step[j]!;
      if (by === 0) continue;
      // So set, a coefficient that is shrunk away is exactly 0.
      step[j] = shrunk - own[j]!;
      for (let k = 0; k < width; k++) rest[k]! += by * hessian[j * width + k]!;
      moved = Math.max(moved, by * by * square);
    }
    if (moved <= 1e-20 * (1 + Math.abs(slopes[rows.columns]!))) break;
  }
  return step;
}
