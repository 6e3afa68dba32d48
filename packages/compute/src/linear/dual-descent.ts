import { openKernels, type SessionOptions } from '../kernel-session.ts';
import type { SparseMatrix } from '../linear-algebra/sparse-matrix.ts';

/** Support vector machines on sparse rows: l2/2 |w|^2 plus the weighted sum of hinges, squared or not. */
export interface DualProblem {
  readonly matrix: SparseMatrix;
  /** A class for each row. */
  readonly target: Float64Array;
  readonly weights?: Float64Array | undefined;
  readonly loss: 'hinge' | 'squaredHinge';
  /** Above 0. */
  readonly l2: number;
  readonly intercept: boolean;
  /** The class of the first machine, and how many machines: each parts its class from all others. */
  readonly firstClass: number;
  readonly count: number;
  /** A machine stops when its duality gap is at most this part of its objective. */
  readonly tolerance: number;
  readonly maxEpochs: number;
}

/** One machine. */
export interface DualSolution {
  readonly coefficients: Float64Array;
  readonly intercept: number;
  readonly epochs: number;
  /** How far the objective is above the minimum at this intercept, at most. */
  readonly dualityGap: number;
  readonly objective: number;
  readonly converged: boolean;
}

/** Below so many entries, waking threads takes longer than the work. */
const fewEntries = 20_000;
const headLength = 8;
const mostHeldBytes = 2 ** 29;

/**
 * Dual coordinate descent with shrinking (Hsieh and others 2008, algorithms 1 and 3). The intercept is not
 * penalised: it is held near a centre by a column of constants, and the centre moves to where it went (the
 * method of multipliers for the dual's constraint), until both are one. A machine is one thread's work, so
 * that the result does not depend on how many there are.
 */
export async function dualDescent(
  problem: DualProblem,
  options: SessionOptions = {},
): Promise<readonly DualSolution[]> {
  if (problem.matrix.indices.length < fewEntries) return plainDualDescent(problem);
  return kernelDualDescent(problem, options);
}

/** The squared length of each row. */
function rowSquares({ rows, offsets, values }: SparseMatrix): Float64Array {
  const squares = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) squares[row]! += values[at]! ** 2;
  }
  return squares;
}

/** The intercept's column is about as long as the rows are. */
function liftOf(squares: Float64Array, intercept: boolean): number {
  if (!intercept) return 0;
  const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
  return mean > 0 ? mean : 1;
}

/** The machines on the kernels' threads. */
export async function kernelDualDescent(
  problem: DualProblem,
  options: SessionOptions,
): Promise<readonly DualSolution[]> {
  const { matrix, target, weights, intercept, l2, loss, firstClass, count } = problem;
  const { rows, columns } = matrix;
  await using session = await openKernels(options);
  const place = (values: Float64Array | Float32Array | Int32Array): number =>
    session.place(values).address;
  const squares = rowSquares(matrix);
  const classBytes = 8 * Math.ceil((8 * (headLength + columns) + 12 * rows) / 64) * 8;
  const atOnce = Math.max(session.threads, Math.floor(mostHeldBytes / classBytes));
  const held = session.allocate(Math.min(atOnce, count) * classBytes);
  const scratch = session.allocate(256 * session.threads);
  const single = Number(matrix.values instanceof Float32Array);
  const sparse = [place(matrix.offsets), place(matrix.indices), place(matrix.values), single];
  const beside = [place(target), weights ? place(weights) : 0, place(squares)];
  const rule = [liftOf(squares, intercept), l2, Number(loss === 'hinge')];
  const limits = [problem.tolerance, problem.maxEpochs];
  const found: DualSolution[] = [];
  for (let done = 0; done < count; done += atOnce) {
    const part = Math.min(atOnce, count - done);
    const memory = [held.address, classBytes, scratch.address];
    const which = [firstClass + done, part];
    const shape = [rows, columns];
    const args = [...sparse, ...shape, ...beside, ...rule, ...which, ...limits, ...memory];
    await session.run('dualDescent', args);
    const numbers = session.float64(held);
    for (let k = 0; k < part; k++) {
      const from = (k * classBytes) / 8;
      found.push(solutionOf(numbers.subarray(from, from + classBytes / 8), columns, l2));
    }
  }
  return found;
}

function solutionOf(memory: Float64Array, columns: number, l2: number): DualSolution {
  return {
    coefficients: Float64Array.from(memory.subarray(headLength, headLength + columns)),
    intercept: memory[0]!,
    epochs: memory[1]!,
    dualityGap: memory[2]! * l2,
    objective: memory[3]! * l2,
    converged: memory[4] === 1,
  };
}

/** The twin in plain TypeScript: the same bytes. */
export function plainDualDescent(problem: DualProblem): readonly DualSolution[] {
  const squares = rowSquares(problem.matrix);
  const lift = liftOf(squares, problem.intercept);
  return Array.from({ length: problem.count }, (_, k) =>
    new Machine(problem, squares, lift, problem.firstClass + k).descend(),
  );
}

class Machine {
  readonly #problem: DualProblem;
  readonly #squares: Float64Array;
  readonly #lift: number;
  readonly #own: number;
  readonly #w: Float64Array;
  readonly #alpha: Float64Array;
  readonly #order: Int32Array;
  #active: number;
  #centre = 0;
  #shift = 0;
  #state: number;
  #most = 0;
  #least = 0;

