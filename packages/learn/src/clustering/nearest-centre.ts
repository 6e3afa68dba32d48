import { type Matrix, zeros } from '../matrix.ts';

/** The place of the nearest centre (centres x columns) of each row, the first of equals. */
export function nearestCentres(
  { rows, columns, values }: Matrix,
  centres: Float64Array,
): Float64Array {
  const count = centres.length / columns;
  const labels = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let least = Infinity;
    for (let j = 0; j < count; j++) {
      const found = squaredDistance(values, row * columns, centres, j * columns, columns);
      if (found >= least) continue;
      least = found;
      labels[row] = j;
    }
  }
  return labels;
}

/** The distance of each row to each centre (rows x centres). */
export function centreDistances({ rows, columns, values }: Matrix, centres: Float64Array): Matrix {
  const count = centres.length / columns;
  const out = zeros(rows, count);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < count; j++) {
      out.values[row * count + j] = Math.sqrt(
        squaredDistance(values, row * columns, centres, j * columns, columns),
      );
    }
  }
  return out;
}

/** The squared length of the difference of two stretches of numbers. */
export function squaredDistance(
  a: Float32Array | Float64Array,
  aStart: number,
  b: Float32Array | Float64Array,
  bStart: number,
  length: number,
): number {
  let sum = 0;
  for (let k = 0; k < length; k++) {
    const difference = a[aStart + k]! - b[bStart + k]!;
    sum += difference * difference;
  }
  return sum;
}
