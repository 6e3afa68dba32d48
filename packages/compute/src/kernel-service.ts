import { controlAddress, controlBytes } from './kernel-memory.ts';
import { type WasmMemory, type WasmModule, webAssembly } from './web-assembly.ts';

/** What a session asks of a worker. */
export type WorkerRequest =
  | { readonly kind: 'attach'; readonly module: WasmModule; readonly memory: WasmMemory }
  | {
      readonly kind: 'run';
      /** One after the other, all threads at the same one. */
      readonly calls: readonly { readonly kernel: string; readonly args: readonly number[] }[];
      /** Which of the threads this one is. */
      readonly index: number;
      readonly threads: number;
    }
  | { readonly kind: 'detach' };

/** Each request has one answer, in order. */
export interface WorkerReply {
  readonly error?: string;
}

type Kernels = Readonly<Record<string, (...args: number[]) => void>>;

type Run = Extract<WorkerRequest, { kind: 'run' }>;

interface Attached {
  readonly kernels: Kernels;
  readonly memory: WasmMemory;
}

/** The worker's side: holds the kernels of the memory it is attached to and runs them. */
export function kernelService(): (request: WorkerRequest) => Promise<WorkerReply> {
  let attached: Attached | undefined;
  return async (request) => {
    try {
      if (request.kind === 'attach') attached = await attach(request.module, request.memory);
      else if (request.kind === 'detach') attached = undefined;
      else run(attached!, request);
      return {};
    } catch (error) {
      return { error: String(error) };
    }
  };
}

function run({ kernels, memory }: Attached, { calls, index, threads }: Run): void {
  calls.forEach(({ kernel, args }, at) => {
    const control = controlAddress + at * controlBytes;
    kernels[kernel]!(index, control, ...args);
    if (at < calls.length - 1) meet(new Int32Array(memory.buffer, control, 3), threads);
  });
}

/** Returns when all threads are here, or the work was cancelled. */
function meet(control: Int32Array, threads: number): void {
  const before = Atomics.add(control, 2, 1);
  if (before + 1 === threads) {
    Atomics.notify(control, 2);
    return;
  }
  for (let here = before + 1; here < threads; here = Atomics.load(control, 2)) {
    if (Atomics.load(control, 1) !== 0) return;
    // Most meetings take less than going to sleep does.
    if (!metSoon(control, threads)) Atomics.wait(control, 2, Atomics.load(control, 2), 20);
  }
}

function metSoon(control: Int32Array, threads: number): boolean {
  for (let spin = 0; spin < 2000; spin++) if (Atomics.load(control, 2) >= threads) return true;
  return false;
}

async function attach(module: WasmModule, memory: WasmMemory): Promise<Attached> {
  const abort = (): never => {
    throw new Error('a kernel aborted');
  };
  const { exports } = await webAssembly.instantiate(module, { env: { memory, abort } });
  return { kernels: exports, memory };
}
