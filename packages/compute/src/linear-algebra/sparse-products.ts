import { assert } from '@backlot/core';
import {
  type KernelSession,
  openKernels,
  type Region,
  type SessionOptions,
} from '../kernel-session.ts';
import { type SparseMatrix, transposeSparse } from './sparse-matrix.ts';

/** Products of one sparse matrix with many dense blocks. Close it, by `await using`. */
export interface SparseProducts extends AsyncDisposable {
  readonly rows: number;
  readonly columns: number;
  /** Zeros where products read and write without copying; other arrays are copied. */
  vector(length: number): Float64Array;
  /** out = A x for x (columns x width, row-major); out is rows x width. The width is 1 or even. */
  multiply(x: Float64Array, width: number, out: Float64Array): Promise<void>;
  /** out = A' y for y (rows x width); out is columns x width. */
  multiplyTransposed(y: Float64Array, width: number, out: Float64Array): Promise<void>;
  /** out = (A of squared entries)' y: what a diagonal of A' D A is. */
  squaresTransposed(y: Float64Array, width: number, out: Float64Array): Promise<void>;
}

/** Below so many entries, waking threads takes longer than the products. */
const fewEntries = 20_000;

/**
 * Opens the products of a sparse matrix on the kernels' threads, or in plain TypeScript where it has few
 * entries; both give the same bytes, for any number of threads. The matrix is kept by rows and by columns,
 * so that no sum is shared between threads.
 *
 * @example
 * await using products = await openSparseProducts(matrix, { threads: 2 });
 * const out = products.vector(matrix.rows * 4);
 * await products.multiply(x, 4, out); // x: columns x 4
 */
export async function openSparseProducts(
  matrix: SparseMatrix,
  options: SessionOptions = {},
): Promise<SparseProducts> {
  if (matrix.indices.length < fewEntries) return plainSparseProducts(matrix);
  return kernelSparseProducts(matrix, options);
}

/** The twin in plain TypeScript. */
export function plainSparseProducts(matrix: SparseMatrix): SparseProducts {
  const turned = transposeSparse(matrix);
  const squares = { ...turned, values: Float64Array.from(turned.values, (value) => value ** 2) };
  const act = (a: SparseMatrix) => (x: Float64Array, width: number, out: Float64Array) => {
    checkSizes(a, x, width, out);
    multiplyInto(a, x, width, out);
    return Promise.resolve();
  };
  return {
    rows: matrix.rows,
    columns: matrix.columns,
    vector: (length) => new Float64Array(length),
    multiply: act(matrix),
    multiplyTransposed: act(turned),
    squaresTransposed: act(squares),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function checkSizes(a: SparseMatrix, x: Float64Array, width: number, out: Float64Array): void {
  assert(width === 1 || width % 2 === 0, 'the width is 1 or even');
  assert(x.length >= a.columns * width, 'a block has a row for each column of the matrix');
  assert(out.length >= a.rows * width, 'the product has a row for each row of the matrix');
}

function multiplyInto(a: SparseMatrix, x: Float64Array, width: number, out: Float64Array): void {
  const { rows, offsets, indices, values } = a;
  for (let row = 0; row < rows; row++) {
    const to = row * width;
    for (let j = 0; j < width; j++) out[to + j] = 0;
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const value = values[at]!;
      const from = indices[at]! * width;
      for (let j = 0; j < width; j++) out[to + j]! += value * x[from + j]!;
    }
  }
}

/** The products on the kernels' threads. */
export async function kernelSparseProducts(
  matrix: SparseMatrix,
  options: SessionOptions,
): Promise<SparseProducts> {
  const session = await openKernels(options);
  try {
    return new KernelProducts(session, matrix);
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** A sparse matrix in shared memory. */
interface Placed {
  readonly rows: number;
  readonly columns: number;
  readonly single: boolean;
  readonly offsets: Region;
  readonly indices: Region;
  readonly values: Region;
}

class KernelProducts implements SparseProducts {
  readonly rows: number;
  readonly columns: number;
  readonly #session: KernelSession;
  readonly #forward: Placed;
  readonly #turned: Placed;
  readonly #places = new WeakMap<Float64Array, Region>();
  readonly #copies = new Map<string, Float64Array>();

  constructor(session: KernelSession, matrix: SparseMatrix) {
    this.rows = matrix.rows;
    this.columns = matrix.columns;
    this.#session = session;
    this.#forward = this.#place(matrix);
    this.#turned = this.#place(transposeSparse(matrix));
  }

  #place({ rows, columns, offsets, indices, values }: SparseMatrix): Placed {
    return {
      ...{ rows, columns, single: values instanceof Float32Array },
      offsets: this.#session.place(offsets),
      indices: this.#session.place(indices),
      values: this.#session.place(values),
    };
  }

  vector(length: number): Float64Array {
    const region = this.#session.allocate(8 * length);
    const view = this.#session.float64(region);
    this.#places.set(view, region);
    return view;
  }

  multiply(x: Float64Array, width: number, out: Float64Array): Promise<void> {
    return this.#run(this.#forward, false, x, width, out);
  }

  multiplyTransposed(y: Float64Array, width: number, out: Float64Array): Promise<void> {
    return this.#run(this.#turned, false, y, width, out);
  }

  squaresTransposed(y: Float64Array, width: number, out: Float64Array): Promise<void> {
    return this.#run(this.#turned, true, y, width, out);
  }

  async #run(
    a: Placed,
    squared: boolean,
    x: Float64Array,
    width: number,
    out: Float64Array,
  ): Promise<void> {
    const needs = [a.columns * width, a.rows * width] as const;
    assert(width === 1 || width % 2 === 0, 'the width is 1 or even');
    assert(x.length >= needs[0], 'a block has a row for each column of the matrix');
    assert(out.length >= needs[1], 'the product has a row for each row of the matrix');
    const from = this.#shared('x', x, needs[0]);
    if (from !== x) from.set(x.subarray(0, needs[0]));
    const to = this.#shared('out', out, needs[1]);
    const sparse = [a.offsets.address, a.indices.address, a.values.address];
    const flags = [Number(a.single), Number(squared), a.rows];
    const blocks = [this.#places.get(from)!.address, width, this.#places.get(to)!.address];
    await this.#session.run('sparseMultiply', [...sparse, ...flags, ...blocks]);
    if (to !== out) out.set(to.subarray(0, needs[1]));
  }

  /** The array itself where it is shared memory, else room for a copy. */
  #shared(name: string, array: Float64Array, length: number): Float64Array {
    if (this.#places.has(array)) return array;
    const key = `${name}${length}`;
    const held = this.#copies.get(key) ?? this.vector(length);
    this.#copies.set(key, held);
    return held;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.close();
  }
}
