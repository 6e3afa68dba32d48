import {
  type KernelSession,
  openKernels,
  type Region,
  type SessionOptions,
} from '../kernel-session.ts';
import type { DenseMatrix } from '../linear-algebra/dense-matrix.ts';
import { type LinearRows, type LossQuery, standardOf } from './linear-rows.ts';
import { lossCodes } from './row-loss.ts';

export interface DenseRowsOptions extends SessionOptions {
  /**
   * Whether the rows are passed over more than once: up to a gigabyte then stays in shared memory;
   * else blocks of rows are copied there and forgotten.
   */
  readonly again: boolean;
  /** Whether dense columns are shifted near their means, as a model with an intercept allows; true. */
  readonly centred?: boolean;
}

/** As `blockRows` in assembly/standardise.ts. */
const packedRows = 128;
const mostSegments = 16;
const mostSegmentRows = 1024;
const mostBlockBytes = 8 * 2 ** 20;
const mostSumBytes = 64 * 2 ** 20;
const mostResidentBytes = 2 ** 30;

/**
 * Dense rows that the kernels' threads pass over, in blocks of which the next is copied while one is worked
 * on. Floats are multiplied as floats and added up in doubles, doubles are kept as they are. Close it.
 */
export async function denseRows(
  matrix: DenseMatrix,
  options: DenseRowsOptions,
): Promise<LinearRows> {
  const session = await openKernels(options);
  try {
    return new KernelRows(session, matrix, options.again, options.centred ?? true);
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Rows that lie in shared memory and where they begin. */
interface Block {
  readonly x: Region;
  readonly first: number;
  readonly count: number;
}

class KernelRows implements LinearRows {
  readonly rows: number;
  readonly columns: number;
  readonly shifts: Float64Array;
  readonly scales: Float64Array;
  readonly #session: KernelSession;
  readonly #matrix: DenseMatrix;
  readonly #single: boolean;
  readonly #width: number;
  readonly #blockRows: number;
  readonly #slots: (Region | undefined)[];
  readonly #resident: boolean;
  readonly #loaded = new Set<number>();
  readonly #standard: readonly [shifts: Region, scales: Region];
  readonly #scratch = new Map<string, Region>();

  constructor(session: KernelSession, matrix: DenseMatrix, again: boolean, centred: boolean) {
    this.#session = session;
    this.#matrix = matrix;
    this.rows = matrix.rows;
    this.columns = matrix.columns;
    this.#single = matrix.values instanceof Float32Array;
    this.#width = Math.ceil((this.columns + 2) / 8) * 8;
    this.#blockRows = blockLength(this.columns);
    const blocks = Math.ceil(this.rows / this.#blockRows);
    this.#resident = again && matrix.values.byteLength <= mostResidentBytes;
    this.#slots = new Array(this.#resident ? blocks : Math.min(2, blocks)).fill(undefined);
    const { shifts, scales } = standardOf(matrix, centred);
    this.shifts = shifts;
    this.scales = scales;
    this.#standard = [this.#placePadded(shifts, 0), this.#placePadded(scales, 1)];
  }

  #placePadded(values: Float64Array, padding: number): Region {
    const padded = new Float64Array(this.#width).fill(padding);
    padded.set(values);
    return this.#session.place(this.#single ? Float32Array.from(padded) : padded);
  }

  async moments(
    target: Float64Array | undefined,
    weights: Float64Array | undefined,
  ): Promise<Float64Array> {
    const [width, session] = [this.#width, this.#session];
    const bytes = width * width * 8;
    const segments = Math.max(1, Math.min(mostSegments, Math.floor(mostSumBytes / bytes)));
    const segmentRows = Math.ceil(this.#blockRows / segments / packedRows) * packedRows;
    const sums = this.#region('momentSums', segments * bytes);
    const scratchBytes = width * packedRows * 8;
    const scratch = this.#region('momentScratch', session.threads * scratchBytes);
    const [y, w] = [this.#rowValues('target', target), this.#rowValues('weights', weights)];
    const total = new Float64Array(width * width);
    await this.#pass(async ({ x, first, count }) => {
      const used = Math.ceil(count / segmentRows);
      const shape = [x.address, Number(this.#single), count, this.columns];
      const beside = [y && y + 8 * first, w && w + 8 * first, used, segmentRows];
      const places = [sums.address, scratch.address, scratchBytes];
      const standard = this.#standard.map(({ address }) => address);
      await session.run('moments', [...shape, ...standard, ...beside, ...places]);
      addSegments(total, session.float64(sums), used);
    });
    return trimmed(total, width, this.columns + 2);
  }

  async loss(query: LossQuery, gradient: Float64Array): Promise<number> {
    const { coefficients, outputs, curvature } = query;
    const [width, session] = [this.#width, this.#session];
    const segmentRows = this.#blockRows / this.#segments();
    const length = 1 + outputs * width;
    const sums = this.#region(`lossSums${outputs}`, this.#segments() * length * 8);
    const scratchBytes = 128 + (width * 8 + outputs * 24) * packedRows;
    const scratch = this.#region(`lossScratch${outputs}`, session.threads * scratchBytes);
    const b = this.#region(`coefficients${outputs}`, outputs * width * 8);
    for (let k = 0; k < outputs; k++) {
      const own = coefficients.subarray(k * (this.columns + 1), (k + 1) * (this.columns + 1));
      session.float64(b).set(own, k * width);
    }
    const y = this.#rowValues('target', query.target);
    const w = this.#rowValues('weights', query.weights);
    const bend = curvature ? this.#region('curvature', this.rows * 8) : undefined;
    const total = new Float64Array(length);
    const { first = 0, second = 0 } = query;
    const loss = [outputs, lossCodes[query.loss], first, second];
    await this.#pass(async (block) => {
      const at = 8 * block.first;
      const used = Math.ceil(block.count / segmentRows);
      const shape = [block.x.address, Number(this.#single), block.count, this.columns];
      const standard = this.#standard.map(({ address }) => address);
      const beside = [y + at, w && w + at, bend ? bend.address + at : 0, used, segmentRows];
      const places = [sums.address, scratch.address, scratchBytes];
      const model = [b.address, ...loss];
      await session.run('linearLoss', [...shape, ...standard, ...model, ...beside, ...places]);
      addSegments(total, session.float64(sums), used);
    });
    if (bend) curvature!.set(session.float64(bend));
    for (let k = 0; k < outputs; k++) {
      const from = 1 + k * width;
      gradient.set(total.subarray(from, from + this.columns + 1), k * (this.columns + 1));
    }
    return total[0]!;
  }

  /** Acts on each block in its order, while the next is copied. */
  async #pass(act: (block: Block) => Promise<void>): Promise<void> {
    const blocks = Math.ceil(this.rows / this.#blockRows);
    let next = this.#load(0);
    for (let block = 0; block < blocks; block++) {
      const done = act(next);
      try {
        if (block + 1 < blocks) next = this.#load(block + 1);
      } finally {
        await done;
      }
    }
  }

  #load(block: number): Block {
    const first = block * this.#blockRows;
    const count = Math.min(this.#blockRows, this.rows - first);
    const size = this.#single ? 4 : 8;
    const slot = block % this.#slots.length;
    const bytes = Math.min(this.#blockRows, this.rows) * this.columns * size;
    const x = this.#slots[slot] ?? this.#session.allocate(bytes);
    this.#slots[slot] = x;
    if (!this.#loaded.has(block)) {
      const part = this.#matrix.values.subarray(
        first * this.columns,
        (first + count) * this.columns,
      );
      if (this.#single) this.#session.float32(x).set(part);
      else this.#session.float64(x).set(part);
      if (this.#resident) this.#loaded.add(block);
    }
    return { x, first, count };
  }

  #segments(): number {
    return Math.min(mostSegments, this.#blockRows / packedRows);
  }

  /** The address of a number for each row, or 0 for none. */
  #rowValues(name: string, values: Float64Array | undefined): number {
    if (!values) return 0;
    const region = this.#region(name, this.rows * 8);
    // Copied each time: the caller's array may have changed, and it is small beside the rows.
    this.#session.float64(region).set(values);
    return region.address;
  }

  #region(name: string, bytes: number): Region {
    const held = this.#scratch.get(name) ?? this.#session.allocate(bytes);
    this.#scratch.set(name, held);
    return held;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.close();
  }
}

/** Rows of a block: by the number of columns alone, so that sums have one order. */
function blockLength(columns: number): number {
  const rows = Math.floor(mostBlockBytes / (8 * columns) / packedRows) * packedRows;
  const segmentRows = Math.floor(rows / mostSegments / packedRows) * packedRows;
  if (segmentRows === 0) return Math.max(packedRows, rows);
  return mostSegments * Math.min(mostSegmentRows, segmentRows);
}

function addSegments(total: Float64Array, sums: Float64Array, segments: number): void {
  for (let segment = 0; segment < segments; segment++) {
    const from = segment * total.length;
    for (let at = 0; at < total.length; at++) total[at]! += sums[from + at]!;
  }
}

/** The upper triangle of the first `size` rows and columns, mirrored. */
function trimmed(total: Float64Array, width: number, size: number): Float64Array {
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      out[i * size + j] = total[i * width + j]!;
      out[j * size + i] = total[i * width + j]!;
    }
  }
  return out;
}