  constructor(problem: DualProblem, squares: Float64Array, lift: number, own: number) {
    const { rows, columns } = problem.matrix;
    this.#problem = problem;
    this.#squares = squares;
    this.#lift = lift;
    this.#own = own;
    this.#w = new Float64Array(columns);
    this.#alpha = new Float64Array(rows);
    const places = Int32Array.from({ length: rows }, (_, row) => row);
    this.#order = places.filter((row) => problem.weights?.[row] !== 0);
    this.#active = this.#order.length;
    this.#state = (2463534242 ^ Math.imul(own + 1, 2654435769)) >>> 0 || 1;
  }

  descend(): DualSolution {
    const { maxEpochs, tolerance, l2 } = this.#problem;
    let [upper, lower, enough, epochs] = [Infinity, -Infinity, 0.1, 0];
    let [dualityGap, objective, converged] = [0, 0, false];
    while (epochs < maxEpochs && !converged) {
      epochs++;
      this.#epoch(upper, lower);
      const violation = this.#most - this.#least;
      const whole = this.#active === this.#order.length;
      upper = this.#most > 0 ? this.#most : Infinity;
      lower = this.#least < 0 ? this.#least : -Infinity;
      const moved = violation <= Math.abs(this.#shift);
      if (moved) this.#centre += this.#shift;
      const rests = violation <= enough;
      if (rests && whole && Math.abs(this.#shift) <= enough) {
        [dualityGap, objective] = this.#gap();
        converged = dualityGap <= tolerance * objective || enough < 1e-12;
        enough *= 0.1;
      }
      // A row that seemed settled may not be so any more.
      if ((rests && !whole) || moved) {
        this.#active = this.#order.length;
        [upper, lower] = [Infinity, -Infinity];
      }
    }
    if (!converged) [dualityGap, objective] = this.#gap();
    const intercept = this.#centre + this.#shift;
    const own = { coefficients: this.#w, intercept, epochs, converged };
    return { ...own, dualityGap: dualityGap * l2, objective: objective * l2 };
  }

  #cost(row: number): number {
    return (this.#problem.weights?.[row] ?? 1) / this.#problem.l2;
  }

  #sign(row: number): number {
    return this.#problem.target[row] === this.#own ? 1 : -1;
  }

  #score(row: number): number {
    const { offsets, indices, values } = this.#problem.matrix;
    let sum = 0;
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      sum += values[at]! * this.#w[indices[at]!]!;
    }
    return sum;
  }

  #swap(i: number, j: number): void {
    const held = this.#order[i]!;
    this.#order[i] = this.#order[j]!;
    this.#order[j] = held;
  }

  /** Marsaglia's xorshift: the order of rows needs no better. */
  #below(count: number): number {
    let s = this.#state;
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    this.#state = s >>> 0;
    return this.#state % count;
  }

  #epoch(upper: number, lower: number): void {
    for (let i = 0; i < this.#active; i++) this.#swap(i, i + this.#below(this.#active - i));
    this.#most = -Infinity;
    this.#least = Infinity;
    let at = 0;
    while (at < this.#active) {
      if (this.#settled(this.#order[at]!, upper, lower)) this.#swap(at, --this.#active);
      else at++;
    }
    if (this.#most < this.#least) this.#most = this.#least = 0;
  }

  /** Moves a row's alpha to its best, or says that it will rest at its bound. */
  #settled(row: number, upper: number, lower: number): boolean {
    const hinge = this.#problem.loss === 'hinge';
    const old = this.#alpha[row]!;
    const cost = this.#cost(row);
    const ceiling = hinge ? cost : Infinity;
    const soft = hinge ? 0 : 0.5 / cost;
    const sign = this.#sign(row);
    const slope = sign * (this.#score(row) + this.#centre + this.#shift) - 1 + soft * old;
    const [low, high] = [old === 0, old === ceiling];
    if ((low && slope > upper) || (high && slope < lower)) return true;
    const projected = low ? Math.min(slope, 0) : high ? Math.max(slope, 0) : slope;
    this.#most = Math.max(this.#most, projected);
    this.#least = Math.min(this.#least, projected);
    const bend = this.#squares[row]! + this.#lift + soft;
    if (Math.abs(projected) <= 1e-14) return false;
    // Of a row of zeros nothing bends the slope: it goes to its bound at once.
    const next = Math.min(Math.max(old - slope / bend, 0), ceiling);
    this.#alpha[row] = next;
    const by = (next - old) * sign;
    const { offsets, indices, values } = this.#problem.matrix;
    for (let k = offsets[row]!; k < offsets[row + 1]!; k++) {
      this.#w[indices[k]!]! += by * values[k]!;
    }
    this.#shift += this.#lift * by;
    return false;
  }

  /** The duality gap at the present intercept and the objective, both by l2. */
  #gap(): readonly [gap: number, objective: number] {
    const hinge = this.#problem.loss === 'hinge';
    const intercept = this.#centre + this.#shift;
    let [squares, losses, dual] = [0, 0, 0];
    for (const value of this.#w) squares += value * value;
    for (let row = 0; row < this.#problem.matrix.rows; row++) {
      const cost = this.#cost(row);
      if (cost === 0) continue;
      const sign = this.#sign(row);
      const alpha = this.#alpha[row]!;
      const miss = Math.max(0, 1 - sign * (this.#score(row) + intercept));
      losses += cost * (hinge ? miss : miss * miss);
      dual += alpha * (1 - sign * intercept);
      if (!hinge) dual -= (0.25 / cost) * alpha * alpha;
    }
    const objective = 0.5 * squares + losses;
    return [objective - (dual - 0.5 * squares), objective];
  }
}
