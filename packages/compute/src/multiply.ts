import type { KernelSession, Region } from './kernel-session.ts';

/** Where the right side of a product is not zero. */
export type MatrixShape = 'dense' | 'upper' | 'lower';

const shapeCodes: Readonly<Record<MatrixShape, number>> = { dense: 0, upper: 1, lower: 2 };

/**
 * A square matrix as the product reads it: panels of eight columns, each stored row after row. Values go
 * from doubles to floats here.
 */
export function packSquare(
  matrix: Float64Array,
  n: number,
  transposed: boolean,
  panels: Float32Array,
): void {
  for (let column = 0; column < n; column++) {
    const start = (column >> 3) * n * 8 + (column & 7);
    for (let row = 0; row < n; row++) {
      panels[start + row * 8] = matrix[transposed ? column * n + row : row * n + column]!;
    }
  }
}

/**
 * c = a b for a (rows x n) and packed b (n x n, n a multiple of 8). a and c are distinct and have room for
 * rows rounded up to a multiple of 4.
 */
export async function multiply(
  session: KernelSession,
  a: Region,
  rows: number,
  n: number,
  panels: Region,
  shape: MatrixShape,
  c: Region,
): Promise<void> {
  const args = [a.address, rows, n, panels.address, shapeCodes[shape], c.address];
  await session.run('multiply', args);
}

/** The same in plain TypeScript, with b row-major and in doubles. */
export function plainMultiply(
  a: Float32Array,
  rows: number,
  n: number,
  b: Float64Array,
): Float32Array {
  const c = new Float32Array(rows * n);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < n; column++) {
      let value = 0;
      for (let k = 0; k < n; k++) value += a[row * n + k]! * b[k * n + column]!;
      c[row * n + column] = value;
    }
  }
  return c;
}
