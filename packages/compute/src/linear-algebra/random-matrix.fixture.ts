import { seededRandom } from '@backlot/core';

/** Seeded normal numbers, rows x columns. */
export function randomMatrix(
  rows: number,
  columns: number,
  seed: number,
): { readonly rows: number; readonly columns: number; readonly values: Float64Array<ArrayBuffer> } {
  const random = seededRandom(seed);
  const values = Float64Array.from({ length: rows * columns }, () => random.normal());
  return { rows, columns, values };
}

/** a b for row-major a (rows x depth) and b (depth x columns), by the definition. */
export function plainProduct(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  rows: number,
  depth: number,
  columns: number,
): Float64Array {
  const c = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < depth; k++)
        c[i * columns + j]! += a[i * depth + k]! * b[k * columns + j]!;
    }
  }
  return c;
}

/** The transpose of a row-major matrix. */
export function transpose(a: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[j * rows + i] = a[i * columns + j]!;
  }
  return out;
}

/** The largest absolute difference. */
export function gap(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (found.length !== wanted.length) return Infinity;
  let largest = 0;
  for (let k = 0; k < found.length; k++) {
    const difference = Math.abs(found[k]! - wanted[k]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

/** Digits that agree: -log10 of the largest relative difference, at most 16. */
export function digits(found: ArrayLike<number>, certified: readonly number[]): number {
  let least = 16;
  certified.forEach((value, at) => {
    const relative = Math.abs(found[at]! - value) / (value === 0 ? 1 : Math.abs(value));
    least = Math.min(least, -Math.log10(relative));
  });
  return least;
}
