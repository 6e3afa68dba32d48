import { assert, seededRandom } from '@backlot/core';
import { columnMajor } from './dense-matrix.ts';
import { multiplyDense } from './dense-product.ts';
import type { LinearOperator } from './linear-operator.ts';
import { orthonormalColumns, qr } from './qr.ts';
import type { SparseProducts } from './sparse-products.ts';
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

/** As `LinearOperator`, where products may come later, as from kernel threads. */
export interface AsyncOperator {
  readonly rows: number;
  readonly columns: number;
  multiply(x: Float64Array, width: number): Float64Array | Promise<Float64Array>;
  multiplyTransposed(y: Float64Array, width: number): Float64Array | Promise<Float64Array>;
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
  const search = leadingDirections(operator, options);
  let next = search.next();
  while (!next.done) {
    const { block, transposed, width } = next.value;
    const act = transposed ? operator.multiplyTransposed : operator.multiply;
    next = search.next(act(block, width));
  }
  return next.value;
}

/** `randomisedSvd` of an operator that answers later. */
export async function randomisedSvdAsync(
  operator: AsyncOperator,
  options: RandomisedSvdOptions,
): Promise<Svd> {
  const search = leadingDirections(operator, options);
  let next = search.next();
  while (!next.done) {
    const { block, transposed, width } = next.value;
    const act = transposed ? operator.multiplyTransposed : operator.multiply;
    next = search.next(await act(block, width));
  }
  return next.value;
}

/** The products of a sparse matrix as an operator; their width is made even. */
export function productsOperator(products: SparseProducts): AsyncOperator {
  const { rows, columns } = products;
  const padded = async (
    from: number,
    to: number,
    block: Float64Array,
    width: number,
    transposed: boolean,
  ): Promise<Float64Array> => {
    const stride = width === 1 ? 1 : width + (width & 1);
    const own = stride === width ? block : restride(block, from, width, stride);
    const out = new Float64Array(to * stride);
    if (transposed) await products.multiplyTransposed(own, stride, out);
    else await products.multiply(own, stride, out);
    return stride === width ? out : restride(out, to, stride, width);
  };
  return {
    rows,
    columns,
    multiply: (x, width) => padded(columns, rows, x, width, false),
    multiplyTransposed: (y, width) => padded(rows, columns, y, width, true),
  };
}

/** Rows of another length: cut, or filled up with zeros. */
function restride(block: Float64Array, rows: number, from: number, to: number): Float64Array {
  const out = new Float64Array(rows * to);
  const both = Math.min(from, to);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < both; k++) out[row * to + k] = block[row * from + k]!;
  }
  return out;
}

/** A product that is wanted. */
interface Wanted {
  readonly block: Float64Array;
  readonly width: number;
  readonly transposed: boolean;
}

/** Up to it, a product with A A' leaves more than half the digits to the last direction. */
const tameRatio = 1e4;

function* leadingDirections(
  { rows, columns }: { readonly rows: number; readonly columns: number },
  options: RandomisedSvdOptions,
): Generator<Wanted, Svd, Float64Array> {
  const { rank, oversampling = 10, powerIterations = 4 } = options;
  assert(Number.isInteger(rank) && rank >= 1, 'the rank is a whole number of at least 1');
  const width = Math.min(rank + oversampling, rows, columns);
  const random = seededRandom(options.seed);
  const start = Float64Array.from({ length: columns * width }, () => random.normal());
  let basis = orthonormal(yield { block: start, width, transposed: false }, rows, width).basis;
  // The longer side is made orthonormal only where the singular values lie far apart.
  let tame = false;
  for (let pass = 0; pass < powerIterations; pass++) {
    let across = yield { block: basis, width, transposed: true };
    if (!tame) {
      const found = orthonormal(across, columns, width);
      across = found.basis;
      tame = found.ratio <= tameRatio;
    }
    basis = orthonormal(yield { block: across, width, transposed: false }, rows, width).basis;
  }
  const small = yield { block: basis, width, transposed: true };
  const values = columnMajor({ rows: columns, columns: width, values: small });
  return lift(svd({ rows: width, columns, values }), basis, { rows, rank: Math.min(rank, width) });
}

/** An orthonormal basis of the columns of a row-major matrix, and how far R's diagonal reaches. */
function orthonormal(values: Float64Array, rows: number, columns: number) {
  const factored = qr({ rows, columns, values }, { pivot: false });
  let [most, least] = [0, Infinity];
  for (let j = 0; j < Math.min(rows, columns); j++) {
    const size = Math.abs(factored.values[j * rows + j]!);
    most = Math.max(most, size);
    least = Math.min(least, size);
  }
  return { basis: fromColumns(orthonormalColumns(factored), rows), ratio: most / least };
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
