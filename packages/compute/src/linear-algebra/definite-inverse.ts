import { hardwareThreads } from '#loader';
import type { OnnxGraph, OnnxTensor } from '../onnx/onnx-graph.ts';
import { type OnnxSession, openGraph } from '../onnx/onnx-session.ts';
import { cholesky, choleskyInverse } from './cholesky.ts';

/**
 * The lower triangle of a large symmetric matrix in strips of 128 rows: strip s holds its rows up to the end
 * of its own diagonal square, row-major, 128 (s + 1) wide. Rows and columns beyond n are those of the
 * identity.
 */
export interface SymmetricStrips {
  readonly n: number;
  readonly strips: readonly Float64Array[];
}

/** Rows of a strip: a product of this depth is summed in one piece, however threads share it. */
export const stripRows = 128;

/** A matrix of zeros. */
export function symmetricStrips(n: number): SymmetricStrips {
  const count = Math.ceil(n / stripRows);
  const strips = Array.from(
    { length: count },
    (_, strip) => new Float64Array(stripRows * stripRows * (strip + 1)),
  );
  for (let row = n; row < count * stripRows; row++) {
    strips[count - 1]![(row % stripRows) * stripRows * count + row] = 1;
  }
  return { n, strips };
}

interface InverseOptions {
  /** By default as many as the machine runs at once; the result does not depend on it. */
  readonly threads?: number | undefined;
  /** After each step; it may throw. */
  readonly onStep?: (done: number, total: number) => void;
}

/**
 * Turns a symmetric positive definite matrix into its inverse, in place, by sweeping its blocks one after
 * another (Goodnight 1979, with squares for pivots). Nearly all of the n^3 operations are products of
 * ONNX Runtime in doubles. Holds 8 bytes for each number of the lower triangle and 4096 a row beside them.
 * Throws `NotPositiveDefinite`.
 */
export async function invertStrips(
  { strips }: SymmetricStrips,
  { threads = hardwareThreads(), onStep }: InverseOptions = {},
): Promise<void> {
  const width = strips.length * stripRows;
  const block = new Float64Array(width * stripRows);
  const scaled = new Float64Array(width * stripRows);
  const spare = new Float64Array(width * stripRows);
  await using multiply = await openGraph(productGraph, { threads });
  await using subtract = await openGraph(differenceGraph, { threads });
  for (let pivot = 0; pivot < strips.length; pivot++) {
    const inverse = invertPivot(strips[pivot]!, pivot);
    gather(strips, pivot, block);
    await multiply.run(
      { a: matrix(block, width), b: matrix(inverse, stripRows) },
      { c: matrix(scaled, width) },
    );
    for (let strip = 0; strip < strips.length; strip++) {
      if (strip !== pivot) await sweep(subtract, strips[strip]!, strip, { block, scaled, spare });
    }
    scatter(strips, pivot, scaled, inverse);
    onStep?.(pivot + 1, strips.length);
  }
  for (const strip of strips) for (let at = 0; at < strip.length; at++) strip[at] = -strip[at]!;
}

/** A matrix as wide as a strip is high. */
const matrix = (data: Float64Array, rows: number): OnnxTensor => ({
  ...{ type: 'double', shape: [rows, stripRows], data },
});

const value = (name: string, shape: readonly (number | string)[]) =>
  ({ name, type: 'double', shape }) as const;

const productGraph: OnnxGraph = {
  name: 'product',
  inputs: [value('a', ['n', stripRows]), value('b', [stripRows, stripRows])],
  outputs: [value('c', ['n', stripRows])],
  nodes: [{ op: 'MatMul', inputs: ['a', 'b'], outputs: ['c'] }],
  constants: {},
};

/** d = c - a b'. */
const differenceGraph: OnnxGraph = {
  name: 'difference',
  inputs: [
    value('a', [stripRows, stripRows]),
    value('b', ['n', stripRows]),
    value('c', [stripRows, 'n']),
  ],
  outputs: [value('d', [stripRows, 'n'])],
  nodes: [
    {
      op: 'Gemm',
      inputs: ['a', 'b', 'c'],
      outputs: ['d'],
      attributes: { alpha: { float: -1 }, transB: { int: 1 } },
    },
  ],
  constants: {},
};

interface Blocks {
  readonly block: Float64Array;
  readonly scaled: Float64Array;
  readonly spare: Float64Array;
}

async function sweep(
  session: OnnxSession,
  strip: Float64Array,
  at: number,
  { block, scaled, spare }: Blocks,
): Promise<void> {
  const size = stripRows * stripRows;
  const columns = stripRows * (at + 1);
  const found = spare.subarray(0, strip.length);
  const wide = (data: Float64Array): OnnxTensor => ({
    ...{ type: 'double', shape: [stripRows, columns], data },
  });
  await session.run(
    {
      a: matrix(scaled.subarray(at * size, (at + 1) * size), stripRows),
      b: matrix(block.subarray(0, strip.length), columns),
      c: wide(strip),
    },
    { d: wide(found) },
  );
  strip.set(found);
}

function invertPivot(strip: Float64Array, pivot: number): Float64Array {
  const width = stripRows * (pivot + 1);
  const square = new Float64Array(stripRows * stripRows);
  for (let row = 0; row < stripRows; row++) {
    const from = row * width + pivot * stripRows;
    square.set(strip.subarray(from, from + stripRows), row * stripRows);
  }
  return choleskyInverse(cholesky(square, stripRows));
}

/** The pivot's columns of the whole matrix, with zeros for the pivot itself. */
function gather(strips: readonly Float64Array[], pivot: number, block: Float64Array): void {
  const own = strips[pivot]!;
  const width = stripRows * (pivot + 1);
  const before = pivot * stripRows;
  for (let row = 0; row < stripRows; row++) {
    for (let k = 0; k < before; k++) block[k * stripRows + row] = own[row * width + k]!;
  }
  block.fill(0, before * stripRows, (before + stripRows) * stripRows);
  for (let strip = pivot + 1; strip < strips.length; strip++) {
    const columns = stripRows * (strip + 1);
    for (let row = 0; row < stripRows; row++) {
      const from = row * columns + before;
      const to = (strip * stripRows + row) * stripRows;
      block.set(strips[strip]!.subarray(from, from + stripRows), to);
    }
  }
}

/** Puts the scaled columns in the pivot's place, and minus the pivot's inverse on the diagonal. */
function scatter(
  strips: readonly Float64Array[],
  pivot: number,
  scaled: Float64Array,
  inverse: Float64Array,
): void {
  const own = strips[pivot]!;
  const width = stripRows * (pivot + 1);
  const before = pivot * stripRows;
  for (let row = 0; row < stripRows; row++) {
    for (let k = 0; k < before; k++) own[row * width + k] = scaled[k * stripRows + row]!;
    for (let k = 0; k < stripRows; k++) {
      own[row * width + before + k] = -inverse[row * stripRows + k]!;
    }
  }
  for (let strip = pivot + 1; strip < strips.length; strip++) {
    const columns = stripRows * (strip + 1);
    for (let row = 0; row < stripRows; row++) {
      const from = (strip * stripRows + row) * stripRows;
      const to = row * columns + before;
      strips[strip]!.set(scaled.subarray(from, from + stripRows), to);
    }
  }
}
