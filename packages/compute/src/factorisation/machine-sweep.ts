import type { KernelSession, Region } from '../kernel-session.ts';
import type { SparseMatrix } from '../linear-algebra/sparse-matrix.ts';

/** What factorisation machines are fitted to. */
export interface MachineProblem {
  /** Columns as rows: for each column its rows, ascending, and the numbers there. */
  readonly byColumn: SparseMatrix;
  readonly loss: 'squared' | 'logistic';
  /** By row: the number itself; with `logistic` a class's index, and class 1 against 0 for one output. */
  readonly target: Float64Array;
  readonly weights?: Float64Array | undefined;
  /** Machines: one for each class against the rest, or 1. */
  readonly outputs: number;
  readonly factors: number;
  /** What half the squares of coefficients and of factors are multiplied with. */
  readonly linearPenalty: number;
  readonly factorPenalty: number;
}

/** Numbers of a record: a coefficient, the factors, and a 0 where that is an odd number. */
export function machineWidth(factors: number): number {
  return 2 * Math.ceil((factors + 1) / 2);
}

/** Factorisation machines in shared memory, swept column by column; a sweep never raises the objective. */
export class MachineSweeps {
  readonly #session: KernelSession;
  readonly #args: readonly number[];
  readonly #parameters: Region;
  readonly #sums: Region;

  constructor(session: KernelSession, problem: MachineProblem, start: Float64Array) {
    const { byColumn, target, weights, outputs, factors } = problem;
    const { rows: columns, columns: rows } = byColumn;
    const width = machineWidth(factors);
    const bytes = Math.ceil((192 + 8 * width * (2 + width + rows)) / 64) * 64;
    this.#session = session;
    this.#parameters = session.place(start);
    this.#sums = session.allocate(outputs * 8);
    const numbers = Float64Array.from(byColumn.values);
    this.#args = [
      ...[outputs, rows, columns, factors],
      ...[byColumn.offsets, byColumn.indices, numbers].map((one) => session.place(one).address),
      ...[Number(problem.loss === 'logistic'), session.place(target).address],
      weights ? session.place(weights).address : 0,
      ...[problem.linearPenalty, problem.factorPenalty],
      ...[this.#parameters.address, this.#sums.address],
      ...[session.allocate(session.threads * bytes).address, bytes],
    ];
  }

  /** Moves every parameter once; returns the objective, summed over outputs, before. */
  async sweep(): Promise<number> {
    await this.#session.run('machineSweep', this.#args);
    return this.#session.float64(this.#sums).reduce((sum, one) => sum + one, 0);
  }

  /** Outputs x (1 + columns) records as they now are. */
  get parameters(): Float64Array {
    return Float64Array.from(this.#session.float64(this.#parameters));
  }
}

/**
 * One sweep of one machine in plain TypeScript: scores by pairs of columns, steps by elimination. Returns the
 * objective before and moves `records` (constant first, each a list of 1 + factors numbers).
 */
export function plainMachineSweep(
  x: readonly ArrayLike<number>[],
  y: ArrayLike<number>,
  problem: Pick<MachineProblem, 'loss' | 'linearPenalty' | 'factorPenalty'> & {
    readonly weights?: ArrayLike<number> | undefined;
  },
  records: readonly Float64Array[],
): number {
  const before = plainObjective(x, y, problem, records);
  const penaltyOf = (k: number): number =>
    k === 0 ? problem.linearPenalty : problem.factorPenalty;
  records.forEach((own, place) => {
    const size = place === 0 ? 1 : own.length;
    const table = Array.from({ length: size }, (_, i) => {
      const line = new Float64Array(size + 1);
      if (place > 0) line[i] = penaltyOf(i);
      if (place > 0) line[size] = -penaltyOf(i) * own[i]!;
      return line;
    });
    x.forEach((row, at) => {
      const phi = plainFeature(row, records, place, size);
      const { slope, curvature } = plainParabola(plainScore(row, records), y[at]!, problem.loss);
      const weight = problem.weights?.[at] ?? 1;
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) table[i]![j]! += weight * curvature * phi[i]! * phi[j]!;
        table[i]![size]! -= weight * slope * phi[i]!;
      }
    });
    eliminate(table).forEach((move, i) => {
      own[i]! += move;
    });
  });
  return before;
}

/** Constant + sum w_i x_i + sum over pairs i < j of (v_i v_j) x_i x_j, pair by pair (Rendle 2010, equation 1). */
export function plainScore(row: ArrayLike<number>, records: readonly Float64Array[]): number {
  let score = records[0]![0]!;
  for (let i = 0; i < row.length; i++) {
    const own = records[i + 1]!;
    score += own[0]! * row[i]!;
    for (let j = i + 1; j < row.length; j++) {
      for (let k = 1; k < own.length; k++) {
        score += own[k]! * records[j + 1]![k]! * row[i]! * row[j]!;
      }
    }
  }
  return score;
}

function plainFeature(
  row: ArrayLike<number>,
  records: readonly Float64Array[],
  place: number,
  size: number,
): number[] {
  if (place === 0) return [1];
  return Array.from({ length: size }, (_, k) => {
    const x = row[place - 1]!;
    if (k === 0) return x;
    let sum = 0;
    for (let j = 0; j < row.length; j++) {
      if (j !== place - 1) sum += records[j + 1]![k]! * row[j]!;
    }
    return x * sum;
  });
}

function plainParabola(score: number, y: number, loss: MachineProblem['loss']) {
  if (loss === 'squared') return { slope: score - y, curvature: 1 };
  const curvature = score === 0 ? 0.25 : Math.tanh(score / 2) / (2 * score);
  return { slope: 1 / (1 + Math.exp(-score)) - y, curvature };
}

function plainObjective(
  x: readonly ArrayLike<number>[],
  y: ArrayLike<number>,
  problem: Parameters<typeof plainMachineSweep>[2],
  records: readonly Float64Array[],
): number {
  let total = 0;
  x.forEach((row, at) => {
    const score = plainScore(row, records);
    const loss =
      problem.loss === 'squared'
        ? 0.5 * (score - y[at]!) ** 2
        : Math.log1p(Math.exp(-Math.abs(score))) + Math.max(0, score) - y[at]! * score;
    total += (problem.weights?.[at] ?? 1) * loss;
  });
  for (const own of records.slice(1)) {
    own.forEach((value, k) => {
      const penalty = k === 0 ? problem.linearPenalty : problem.factorPenalty;
      total += 0.5 * penalty * value * value;
    });
  }
  return total;
}

/** Positive definite, so that no pivot has to be looked for. */
function eliminate(table: readonly Float64Array[]): Float64Array {
  const n = table.length;
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = table[i]![k]! / table[k]![k]!;
      for (let j = k; j <= n; j++) table[i]![j]! -= factor * table[k]![j]!;
    }
  }
  return Float64Array.from(table, (row, i) => row[n]! / row[i]!);
}
