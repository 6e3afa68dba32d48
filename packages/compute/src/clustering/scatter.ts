import {
  type KernelSession,
  openKernels,
  type Region,
  type SessionOptions,
} from '../kernel-session.ts';
import type { DenseMatrix } from '../linear-algebra/dense-matrix.ts';

/** First and second moments of rows. */
export interface Scatter {
  /** The sum of the weights, or the number of rows. */
  readonly weight: number;
  /** The weighted mean of each column. */
  readonly means: Float64Array;
  /** The weighted sum of (x - mean)(x - mean)' (columns x columns, both triangles). */
  readonly products: Float64Array;
}

interface ScatterOptions extends SessionOptions {
  /** By row, not negative; 1 each when absent. */
  readonly weights?: Float64Array | undefined;
  readonly onBlock?: (done: number, total: number) => void;
}

const blockBytes = 4 * 2 ** 20;
const segments = 16;
const packedRows = 64;
const shiftRows = 256;

/**
 * Means and scatter in one pass: the next block of rows is copied to shared memory while one is worked on.
 * Products are of floats less a mean of some rows, added in floats within a sixteenth of a block and in
 * doubles beyond. The result does not depend on the threads.
 */
export async function scatterOf(
  matrix: DenseMatrix,
  options: ScatterOptions = {},
): Promise<Scatter> {
  const { rows, columns } = matrix;
  const padded = Math.ceil((columns + 1) / 8) * 8;
  await using session = await openKernels(options);
  const shift = Float64Array.from(shiftOf(matrix), Math.fround);
  const place = placesOf(session, matrix, padded, shift, options.weights);
  const total = new Float64Array(padded * padded);
  const blocks = Math.ceil(rows / place.blockRows);
  load(session, matrix, place, 0, shift, options.weights);
  for (let block = 0; block < blocks; block++) {
    const count = Math.min(place.blockRows, rows - block * place.blockRows);
    const segmentRows = Math.ceil(place.blockRows / segments);
    const used = Math.ceil(count / segmentRows);
    const slot = place.slots[block & 1]!;
    const done = session.run('scatter', [
      ...[slot.x.address, count, columns, padded, place.shift.address],
      ...[options.weights ? slot.roots.address : 0, used, segmentRows],
      ...[place.sums.address, place.scratch.address, packedRows * padded * 4],
    ]);
    try {
      if (block + 1 < blocks) load(session, matrix, place, block + 1, shift, options.weights);
    } finally {
      await done;
    }
    addTo(total, session.float32(place.sums), used);
    options.onBlock?.(block + 1, blocks);
  }
  return finish(total, padded, shift);
}

interface Slot {
  readonly x: Region;
  readonly roots: Region;
}

interface Places {
  readonly blockRows: number;
  readonly slots: readonly Slot[];
  readonly shift: Region;
  readonly sums: Region;
  readonly scratch: Region;
}

function placesOf(
  session: KernelSession,
  { rows, columns, values }: DenseMatrix,
  padded: number,
  shift: Float64Array,
  weights: Float64Array | undefined,
): Places {
  const unit = segments * packedRows;
  const blockRows = Math.max(1, Math.floor(blockBytes / 4 / columns / unit)) * unit;
  const held = Math.min(rows, blockRows);
  const slot = (): Slot => ({
    x: session.allocate(held * columns * 4),
    roots: session.allocate(weights ? held * 4 : 0),
  });
  // Doubles are less the shift before they become floats.
  const left = values instanceof Float32Array ? shift : new Float64Array(columns);
  return {
    blockRows,
    slots: [slot(), slot()],
    shift: session.place(Float32Array.from(left)),
    sums: session.allocate(segments * padded * padded * 4),
    scratch: session.allocate(session.threads * packedRows * padded * 4),
  };
}

/** The mean of rows spread over all, so that what is left is of the size of the spread. */
function shiftOf({ rows, columns, values }: DenseMatrix): Float64Array {
  const count = Math.min(rows, shiftRows);
  const shift = new Float64Array(columns);
  for (let at = 0; at < count; at++) {
    const row = Math.floor((at * rows) / count);
    for (let k = 0; k < columns; k++) shift[k]! += values[row * columns + k]! / count;
  }
  return shift;
}

function load(
  session: KernelSession,
  { rows, columns, values }: DenseMatrix,
  { blockRows, slots }: Places,
  block: number,
  shift: Float64Array,
  weights: Float64Array | undefined,
): void {
  const [first, last] = [block * blockRows, Math.min(rows, (block + 1) * blockRows)];
  const { x, roots } = slots[block & 1]!;
  const to = session.float32(x);
  const from = values.subarray(first * columns, last * columns);
  if (from instanceof Float32Array) to.set(from);
  else {
    for (let at = 0, column = 0; at < from.length; at++) {
      to[at] = from[at]! - shift[column]!;
      if (++column === columns) column = 0;
    }
  }
  if (weights) session.float32(roots).set(weights.subarray(first, last).map(Math.sqrt));
}

function addTo(total: Float64Array, sums: Float32Array, used: number): void {
  for (let segment = 0; segment < used; segment++) {
    const start = segment * total.length;
    for (let at = 0; at < total.length; at++) total[at]! += sums[start + at]!;
  }
}

/** From sums around the shift to sums around the means. */
function finish(total: Float64Array, padded: number, shift: Float64Array): Scatter {
  const columns = shift.length;
  const weight = total[columns * padded + columns]!;
  const sum = (k: number): number => total[k * padded + columns]!;
  const products = new Float64Array(columns * columns);
  for (let i = 0; i < columns; i++) {
    for (let j = i; j < columns; j++) {
      const value = total[i * padded + j]! - (sum(i) * sum(j)) / weight;
      products[i * columns + j] = value;
      products[j * columns + i] = value;
    }
  }
  return { weight, means: shift.map((value, k) => value + sum(k) / weight), products };
}

/** The same in plain TypeScript, all in doubles. */
export function plainScatter(
  { rows, columns, values }: DenseMatrix,
  weights?: Float64Array,
): Scatter {
  const means = new Float64Array(columns);
  const products = new Float64Array(columns * columns);
  const weight = weights ? weights.reduce((sum, one) => sum + one, 0) : rows;
  for (let row = 0; row < rows; row++) {
    const share = (weights?.[row] ?? 1) / weight;
    for (let k = 0; k < columns; k++) means[k]! += share * values[row * columns + k]!;
  }
  for (let row = 0; row < rows; row++) {
    const own = weights?.[row] ?? 1;
    for (let i = 0; i < columns; i++) {
      const value = own * (values[row * columns + i]! - means[i]!);
      for (let j = 0; j < columns; j++) {
        products[i * columns + j]! += value * (values[row * columns + j]! - means[j]!);
      }
    }
  }
  return { weight, means, products };
}
