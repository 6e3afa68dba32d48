import { NotPositiveDefinite } from '../error.ts';
import { solveLower, solveLowerTransposed } from './triangular.ts';
import { dot } from './vector.ts';

/** The factor of a symmetric positive definite matrix: L with L L' = the matrix. */
export interface Cholesky {
  readonly n: number;
  /** n x n row-major; zeros above the diagonal. */
  readonly lower: Float64Array;
}

/** Columns that are finished together: their rows stay in the first-level cache. */
const blockColumns = 32;

/**
 * Factors a symmetric positive definite matrix (n x n row-major, lower triangle read), by columns in
 * blocks (Golub and Van Loan, Matrix Computations, 4.2). Throws `NotPositiveDefinite` with the row
 * whose pivot is not above zero, which NaN is not either.
 */
export function cholesky(matrix: Float64Array, n: number): Cholesky {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) lower.set(matrix.subarray(i * n, i * n + i + 1), i * n);
  for (let first = 0; first < n; first += blockColumns) {
    const end = Math.min(first + blockColumns, n);
    for (let i = first; i < n; i++) {
      if (first > 0) subtractEarlier(lower, n, i, first, Math.min(end, i + 1));
      finishRow(lower, n, i, first, Math.min(end, i + 1));
    }
  }
  return { n, lower };
}

/** Takes from entries first to end of row i what the finished columns explain, four at a time. */
function subtractEarlier(l: Float64Array, n: number, i: number, first: number, end: number): void {
  const row = i * n;
  let j = first;
  for (; j + 4 <= end; j += 4) {
    const [r0, r1, r2, r3] = [j * n, (j + 1) * n, (j + 2) * n, (j + 3) * n];
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let k = 0; k < first; k++) {
      const value = l[row + k]!;
      s0 += value * l[r0 + k]!;
      s1 += value * l[r1 + k]!;
      s2 += value * l[r2 + k]!;
      s3 += value * l[r3 + k]!;
    }
    l[row + j]! -= s0;
    l[row + j + 1]! -= s1;
    l[row + j + 2]! -= s2;
    l[row + j + 3]! -= s3;
  }
  for (; j < end; j++) l[row + j]! -= dot(l, row, l, j * n, first);
}

function finishRow(l: Float64Array, n: number, i: number, first: number, end: number): void {
  const row = i * n;
  for (let j = first; j < end; j++) {
    const rest = l[row + j]! - dot(l, row + first, l, j * n + first, j - first);
    if (i === j && !(rest > 0 && rest < Infinity)) throw new NotPositiveDefinite(i);
    l[row + j] = i === j ? Math.sqrt(rest) : rest / l[j * n + j]!;
  }
}

/** Solves (L L') x = b for one right side (n), as a new array. */
export function choleskySolve(factor: Cholesky, right: Float64Array): Float64Array {
  const x = right.slice();
  solveLower(factor.lower, factor.n, x);
  solveLowerTransposed(factor.lower, factor.n, x);
  return x;
}

/** The inverse of the factored matrix (n x n row-major, symmetric). */
export function choleskyInverse(factor: Cholesky): Float64Array {
  const { n } = factor;
  const inverse = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const unit = new Float64Array(n);
    unit[j] = 1;
    const column = choleskySolve(factor, unit);
    // One triangle is computed and mirrored, so that the result is symmetric to the last bit.
    for (let i = j; i < n; i++) {
      inverse[i * n + j] = column[i]!;
      inverse[j * n + i] = column[i]!;
    }
  }
  return inverse;
}

/** The logarithm of the factored matrix's determinant. */
export function choleskyLogDeterminant(factor: Cholesky): number {
  let total = 0;
  for (let i = 0; i < factor.n; i++) total += Math.log(factor.lower[i * factor.n + i]!);
  return 2 * total;
}
