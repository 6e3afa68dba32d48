/** Rows of mostly zeros: row r holds `values` at `indices`, from `offsets[r]` to `offsets[r + 1]`. */
export interface SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  /** rows + 1 places, from 0. */
  readonly offsets: Int32Array;
  /** Ascending within a row, without repeats. */
  readonly indices: Int32Array;
  readonly values: Float32Array | Float64Array;
}

/** a x for x (columns x width, row-major): rows x width, row-major. */
export function multiplySparse(a: SparseMatrix, x: Float64Array, width: number = 1): Float64Array {
  const { rows, offsets, indices, values } = a;
  const out = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const to = row * width;
    const end = offsets[row + 1]!;
    for (let at = offsets[row]!; at < end; at++) {
      const value = values[at]!;
      const from = indices[at]! * width;
      for (let j = 0; j < width; j++) out[to + j]! += value * x[from + j]!;
    }
  }
  return out;
}

/** a' y for y (rows x width, row-major): columns x width, row-major. */
export function multiplySparseTransposed(
  a: SparseMatrix,
  y: Float64Array,
  width: number = 1,
): Float64Array {
  const { rows, columns, offsets, indices, values } = a;
  const out = new Float64Array(columns * width);
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    const end = offsets[row + 1]!;
    for (let at = offsets[row]!; at < end; at++) {
      const value = values[at]!;
      const to = indices[at]! * width;
      for (let j = 0; j < width; j++) out[to + j]! += value * y[from + j]!;
    }
  }
  return out;
}

/** The transpose, by counting: the same numbers column after column. */
export function transposeSparse(a: SparseMatrix): SparseMatrix {
  const { rows, columns, offsets, indices, values } = a;
  const starts = new Int32Array(columns + 1);
  const count = offsets[rows]!;
  for (let at = 0; at < count; at++) starts[indices[at]! + 1]!++;
  for (let column = 0; column < columns; column++) starts[column + 1]! += starts[column]!;
  const next = starts.slice();
  const turned = new Int32Array(count);
  const moved = values instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
  for (let row = 0; row < rows; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const to = next[indices[at]!]!++;
      turned[to] = row;
      moved[to] = values[at]!;
    }
  }
  return { rows: columns, columns: rows, offsets: starts, indices: turned, values: moved };
}
