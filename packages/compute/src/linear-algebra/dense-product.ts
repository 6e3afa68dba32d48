import type { DenseMatrix } from './dense-matrix.ts';

/** a x for x (columns x width, row-major): rows x width, row-major. */
export function multiplyDense(a: DenseMatrix, x: Float64Array, width: number = 1): Float64Array {
  const { rows, columns, values } = a;
  const out = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    let column = 0;
    for (; column + 4 <= width; column += 4) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let k = 0, from = column; k < columns; k++, from += width) {
        const value = values[at + k]!;
        s0 += value * x[from]!;
        s1 += value * x[from + 1]!;
        s2 += value * x[from + 2]!;
        s3 += value * x[from + 3]!;
      }
      const to = row * width + column;
      out[to] = s0;
      out[to + 1] = s1;
      out[to + 2] = s2;
      out[to + 3] = s3;
    }
    for (; column < width; column++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += values[at + k]! * x[k * width + column]!;
      out[row * width + column] = sum;
    }
  }
  return out;
}

/** a' y for y (rows x width, row-major): columns x width, row-major. */
export function multiplyDenseTransposed(
  a: DenseMatrix,
  y: Float64Array,
  width: number = 1,
): Float64Array {
  const { rows, columns, values } = a;
  const out = new Float64Array(columns * width);
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    for (let k = 0; k < columns; k++) {
      const value = values[row * columns + k]!;
      for (let j = 0; j < width; j++) out[k * width + j]! += value * y[from + j]!;
    }
  }
  return out;
}
