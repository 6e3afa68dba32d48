import type { DenseMatrix } from '../linear-algebra/dense-matrix.ts';
import type { SparseMatrix } from '../linear-algebra/sparse-matrix.ts';
import type { RowLoss } from './row-loss.ts';

/** What a pass over rows computes: a loss of linear scores, and its gradient. */
export interface LossQuery {
  readonly loss: RowLoss;
  /** The loss's numbers, `first` and `second` of `RowLoss`. */
  readonly first?: number;
  readonly second?: number;
  /** How many scores a row has; above 1 for softmax alone. */
  readonly outputs: number;
  /** outputs x (columns + 1), for standardised columns; the last of each is the intercept. */
  readonly coefficients: Float64Array;
  readonly target: Float64Array;
  readonly weights?: Float64Array | undefined;
  /** Takes each row's weighted second derivative (for softmax that of class `first`). */
  readonly curvature?: Float64Array | undefined;
}

/**
 * Rows as linear models pass over them. Columns are standardised on the way: less their shift, times their
 * scale, which is a power of two. Sums have one order, whatever the number of threads.
 */
export interface LinearRows extends AsyncDisposable {
  readonly rows: number;
  readonly columns: number;
  readonly shifts: Float64Array;
  readonly scales: Float64Array;
  /**
   * The sum of w z z' over rows for z = (standardised columns, 1, target): (columns + 2) squared, both
   * triangles. Without a target its row and column are 0.
   */
  moments(
    target: Float64Array | undefined,
    weights: Float64Array | undefined,
  ): Promise<Float64Array>;
  /** The weighted sum of losses; its gradient (outputs x (columns + 1)) is written in place. */
  loss(query: LossQuery, gradient: Float64Array): Promise<number>;
}

/** Shifts near the means where columns are centred, scales near the reciprocals of what is left. */
export function standardOf(
  matrix: DenseMatrix | SparseMatrix,
  centred: boolean,
): {
  readonly shifts: Float64Array;
  readonly scales: Float64Array;
} {
  return 'offsets' in matrix ? sparseStandard(matrix) : denseStandard(matrix, centred);
}

/** So many rows show where columns lie; the solution does not depend on it. */
const sampledRows = 1024;

function denseStandard({ rows, columns, values }: DenseMatrix, centred: boolean) {
  const step = Math.max(1, Math.floor(rows / sampledRows));
  const count = Math.ceil(rows / step);
  const [shifts, squares] = [new Float64Array(columns), new Float64Array(columns)];
  for (let row = 0; row < rows && centred; row += step) {
    for (let j = 0; j < columns; j++) shifts[j]! += values[row * columns + j]! / count;
  }
  // A float's shift is a float, so that all passes take away the same.
  if (values instanceof Float32Array) shifts.set(Float32Array.from(shifts));
  for (let row = 0; row < rows; row += step) {
    for (let j = 0; j < columns; j++) {
      squares[j]! += (values[row * columns + j]! - shifts[j]!) ** 2 / count;
    }
  }
  return { shifts, scales: squares.map(scaleOf) };
}

function sparseStandard({ rows, columns, indices, values }: SparseMatrix) {
  const squares = new Float64Array(columns);
  for (let at = 0; at < indices.length; at++) squares[indices[at]!]! += values[at]! ** 2 / rows;
  return { shifts: new Float64Array(columns), scales: squares.map(scaleOf) };
}

/** A power of two rounds nothing; far powers would leave the range of floats. */
function scaleOf(square: number): number {
  if (!(square > 0 && square < Infinity)) return 1;
  return 2 ** Math.max(-60, Math.min(60, -Math.round(0.5 * Math.log2(square))));
}
