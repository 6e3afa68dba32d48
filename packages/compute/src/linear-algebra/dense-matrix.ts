/** Numbers in rows, row-major. */
export interface DenseMatrix {
  readonly rows: number;
  readonly columns: number;
  /** rows x columns. */
  readonly values: Float64Array | Float32Array;
}

/** The matrix column after column, as a new array of doubles (columns x rows). */
export function columnMajor(matrix: DenseMatrix): Float64Array<ArrayBuffer> {
  const { rows, columns, values } = matrix;
  const out = new Float64Array(rows * columns);
  for (let top = 0; top < rows; top += blockRows) {
    const end = Math.min(top + blockRows, rows);
    for (let column = 0; column < columns; column++) {
      for (let row = top; row < end; row++) {
        out[column * rows + row] = values[row * columns + column]!;
      }
    }
  }
  return out;
}

/** So many rows of input lines stay in the cache while every column takes its part of them. */
const blockRows = 32;
