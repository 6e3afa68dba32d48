import { assert, BacklotError, Cancelled, throwIfCancelled } from '@backlot/core';
import { hardwareThreads, loadModule } from '#loader';
import { OutOfMemory } from './error.ts';
import {
  controlAddress,
  controlBlocks,
  controlBytes,
  firstAddress,
  maxPages,
  pageBytes,
} from './kernel-memory.ts';
import { leaseThreads, type Thread } from './threads.ts';
import { type WasmMemory, type WasmModule, webAssembly } from './web-assembly.ts';

/** A piece of the memory that the threads share. */
export interface Region {
  readonly address: number;
  readonly bytes: number;
}

type KernelName =
  | 'assign'
  | 'centre'
  | 'coOccurrence'
  | 'columnWeights'
  | 'columnSums'
  | 'scatter'
  | 'addLeafValues'
  | 'bin'
  | 'dropMask'
  | 'dualDescent'
  | 'optimise'
  | 'scatterRows'
  | 'sumSquares'
  | 'gradients'
  | 'grow'
  | 'encodeRows'
  | 'hnswChoose'
  | 'hnswFind'
  | 'hnswLink'
  | 'factor'
  | 'forest'
  | 'forestVotes'
  | 'gram'
  | 'linearLoss'
  | 'moments'
  | 'multiply'
  | 'nearest'
  | 'pack'
  | 'constrained'
  | 'pairwise'
  | 'machineSweep'
  | 'product'
  | 'entryProducts'
  | 'rank'
  | 'sortColumns'
  | 'walk'
  | 'solve'
  | 'sparseMultiply';

/** A kernel and its arguments. */
export interface KernelCall {
  readonly kernel: KernelName;
  readonly args: readonly number[];
}

export interface SessionOptions {
  /** Worker threads; by default as many as the machine runs at once. Results never depend on it. */
  readonly threads?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Shared memory and threads for a computation: allocate regions, fill their views, run kernels, read the
 * views, close. Everything is given back at close; an aborted signal makes a running kernel stop at its
 * next chunk and `run` throw `Cancelled`.
 *
 * @example
 * await using session = await openKernels({ threads: 2 });
 * const x = session.allocate(4 * 8);
 * session.float32(x).fill(1);
 */
export class KernelSession implements AsyncDisposable {
  readonly threads: number;
  readonly #memory: WasmMemory;
  readonly #leased: readonly Thread[];
  readonly #signal: AbortSignal | undefined;
  readonly #cancel = (): void => {
    const control = this.#control();
    for (let block = 0; block < controlBlocks; block++) {
      Atomics.store(control, block * controlWords + 1, 1);
      Atomics.notify(control, block * controlWords + 2);
    }
  };
  #next = firstAddress;
  #closed = false;

  constructor(memory: WasmMemory, leased: readonly Thread[], signal: AbortSignal | undefined) {
    this.#memory = memory;
    this.#leased = leased;
    this.#signal = signal;
    this.threads = leased.length;
    signal?.addEventListener('abort', this.#cancel, { once: true });
  }

  /** Zeroed memory, aligned to 64 bytes. Throws `OutOfMemory`. */
  allocate(bytes: number): Region {
    const address = this.#next;
    const end = address + Math.ceil(bytes / 64) * 64;
    if (end > maxPages * pageBytes) throw new OutOfMemory(end);
    const missing = Math.ceil(end / pageBytes) - this.#memory.buffer.byteLength / pageBytes;
    if (missing > 0) this.#grow(missing, end);
    this.#next = end;
    return { address, bytes };
  }

  #grow(pages: number, bytes: number): void {
    try {
      this.#memory.grow(pages);
    } catch (error) {
      throw new OutOfMemory(bytes, error);
    }
  }

  float32(region: Region): Float32Array<SharedArrayBuffer> {
    return new Float32Array(this.#memory.buffer, region.address, region.bytes / 4);
  }

  float64(region: Region): Float64Array<SharedArrayBuffer> {
    return new Float64Array(this.#memory.buffer, region.address, region.bytes / 8);
  }

  int32(region: Region): Int32Array<SharedArrayBuffer> {
    return new Int32Array(this.#memory.buffer, region.address, region.bytes / 4);
  }

  /** A region that holds the values. */
  place(values: Float32Array | Float64Array | Int32Array): Region {
    const region = this.allocate(values.byteLength);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    new Uint8Array(this.#memory.buffer, region.address, region.bytes).set(bytes);
    return region;
  }

  /** Runs a kernel on all threads at once; they share its chunks. */
  async run(kernel: KernelName, args: readonly number[]): Promise<void> {
    await this.runInOrder([{ kernel, args }]);
  }

  /**
   * Runs kernels one after the other, each on all threads at once: one begins when all are done with that
   * before. The threads are asked once in eight calls, which costs as much as a small kernel takes.
   */
  async runInOrder(calls: readonly KernelCall[]): Promise<void> {
    for (let at = 0; at < calls.length; at += controlBlocks) {
      await this.#ask(calls.slice(at, at + controlBlocks));
    }
  }

  async #ask(calls: readonly KernelCall[]): Promise<void> {
    assert(!this.#closed, 'a closed kernel session runs nothing');
    throwIfCancelled(this.#signal, 'the computation');
    this.#control().fill(0);
    const { threads } = this;
    const asked = this.#leased.map((thread, index) =>
      thread.ask({ kind: 'run', calls, index, threads }).catch((error) => {
        // The others would wait for this thread.
        this.#cancel();
        throw error;
      }),
    );
    const done = await Promise.allSettled(asked);
    if (this.#signal?.aborted) throw new Cancelled('the computation');
    for (const result of done) if (result.status === 'rejected') throw result.reason;
  }

  #control(): Int32Array<SharedArrayBuffer> {
    return new Int32Array(this.#memory.buffer, controlAddress, controlBlocks * controlWords);
  }

  /** Gives the threads back and lets the memory go. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#signal?.removeEventListener('abort', this.#cancel);
    await Promise.all(this.#leased.map((thread) => thread.release()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

const controlWords = controlBytes / 4;

let compiled: Promise<WasmModule> | undefined;

/** Opens a session. The kernels are compiled once in a process, threads are reused. */
export async function openKernels(options: SessionOptions = {}): Promise<KernelSession> {
  throwIfCancelled(options.signal, 'the computation');
  const threads = checkedThreads(options.threads ?? hardwareThreads());
  compiled ??= loadModule();
  const module = await compiled.catch((error) => {
    compiled = undefined;
    throw error;
  });
  const memory = new webAssembly.Memory({ initial: 1, maximum: maxPages, shared: true });
  return new KernelSession(memory, await leaseThreads(threads, module, memory), options.signal);
}

function checkedThreads(threads: number): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= 256) return threads;
  throw new BacklotError({
    code: 'E-COMPUTE-005',
    kind: 'usage',
    reason: `threads is ${threads}; a whole number from 1 to 256 is allowed`,
  });
}
