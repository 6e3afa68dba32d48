import { columnMajor, type DenseMatrix } from './dense-matrix.ts';
import { applyQ, factorColumns, type Qr } from './qr.ts';
import { addScaled, dot, largest, norm } from './vector.ts';

/** A = left diag(values) right, with k = min(rows, columns) or the rank asked for. */
export interface Svd {
  readonly rows: number;
  readonly columns: number;
  /** The singular values, falling (k). */
  readonly values: Float64Array;
  /** Orthonormal columns (rows x k, row-major). */
  readonly left: Float64Array;
  /** Orthonormal rows, each with its largest entry positive (k x columns, row-major). */
  readonly right: Float64Array;
}

/**
 * The thin singular value decomposition: QR with pivoting, then one-sided Jacobi on R' (Drmac and
 * Veselic 2008). Small singular values keep their digits as far as the matrix's columns define them.
 * The time grows with min(rows, columns) cubed; from about 1,000 on, `randomisedSvd` is for the leading
 * ones. Numbers must be finite.
 */
export function svd(matrix: DenseMatrix): Svd {
  const { rows, columns } = matrix;
  const wide = rows < columns;
  const work = wide ? Float64Array.from(matrix.values) : columnMajor(matrix);
  const scale = scaleDown(work);
  const found = tallSvd(work, wide ? columns : rows, wide ? rows : columns);
  const [left, right] = wide ? [found.right, found.left] : [found.left, found.right];
  orient(left, right, rows, columns);
  return {
    rows,
    columns,
    values: found.values.map((value) => value * scale),
    left: fromColumns(left, rows),
    right,
  };
}

/** Brings the largest entry near 1 by a power of two, so that no square overflows; gives the power. */
function scaleDown(values: Float64Array): number {
  const size = largest(values);
  // The power's own reciprocal must be a number too.
  const exponent = Math.max(-1000, Math.min(1000, Math.floor(Math.log2(size))));
  const scale = size > 0 ? 2 ** exponent : 1;
  for (let k = 0; k < values.length; k++) values[k]! /= scale;
  return scale;
}

interface TallSvd {
  readonly values: Float64Array;
  /** Vectors one after another: n x rows and n x n. */
  readonly left: Float64Array<ArrayBuffer>;
  readonly right: Float64Array<ArrayBuffer>;
}

/** Of a column-major matrix with rows >= n: with A P = Q R and R' = Y S X', A = (Q X) S (P Y)'. */
function tallSvd(work: Float64Array, rows: number, n: number): TallSvd {
  const factor = factorColumns(work, rows, n, true);
  const y = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i <= j; i++) y[i * n + j] = work[j * rows + i]!;
  }
  const x = new Float64Array(n * n);
  for (let i = 0; i < n; i++) x[i * n + i] = 1;
  orthogonalise(y, x, n);
  const lengths = Float64Array.from({ length: n }, (_, i) => norm(y, i * n, n));
  const order = Array.from(lengths.keys()).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const values = Float64Array.from(order, (from) => lengths[from]!);
  const right = new Float64Array(n * n);
  order.forEach((from, to) => {
    for (let i = 0; i < n && lengths[from]! > 0; i++) {
      right[to * n + factor.permutation[i]!] = y[from * n + i]! / lengths[from]!;
    }
  });
  completeBasis(right, n, values);
  return { values, left: turned(factor, x, order), right };
}

/** More sweeps than any matrix needs; a bound so that NaN ends. */
const maxSweeps = 40;

/** Rotates pairs of rows of y until all are orthogonal; x takes the same rotations. */
function orthogonalise(y: Float64Array, x: Float64Array, n: number): void {
  const squares = new Float64Array(n);
  for (let sweep = 0; sweep < maxSweeps; sweep++) {
    for (let i = 0; i < n; i++) squares[i] = dot(y, i * n, y, i * n, n);
    let turnedAny = false;
    for (let i = 0; i < n - 1; i++) {
      for (let j = i + 1; j < n; j++) {
        if (rotatePair(y, x, n, i, j, squares)) turnedAny = true;
      }
    }
    if (!turnedAny) return;
  }
}

/** Whether the pair had to be turned. */
function rotatePair(
  y: Float64Array,
  x: Float64Array,
  n: number,
  i: number,
  j: number,
  squares: Float64Array,
): boolean {
  const [a, b] = [squares[i]!, squares[j]!];
  const overlap = dot(y, i * n, y, j * n, n);
  if (!(Math.abs(overlap) > 2 * Number.EPSILON * Math.sqrt(a * b))) return false;
  const zeta = (b - a) / (2 * overlap);
  const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const c = 1 / Math.sqrt(1 + t * t);
  rotate(y, i * n, j * n, n, c, c * t);
  rotate(x, i * n, j * n, n, c, c * t);
  squares[i] = dot(y, i * n, y, i * n, n);
  squares[j] = dot(y, j * n, y, j * n, n);
  return true;
}

function rotate(
  rows: Float64Array,
  first: number,
  second: number,
  n: number,
  c: number,
  s: number,
): void {
  for (let k = 0; k < n; k++) {
    const f = rows[first + k]!;
    const g = rows[second + k]!;
    rows[first + k] = c * f - s * g;
    rows[second + k] = s * f + c * g;
  }
}

/** Vectors of zero singular values: any unit vectors that are orthogonal to the others. */
function completeBasis(vectors: Float64Array, n: number, values: Float64Array): void {
  for (let at = 0; at < n; at++) {
    if (values[at]! > 0) continue;
    for (let unit = 0; unit < n; unit++) {
      const candidate = new Float64Array(n);
      candidate[unit] = 1;
      for (let pass = 0; pass < 2; pass++) {
        for (let k = 0; k < at; k++) {
          addScaled(candidate, 0, -dot(vectors, k * n, candidate, 0, n), vectors, k * n, n);
        }
      }
      const length = norm(candidate);
      // Of n unit vectors one keeps at least 1 / sqrt(n) of its length beside n - 1 others.
      if (length < 0.5 / Math.sqrt(n)) continue;
      for (let k = 0; k < n; k++) vectors[at * n + k] = candidate[k]! / length;
      break;
    }
  }
}

/** Q times the vectors in this order (rows of x, n long), one after another. */
function turned(factor: Qr, x: Float64Array, order: readonly number[]): Float64Array<ArrayBuffer> {
  const { rows, columns: n } = factor;
  const out = new Float64Array(n * rows);
  order.forEach((from, to) => {
    const vector = out.subarray(to * rows, (to + 1) * rows);
    vector.set(x.subarray(from * n, (from + 1) * n));
    applyQ(factor, vector);
  });
  return out;
}

/** Makes each right vector's largest entry positive: the decomposition leaves the signs open. */
function orient(left: Float64Array, right: Float64Array, rows: number, columns: number): void {
  for (let from = 0, at = 0; from < right.length; from += columns, at += rows) {
    let best = from;
    for (let k = from; k < from + columns; k++) {
      if (Math.abs(right[k]!) > Math.abs(right[best]!)) best = k;
    }
    if (right[best]! >= 0) continue;
    for (let k = from; k < from + columns; k++) right[k] = -right[k]!;
    for (let k = at; k < at + rows; k++) left[k] = -left[k]!;
  }
}

/** Vectors one after another, as the columns of a row-major matrix. */
export function fromColumns(vectors: Float64Array, rows: number): Float64Array {
  const count = rows === 0 ? 0 : vectors.length / rows;
  return columnMajor({ rows: count, columns: rows, values: vectors });
}
