import type { DenseMatrix } from '../linear-algebra/dense-matrix.ts';
import type { SparseMatrix } from '../linear-algebra/sparse-matrix.ts';
import { type LinearRows, type LossQuery, standardOf } from './linear-rows.ts';
import { rowLoss } from './row-loss.ts';

/**
 * Rows in plain TypeScript and doubles: for sparse rows and for few dense ones, and the twin that the
 * kernels are tested against.
 */
export function plainRows(matrix: DenseMatrix | SparseMatrix, centred: boolean = true): LinearRows {
  const standard = standardOf(matrix, centred);
  const reader = rowReader(matrix, standard);
  const { rows, columns } = matrix;
  return {
    rows,
    columns,
    ...standard,
    moments: async (target, weights) => addMoments(reader, rows, columns, target, weights),
    loss: async (query, gradient) => addLosses(reader, rows, columns, query, gradient),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The standardised row that was read last, as its columns that are not 0. */
interface RowReader {
  readonly indices: Int32Array;
  readonly values: Float64Array;
  /** Reads a row and gives how many entries it has. */
  read(row: number): number;
}

type Standard = Pick<LinearRows, 'shifts' | 'scales'>;

function rowReader(matrix: DenseMatrix | SparseMatrix, { shifts, scales }: Standard): RowReader {
  // Room for the column of ones and the target beside.
  const indices = Int32Array.from({ length: matrix.columns + 2 }, (_, at) => at);
  const values = new Float64Array(matrix.columns + 2);
  if (!('offsets' in matrix)) {
    const { columns } = matrix;
    const read = (row: number): number => {
      const from = row * columns;
      for (let j = 0; j < columns; j++) {
        values[j] = (matrix.values[from + j]! - shifts[j]!) * scales[j]!;
      }
      return columns;
    };
    return { indices, values, read };
  }
  const read = (row: number): number => {
    const from = matrix.offsets[row]!;
    const count = matrix.offsets[row + 1]! - from;
    for (let at = 0; at < count; at++) {
      const column = matrix.indices[from + at]!;
      indices[at] = column;
      values[at] = matrix.values[from + at]! * scales[column]!;
    }
    return count;
  };
  return { indices, values, read };
}

function addMoments(
  reader: RowReader,
  rows: number,
  columns: number,
  target: Float64Array | undefined,
  weights: Float64Array | undefined,
): Float64Array {
  const width = columns + 2;
  const total = new Float64Array(width * width);
  const { indices, values } = reader;
  for (let row = 0; row < rows; row++) {
    const weight = weights?.[row] ?? 1;
    if (weight === 0) continue;
    const count = reader.read(row);
    indices[count] = columns;
    values[count] = 1;
    indices[count + 1] = columns + 1;
    values[count + 1] = target?.[row] ?? 0;
    for (let a = 0; a < count + 2; a++) {
      const value = weight * values[a]!;
      const to = indices[a]! * width;
      for (let b = a; b < count + 2; b++) total[to + indices[b]!]! += value * values[b]!;
    }
  }
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) total[i * width + j] = total[j * width + i]!;
  }
  return total;
}

function addLosses(
  reader: RowReader,
  rows: number,
  columns: number,
  query: LossQuery,
  gradient: Float64Array,
): number {
  const { coefficients, curvature, outputs, target, weights } = query;
  const { indices, values } = reader;
  const width = columns + 1;
  const [scores, slopes] = [new Float64Array(outputs), new Float64Array(outputs)];
  const derive = deriver(query, scores, slopes);
  let total = 0;
  gradient.fill(0);
  for (let row = 0; row < rows; row++) {
    const count = reader.read(row);
    const weight = weights?.[row] ?? 1;
    if (curvature) curvature[row] = 0;
    if (weight === 0) continue;
    for (let k = 0; k < outputs; k++) {
      const base = k * width;
      let score = coefficients[base + columns]!;
      for (let at = 0; at < count; at++) score += values[at]! * coefficients[base + indices[at]!]!;
      scores[k] = score;
    }
    const [value, bend] = derive(target[row]!);
    total += weight * value;
    if (curvature) curvature[row] = weight * bend;
    for (let k = 0; k < outputs; k++) {
      const slope = weight * slopes[k]!;
      const base = k * width;
      for (let at = 0; at < count; at++) gradient[base + indices[at]!]! += slope * values[at]!;
      gradient[base + columns]! += slope;
    }
  }
  return total;
}

/** Writes the slopes of a row's scores; gives its loss and second derivative. */
function deriver(
  { first = 0, loss, outputs, second = 0 }: LossQuery,
  scores: Float64Array,
  slopes: Float64Array,
): (y: number) => readonly [number, number] {
  if (loss !== 'softmax') {
    return (y) => {
      const [value, slope, curvature] = rowLoss(loss, scores[0]!, y, first, second);
      slopes[0] = slope;
      return [value, curvature];
    };
  }
  return (y) => {
    let most = -Infinity;
    for (let k = 0; k < outputs; k++) most = Math.max(most, scores[k]!);
    let sum = 0;
    for (let k = 0; k < outputs; k++) sum += slopes[k] = Math.exp(scores[k]! - most);
    for (let k = 0; k < outputs; k++) slopes[k]! /= sum;
    const p = slopes[first]!;
    slopes[y]! -= 1;
    return [Math.log(sum) + most - scores[y]!, p * (1 - p)];
  };
}
