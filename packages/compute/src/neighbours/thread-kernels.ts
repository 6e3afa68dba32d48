import { loadModule } from '#loader';
import { OutOfMemory } from '../error.ts';
import { controlAddress, firstAddress, maxPages, pageBytes } from '../kernel-memory.ts';
import type { Region } from '../kernel-session.ts';
import { type WasmMemory, type WasmModule, webAssembly } from '../web-assembly.ts';
import type { KernelMemory } from './hnsw-memory.ts';

/** Kernels on memory of their own that run on the thread of their caller, at once. */
export class ThreadKernels implements KernelMemory {
  readonly threads = 1;
  readonly #memory: WasmMemory;
  readonly #kernels: Readonly<Record<string, (...args: number[]) => void>>;
  #next = firstAddress;

  constructor(memory: WasmMemory, kernels: Readonly<Record<string, (...args: number[]) => void>>) {
    this.#memory = memory;
    this.#kernels = kernels;
  }

  /** Zeroed memory, aligned to 64 bytes. Throws `OutOfMemory`. */
  allocate(bytes: number): Region {
    const address = this.#next;
    const end = address + Math.ceil(bytes / 64) * 64;
    const missing = Math.ceil(end / pageBytes) - this.#memory.buffer.byteLength / pageBytes;
    try {
      if (missing > 0) this.#memory.grow(missing);
    } catch (error) {
      throw new OutOfMemory(end, error);
    }
    this.#next = end;
    return { address, bytes };
  }

  float32({ address, bytes }: Region): Float32Array<SharedArrayBuffer> {
    return new Float32Array(this.#memory.buffer, address, bytes / 4);
  }

  int32({ address, bytes }: Region): Int32Array<SharedArrayBuffer> {
    return new Int32Array(this.#memory.buffer, address, bytes / 4);
  }

  uint8({ address, bytes }: Region): Uint8Array<SharedArrayBuffer> {
    return new Uint8Array(this.#memory.buffer, address, bytes);
  }

  run(kernel: string, args: readonly number[]): void {
    new Int32Array(this.#memory.buffer, controlAddress, 2).fill(0);
    this.#kernels[kernel]!(0, controlAddress, ...args);
  }
}

let compiled: Promise<WasmModule> | undefined;

/** Opens kernels for this thread; they are compiled once. */
export async function openThreadKernels(): Promise<ThreadKernels> {
  compiled ??= loadModule();
  const module = await compiled.catch((error) => {
    compiled = undefined;
    throw error;
  });
  const memory = new webAssembly.Memory({ initial: 1, maximum: maxPages, shared: true });
  const abort = (): never => {
    throw new Error('a kernel aborted');
  };
  const { exports } = await webAssembly.instantiate(module, { env: { memory, abort } });
  return new ThreadKernels(memory, exports);
}
