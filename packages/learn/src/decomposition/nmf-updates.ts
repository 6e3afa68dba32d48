import type { Matrix } from '../matrix.ts';

type Divergence = 'squares' | 'kullbackLeibler';

/** X is about w h; both change in place. */
export interface Factors {
  readonly count: number;
  /** rows x count. */
  readonly w: Float64Array;
  /** count x columns. */
  readonly h: Float64Array;
}

/** Keeps ratios finite where a product is 0. */
const tiny = 1e-300;

/** One round over w, then h; the divergence never rises. */
export function improve(matrix: Matrix, factors: Factors, divergence: Divergence): void {
  if (divergence === 'squares') {
    leastSquaresRows(matrix, factors, 1);
    leastSquaresParts(matrix, factors);
  } else {
    multiplyRows(matrix, factors);
    multiplyParts(matrix, factors);
  }
}

/** Half the squared differences, or sum x log(x / y) - x + y. */
export function divergenceOf(
  { rows, columns, values }: Matrix,
  { count, w, h }: Factors,
  divergence: Divergence,
): number {
  let total = 0;
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < columns; k++) {
      let y = 0;
      for (let j = 0; j < count; j++) y += w[row * count + j]! * h[j * columns + k]!;
      const x = values[row * columns + k]!;
      if (divergence === 'squares') total += (x - y) ** 2 / 2;
      else total += (x > 0 ? x * Math.log(x / Math.max(y, tiny)) : 0) - x + y;
    }
  }
  return total;
}

/** Coordinate descent on each row of w, so many sweeps. */
function leastSquaresRows(
  { rows, columns, values }: Matrix,
  { count, w, h }: Factors,
  sweeps: number,
): void {
  const square = products(h, count, columns);
  const target = new Float64Array(count);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < count; j++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += values[row * columns + k]! * h[j * columns + k]!;
      target[j] = sum;
    }
    for (let sweep = 0; sweep < sweeps; sweep++) {
      if (!sweepCoordinates(square, target, w, row * count, count)) break;
    }
  }
}

/** Minimises each coordinate of v' S v / 2 - t v from 0; returns whether one moved notably. */
function sweepCoordinates(
  square: Float64Array,
  target: Float64Array,
  v: Float64Array,
  start: number,
  count: number,
): boolean {
  let moved = false;
  for (let j = 0; j < count; j++) {
    const curve = square[j * count + j]!;
    if (!(curve > 0)) continue;
    let slope = -target[j]!;
    for (let i = 0; i < count; i++) slope += square[j * count + i]! * v[start + i]!;
    const before = v[start + j]!;
    v[start + j] = Math.max(0, before - slope / curve);
    if (Math.abs(v[start + j]! - before) > 1e-12 * (1 + before)) moved = true;
  }
  return moved;
}

function leastSquaresParts({ rows, columns, values }: Matrix, { count, w, h }: Factors): void {
  const square = new Float64Array(count * count);
  const targets = new Float64Array(columns * count);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < count; j++) {
      const own = w[row * count + j]!;
      if (own === 0) continue;
      for (let i = 0; i < count; i++) square[j * count + i]! += own * w[row * count + i]!;
      for (let k = 0; k < columns; k++) targets[k * count + j]! += own * values[row * columns + k]!;
    }
  }
  const column = new Float64Array(count);
  for (let k = 0; k < columns; k++) {
    for (let j = 0; j < count; j++) column[j] = h[j * columns + k]!;
    sweepCoordinates(square, targets.subarray(k * count, (k + 1) * count), column, 0, count);
    for (let j = 0; j < count; j++) h[j * columns + k] = column[j]!;
  }
}

function products(h: Float64Array, count: number, columns: number): Float64Array {
  const out = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += h[i * columns + k]! * h[j * columns + k]!;
      out[i * count + j] = sum;
    }
  }
  return out;
}

function multiplyRows(matrix: Matrix, { count, w, h }: Factors): void {
  const ratios = new Float64Array(matrix.columns);
  const totals = partTotals(h, count, matrix.columns);
  for (let row = 0; row < matrix.rows; row++) {
    multiplyRow(matrix, row, { count, w, h }, totals, ratios);
  }
}

function partTotals(h: Float64Array, count: number, columns: number): Float64Array {
  return Float64Array.from({ length: count }, (_, j) =>
    h.subarray(j * columns, (j + 1) * columns).reduce((sum, one) => sum + one, 0),
  );
}

function multiplyRow(
  matrix: Matrix,
  row: number,
  { count, w, h }: Factors,
  totals: Float64Array,
  ratios: Float64Array,
): void {
  const { columns } = matrix;
  ratiosOf(matrix, row, { count, w, h }, ratios);
  for (let j = 0; j < count; j++) {
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += ratios[k]! * h[j * columns + k]!;
    w[row * count + j]! *= totals[j]! > 0 ? sum / totals[j]! : 0;
  }
}

/** x / y of a row. */
function ratiosOf(
  { columns, values }: Matrix,
  row: number,
  { count, w, h }: Factors,
  out: Float64Array,
): void {
  for (let k = 0; k < columns; k++) {
    let y = 0;
    for (let j = 0; j < count; j++) y += w[row * count + j]! * h[j * columns + k]!;
    const x = values[row * columns + k]!;
    out[k] = x === 0 ? 0 : x / Math.max(y, tiny);
  }
}

function multiplyParts(matrix: Matrix, factors: Factors): void {
  const { rows, columns } = matrix;
  const { count, w, h } = factors;
  const ratios = new Float64Array(columns);
  const totals = new Float64Array(count);
  const sums = new Float64Array(count * columns);
  for (let row = 0; row < rows; row++) {
    ratiosOf(matrix, row, factors, ratios);
    for (let j = 0; j < count; j++) {
      const own = w[row * count + j]!;
      totals[j]! += own;
      for (let k = 0; k < columns; k++) sums[j * columns + k]! += own * ratios[k]!;
    }
  }
  for (let at = 0; at < h.length; at++) {
    const total = totals[Math.floor(at / columns)]!;
    h[at]! *= total > 0 ? sums[at]! / total : 0;
  }
}

const mostSweeps = 1000;

/** Each row's w for fixed parts, into `w`, each by itself until it moves no more. */
export function rowFactors(
  matrix: Matrix,
  h: Float64Array,
  w: Float64Array,
  divergence: Divergence,
): void {
  const { rows, columns } = matrix;
  const count = w.length / Math.max(1, rows);
  if (divergence === 'squares') {
    leastSquaresRows(matrix, { count, w, h }, mostSweeps);
    return;
  }
  w.fill(1);
  const ratios = new Float64Array(columns);
  const totals = partTotals(h, count, columns);
  for (let row = 0; row < rows; row++) {
    const own = w.subarray(row * count, (row + 1) * count);
    for (let sweep = 0; sweep < mostSweeps; sweep++) {
      const before = own.slice();
      multiplyRow(matrix, row, { count, w, h }, totals, ratios);
      if (own.every((value, j) => Math.abs(value - before[j]!) <= 1e-12 * (1 + value))) break;
    }
  }
}
