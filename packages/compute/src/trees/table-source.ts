/** Rows of numbers that are read a few at a time; NaN is missing. */
export interface TableSource {
  readonly rows: number;
  readonly columns: number;
  /** Whether its numbers are floats, which then are read into floats. */
  readonly single: boolean;
  /** Writes rows row-major into `out`, which holds zeros or an earlier part. */
  read(firstRow: number, count: number, out: Float32Array | Float64Array): void;
}

/** A table whose numbers are all there, row-major. */
export function denseSource(
  values: Float32Array | Float64Array,
  rows: number,
  columns: number,
): TableSource {
  return {
    rows,
    columns,
    single: values instanceof Float32Array,
    read: (firstRow, count, out) => {
      out.set(values.subarray(firstRow * columns, (firstRow + count) * columns));
    },
  };
}

/** Compressed sparse rows. */
interface SparseRows {
  readonly rows: number;
  readonly columns: number;
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array | Float64Array;
}

/** A table of mostly zeros. */
export function sparseSource(table: SparseRows): TableSource {
  const { rows, columns, offsets, indices, values } = table;
  return {
    rows,
    columns,
    single: values instanceof Float32Array,
    read: (firstRow, count, out) => {
      out.fill(0, 0, count * columns);
      for (let row = 0; row < count; row++) {
        const end = offsets[firstRow + row + 1]!;
        for (let at = offsets[firstRow + row]!; at < end; at++) {
          out[row * columns + indices[at]!] = values[at]!;
        }
      }
    },
  };
}
