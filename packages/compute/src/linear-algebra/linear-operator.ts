import type { DenseMatrix } from './dense-matrix.ts';
import { multiplyDense, multiplyDenseTransposed } from './dense-product.ts';
import { multiplySparse, multiplySparseTransposed, type SparseMatrix } from './sparse-matrix.ts';

/** A matrix of which only its products with blocks of vectors (row-major) are known. */
export interface LinearOperator {
  readonly rows: number;
  readonly columns: number;
  /** A x for x (columns x width): a new array, rows x width. */
  multiply(x: Float64Array, width: number): Float64Array;
  /** A' y for y (rows x width): a new array, columns x width. */
  multiplyTransposed(y: Float64Array, width: number): Float64Array;
}

/** A dense matrix as an operator. */
export function denseOperator(matrix: DenseMatrix): LinearOperator {
  return {
    rows: matrix.rows,
    columns: matrix.columns,
    multiply: (x, width) => multiplyDense(matrix, x, width),
    multiplyTransposed: (y, width) => multiplyDenseTransposed(matrix, y, width),
  };
}

/** A sparse matrix as an operator. */
export function sparseOperator(matrix: SparseMatrix): LinearOperator {
  return {
    rows: matrix.rows,
    columns: matrix.columns,
    multiply: (x, width) => multiplySparse(matrix, x, width),
    multiplyTransposed: (y, width) => multiplySparseTransposed(matrix, y, width),
  };
}

/**
 * The operator less a row of means (columns) in each row, so that sparse rows stay sparse: A - 1 m'.
 */
export function centredOperator(operator: LinearOperator, means: Float64Array): LinearOperator {
  const { rows, columns } = operator;
  return {
    rows,
    columns,
    multiply(x, width) {
      const out = operator.multiply(x, width);
      const shift = multiplyDense({ rows: 1, columns, values: means }, x, width);
      for (let row = 0; row < rows; row++) {
        for (let j = 0; j < width; j++) out[row * width + j]! -= shift[j]!;
      }
      return out;
    },
    multiplyTransposed(y, width) {
      const out = operator.multiplyTransposed(y, width);
      const totals = new Float64Array(width);
      for (let row = 0; row < rows; row++) {
        for (let j = 0; j < width; j++) totals[j]! += y[row * width + j]!;
      }
      for (let k = 0; k < columns; k++) {
        for (let j = 0; j < width; j++) out[k * width + j]! -= means[k]! * totals[j]!;
      }
      return out;
    },
  };
}
