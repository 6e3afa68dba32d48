import { assert, seededRandom } from '@backlot/core';
import { columnMajor } from './dense-matrix.ts';
import { multiplyDense } from './dense-product.ts';
import type { LinearOperator } from './linear-operator.ts';
import { orthonormalColumns, qr } from './qr.ts';
import { fromColumns, type Svd, svd } from './svd.ts';

export interface RandomisedSvdOptions {
  /** How many singular values are wanted; fewer come back where the matrix has fewer. */
  readonly rank: number;
  readonly seed: number;
  /** Random directions beyond the rank; 10 by default. */
  readonly oversampling?: number;
  /** Passes with A' A that sharpen the subspace; 4 by default. */
  readonly powerIterations?: number;
}

/**
 * The leading singular values and vectors from products with random blocks (Halko, Martinsson and Tropp
 * 2011, algorithms 4.4 and 5.1). The error of the approximation is near the next singular value's size
 * times (next / last)^(2 powerIterations); the values are never too large.
 *
 * @example
 * const { values } = randomisedSvd(sparseOperator(matrix), { rank: 50, seed: 1 });
 */
export function randomisedSvd(operator: LinearOperator, options: RandomisedSvdOptions): Svd {
  const { rows, columns } = operator;
  const { rank, oversampling = 10, powerIterations = 4 } = options;
  assert(Number.isInteger(rank) && rank >= 1, 'the rank is a whole number of at least 1');
  const width = Math.min(rank + oversampling, rows, columns);
  const random = seededRandom(options.seed);
  const start = Float64Array.from({ length: columns * width }, () => random.normal());
  let basis = orthonormal(operator.multiply(start, width), rows, width);
  for (let pass = 0; pass < powerIterations; pass++) {
    const across = orthonormal(operator.multiplyTransposed(basis, width), columns, width);
    basis = orthonormal(operator.multiply(across, width), rows, width);
  }
  const small = operator.multiplyTransposed(basis, width);
  return lift(
    svd({
      rows: width,
      columns,
      values: columnMajor({ rows: columns, columns: width, values: small }),
    }),
    basis,
    {
      rows,
      rank: Math.min(rank, width),
    },
  );
}

/** An orthonormal basis of the columns of a row-major matrix. */
function orthonormal(values: Float64Array, rows: number, columns: number): Float64Array {
  return fromColumns(orthonormalColumns(qr({ rows, columns, values }, { pivot: false })), rows);
}

/** From the decomposition of Q' A to that of A, cut to the rank. */
function lift(
  small: Svd,
  basis: Float64Array,
  size: { readonly rows: number; readonly rank: number },
): Svd {
  const { rows, rank } = size;
  const width = small.rows;
  const leading = new Float64Array(width * rank);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < rank; j++) leading[i * rank + j] = small.left[i * width + j]!;
  }
  return {
    rows,
    columns: small.columns,
    values: small.values.slice(0, rank),
    left: multiplyDense({ rows, columns: width, values: basis }, leading, rank),
    right: small.right.slice(0, rank * small.columns),
  };
}
