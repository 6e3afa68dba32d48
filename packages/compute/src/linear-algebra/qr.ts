import { columnMajor, type DenseMatrix } from './dense-matrix.ts';
import { addScaled, dot, norm } from './vector.ts';

/** A P = Q R in the compact form of LAPACK: reflectors below the diagonal, R on and above it. */
export interface Qr {
  readonly rows: number;
  readonly columns: number;
  /** Column-major (columns x rows). */
  readonly values: Float64Array;
  /** Reflector j is I - scales[j] v v' with v_j = 1; min(rows, columns). */
  readonly scales: Float64Array;
  /** Column j of R belongs to this column of A. */
  readonly permutation: Int32Array;
}

/**
 * Householder QR (Golub and Van Loan, Matrix Computations, 5.2 and 5.4). With `pivot`, columns are
 * exchanged so that the diagonal of R falls in absolute value: that reveals the rank.
 */
export function qr(matrix: DenseMatrix, options: { readonly pivot?: boolean } = {}): Qr {
  return factorColumns(columnMajor(matrix), matrix.rows, matrix.columns, options.pivot ?? true);
}

/** The same of a column-major matrix, in its place. */
export function factorColumns(
  values: Float64Array,
  rows: number,
  columns: number,
  pivot: boolean,
): Qr {
  const steps = Math.min(rows, columns);
  const scales = new Float64Array(steps);
  const permutation = Int32Array.from({ length: columns }, (_, j) => j);
  const norms = pivot ? new ColumnNorms(values, rows, columns) : undefined;
  for (let j = 0; j < steps; j++) {
    const chosen = norms?.longest(j) ?? j;
    if (chosen !== j) {
      exchange(values, rows, j, chosen);
      norms?.exchange(j, chosen);
      [permutation[j], permutation[chosen]] = [permutation[chosen]!, permutation[j]!];
    }
    const scale = reflector(values, j * rows + j, j * rows + j + 1, rows - j - 1);
    scales[j] = scale;
    for (let k = j + 1; k < columns; k++) {
      if (scale !== 0) reflect(values, j * rows + j, scale, values, k * rows + j, rows - j);
    }
    norms?.downdate(j);
  }
  return { rows, columns, values, scales, permutation };
}

/**
 * Turns (pivot, rest) into a reflector that maps it to a multiple of the first unit vector: the pivot
 * becomes that multiple, the rest the reflector's tail. The scale is 0 where nothing is to be done.
 */
export function reflector(x: Float64Array, pivotAt: number, restAt: number, rest: number): number {
  const below = norm(x, restAt, rest);
  if (below === 0) return 0;
  const pivot = x[pivotAt]!;
  const length = pivot < 0 ? Math.hypot(pivot, below) : -Math.hypot(pivot, below);
  const by = pivot - length;
  for (let k = restAt; k < restAt + rest; k++) x[k]! /= by;
  x[pivotAt] = length;
  return -by / length;
}

/** Applies a reflector (its first entry, an implicit 1, at vAt) to a stretch of the same length. */
function reflect(
  v: Float64Array,
  vAt: number,
  scale: number,
  y: Float64Array,
  yAt: number,
  length: number,
): void {
  const overlap = scale * (y[yAt]! + dot(v, vAt + 1, y, yAt + 1, length - 1));
  y[yAt]! -= overlap;
  addScaled(y, yAt + 1, -overlap, v, vAt + 1, length - 1);
}

function exchange(values: Float64Array, rows: number, a: number, b: number): void {
  const held = values.slice(a * rows, (a + 1) * rows);
  values.copyWithin(a * rows, b * rows, (b + 1) * rows);
  values.set(held, b * rows);
}

/**
 * The lengths of what is left of each column. They are brought down after each step and computed again
 * where too many digits were lost (Drmac and Bujanovic 2008, the rule of LAPACK's dgeqp3).
 */
class ColumnNorms {
  readonly #values: Float64Array;
  readonly #rows: number;
  readonly #norms: Float64Array;
  readonly #computed: Float64Array;

  constructor(values: Float64Array, rows: number, columns: number) {
    this.#values = values;
    this.#rows = rows;
    this.#norms = Float64Array.from({ length: columns }, (_, j) => norm(values, j * rows, rows));
    this.#computed = this.#norms.slice();
  }

  longest(from: number): number {
    let best = from;
    for (let k = from + 1; k < this.#norms.length; k++) {
      if (this.#norms[k]! > this.#norms[best]!) best = k;
    }
    return best;
  }

  /** Column j is done: only what stood in its place is still needed. */
  exchange(j: number, chosen: number): void {
    this.#norms[chosen] = this.#norms[j]!;
    this.#computed[chosen] = this.#computed[j]!;
  }

  downdate(j: number): void {
    const rows = this.#rows;
    for (let k = j + 1; k < this.#norms.length; k++) {
      const length = this.#norms[k]!;
      if (length === 0) continue;
      const part = Math.abs(this.#values[k * rows + j]!) / length;
      const left = Math.max(0, (1 - part) * (1 + part));
      if (left * (length / this.#computed[k]!) ** 2 > Math.sqrt(Number.EPSILON)) {
        this.#norms[k] = length * Math.sqrt(left);
      } else {
        this.#norms[k] = norm(this.#values, k * rows + j + 1, rows - j - 1);
        this.#computed[k] = this.#norms[k]!;
      }
    }
  }
}

/** Q' x in place of x (rows), with the full square Q. */
export function applyQTransposed(factor: Qr, x: Float64Array): void {
  for (let j = 0; j < factor.scales.length; j++) applyReflector(factor, j, x);
}

/** Q x in place of x (rows), with the full square Q. */
export function applyQ(factor: Qr, x: Float64Array): void {
  for (let j = factor.scales.length - 1; j >= 0; j--) applyReflector(factor, j, x);
}

function applyReflector(factor: Qr, j: number, x: Float64Array): void {
  const { rows, scales, values } = factor;
  if (scales[j] !== 0) reflect(values, j * rows + j, scales[j]!, x, j, rows - j);
}

/** The thin Q column after column: an orthonormal basis (min(rows, columns) x rows). */
export function orthonormalColumns(factor: Qr): Float64Array<ArrayBuffer> {
  const { rows, scales } = factor;
  const out = new Float64Array(scales.length * rows);
  for (let j = 0; j < scales.length; j++) {
    const column = out.subarray(j * rows, (j + 1) * rows);
    column[j] = 1;
    for (let k = j; k >= 0; k--) applyReflector(factor, k, column);
  }
  return out;
}
