import type { KernelSession, Region } from '../kernel-session.ts';
import type { DenseMatrix } from '../linear-algebra/dense-matrix.ts';

/** Rows in shared memory as floats, less their columns' means. */
export interface CentredRows {
  readonly rows: number;
  readonly columns: number;
  /** rows x columns and room for one number more. */
  readonly x: Region;
  /** The squared length of each row. */
  readonly squares: Region;
  /** What was taken from each column. */
  readonly means: Float64Array;
}

const segments = 16;

/**
 * Places rows for distances by inner products: without their means, so that the products lose no more
 * digits than the rows' spread asks for. Doubles are centred before they become floats.
 */
export async function centredRows(
  session: KernelSession,
  { rows, columns, values }: DenseMatrix,
): Promise<CentredRows> {
  const x = session.allocate((rows * columns + 1) * 4);
  const squares = session.allocate(rows * 4);
  const floats = session.float32(x);
  let means = new Float64Array(columns);
  if (values instanceof Float32Array) {
    floats.set(values);
    means = await columnMeans(session, x, rows, columns);
  } else {
    for (let at = 0, column = 0; at < values.length; at++) {
      means[column]! += values[at]! / rows;
      if (++column === columns) column = 0;
    }
    for (let at = 0, column = 0; at < values.length; at++) {
      floats[at] = values[at]! - means[column]!;
      if (++column === columns) column = 0;
    }
  }
  const shift = values instanceof Float32Array ? means : new Float64Array(columns);
  const place = session.place(Float32Array.from(shift));
  await session.run('centre', [x.address, rows, columns, place.address, squares.address]);
  // Floats are less a mean that was itself rounded to a float.
  if (values instanceof Float32Array) means = means.map(Math.fround);
  return { rows, columns, x, squares, means };
}

async function columnMeans(
  session: KernelSession,
  x: Region,
  rows: number,
  columns: number,
): Promise<Float64Array<ArrayBuffer>> {
  const sums = session.allocate(segments * columns * 8);
  const segmentRows = Math.ceil(rows / segments);
  await session.run('columnSums', [
    ...[x.address, rows, columns],
    ...[Math.ceil(rows / segmentRows), segmentRows, sums.address],
  ]);
  const means = new Float64Array(columns);
  session.float64(sums).forEach((sum, at) => {
    means[at % columns]! += sum / rows;
  });
  return means;
}
