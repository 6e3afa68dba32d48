import { type WasmMemory, type WasmModule, webAssembly } from './web-assembly.ts';

/** What a session asks of a worker. */
export type WorkerRequest =
  | { readonly kind: 'attach'; readonly module: WasmModule; readonly memory: WasmMemory }
  | { readonly kind: 'run'; readonly kernel: string; readonly args: readonly number[] }
  | { readonly kind: 'detach' };

/** Each request has one answer, in order. */
export interface WorkerReply {
  readonly error?: string;
}

type Kernels = Readonly<Record<string, (...args: number[]) => void>>;

/** The worker's side: holds the kernels of the memory it is attached to and runs them. */
export function kernelService(): (request: WorkerRequest) => Promise<WorkerReply> {
  let kernels: Kernels = {};
  return async (request) => {
    try {
      if (request.kind === 'attach') kernels = await attach(request.module, request.memory);
      else if (request.kind === 'detach') kernels = {};
      else kernels[request.kernel]!(...request.args);
      return {};
    } catch (error) {
      return { error: String(error) };
    }
  };
}

async function attach(module: WasmModule, memory: WasmMemory): Promise<Kernels> {
  const abort = (): never => {
    throw new Error('a kernel aborted');
  };
  return (await webAssembly.instantiate(module, { env: { memory, abort } })).exports;
}
