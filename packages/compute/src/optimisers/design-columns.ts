import type { DenseMatrix } from '../linear-algebra/dense-matrix.ts';
import { columnMajor } from '../linear-algebra/dense-matrix.ts';
import { type SparseMatrix, transposeSparse } from '../linear-algebra/sparse-matrix.ts';
import { addScaled, dot } from '../linear-algebra/vector.ts';

/** What coordinate descent asks of a design matrix: one column at a time. */
export interface DesignColumns {
  readonly rows: number;
  readonly columns: number;
  /** Column j's squared length. */
  square(j: number): number;
  /** Column j times a vector of rows. */
  dot(j: number, y: Float64Array): number;
  /** y += factor column j. */
  add(j: number, factor: number, y: Float64Array): void;
}

/** A dense matrix by columns: one copy of it, in doubles. */
export function denseColumns(matrix: DenseMatrix): DesignColumns {
  const { rows, columns } = matrix;
  const values = columnMajor(matrix);
  const squares = Float64Array.from({ length: columns }, (_, j) =>
    dot(values, j * rows, values, j * rows, rows),
  );
  return {
    rows,
    columns,
    square: (j) => squares[j]!,
    dot: (j, y) => dot(values, j * rows, y, 0, rows),
    add: (j, factor, y) => addScaled(y, 0, factor, values, j * rows, rows),
  };
}

/**
 * A sparse matrix by columns. With means, each column less its mean without writing the zeros out: the
 * work beside the entries is one sum and one shift of the vector.
 */
export function sparseColumns(matrix: SparseMatrix, means?: Float64Array): DesignColumns {
  const { rows, columns } = matrix;
  const { offsets, indices, values } = transposeSparse(matrix);
  const squares = new Float64Array(columns);
  for (let j = 0; j < columns; j++) {
    for (let at = offsets[j]!; at < offsets[j + 1]!; at++) squares[j]! += values[at]! ** 2;
    if (means) squares[j] = Math.max(0, squares[j]! - rows * means[j]! ** 2);
  }
  return {
    rows,
    columns,
    square: (j) => squares[j]!,
    dot(j, y) {
      let sum = 0;
      for (let at = offsets[j]!; at < offsets[j + 1]!; at++) sum += values[at]! * y[indices[at]!]!;
      const mean = means?.[j] ?? 0;
      if (mean !== 0) for (let row = 0; row < rows; row++) sum -= mean * y[row]!;
      return sum;
    },
    add(j, factor, y) {
      for (let at = offsets[j]!; at < offsets[j + 1]!; at++) {
        y[indices[at]!]! += factor * values[at]!;
      }
      const shift = factor * (means?.[j] ?? 0);
      if (shift !== 0) for (let row = 0; row < rows; row++) y[row]! -= shift;
    },
  };
}
