import { InvalidExamples } from './error.ts';

/** Rows of numbers, row-major. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** rows x columns. */
  readonly values: Float32Array | Float64Array;
}

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

/** A matrix of zeros in doubles. */
export function zeros(rows: number, columns: number): Matrix & { readonly values: Float64Array } {
  return { rows, columns, values: new Float64Array(rows * columns) };
}

/** The matrix of rows given as lists of equal length, in doubles. */
export function matrixFromRows(rows: readonly ArrayLike<number>[]): Matrix {
  const columns = rows[0]?.length ?? 0;
  const values = new Float64Array(rows.length * columns);
  rows.forEach((row, at) => {
    if (row.length !== columns) {
      throw new InvalidExamples(`row ${at} has ${row.length} numbers, the first ${columns}`);
    }
    values.set(row, at * columns);
  });
  return { rows: rows.length, columns, values };
}

/** The same numbers in doubles, row-major; the matrix's own array where it is that already. */
export function toFloat64(matrix: Matrix): Float64Array {
  return matrix.values instanceof Float64Array ? matrix.values : Float64Array.from(matrix.values);
}

/** The same numbers in floats, row-major; the matrix's own array where it is that already. */
export function toFloat32(matrix: Matrix): Float32Array {
  return matrix.values instanceof Float32Array ? matrix.values : Float32Array.from(matrix.values);
}

/** All zeros written out. */
export function densify(sparse: SparseMatrix): Matrix {
  const { rows, columns, offsets, indices } = sparse;
  const values =
    sparse.values instanceof Float32Array
      ? new Float32Array(rows * columns)
      : new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      values[row * columns + indices[at]!] = sparse.values[at]!;
    }
  }
  return { rows, columns, values };
}

/** Numbers that are written out at once of sparse rows. */
const mostWritten = 2 ** 22;

/** Rows written out in blocks of their order, so that zeros take little memory; a dense matrix is one. */
export function* denseBlocks(
  matrix: Matrix | SparseMatrix,
  most: number = mostWritten,
): Generator<Matrix> {
  if (!('offsets' in matrix)) {
    yield matrix;
    return;
  }
  const { rows, columns, offsets, indices, values } = matrix;
  const step = Math.max(1, Math.floor(most / Math.max(1, columns)));
  for (let first = 0; first < rows; first += step) {
    const last = Math.min(rows, first + step);
    const [from, to] = [offsets[first]!, offsets[last]!];
    yield densify({
      ...{ rows: last - first, columns, indices: indices.subarray(from, to) },
      offsets: offsets.subarray(first, last + 1).map((offset) => offset - from),
      values: values.subarray(from, to),
    });
  }
}

/** The numbers of dense rows that are not 0. Throws `InvalidExamples` for more than places can count. */
export function sparsify(matrix: Matrix | SparseMatrix): SparseMatrix {
  if ('offsets' in matrix) return matrix;
  const { rows, columns, values } = matrix;
  let stored = 0;
  for (const value of values) if (value !== 0) stored++;
  if (stored >= 2 ** 31)
    throw new InvalidExamples(`${stored} numbers are too many; below 2^31 are allowed`);
  const offsets = new Int32Array(rows + 1);
  const indices = new Int32Array(stored);
  const kept = new Float64Array(stored);
  let to = 0;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      if (values[at] === 0) continue;
      indices[to] = column;
      kept[to++] = values[at]!;
    }
    offsets[row + 1] = to;
  }
  return { rows, columns, offsets, indices, values: kept };
}
