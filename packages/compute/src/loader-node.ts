import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { realIo } from '@backlot/core';
import { KernelsNotBuilt } from './error.ts';
import type { WorkerReply, WorkerRequest } from './kernel-service.ts';
import type { KernelWorker } from './kernel-worker.ts';
import { type WasmModule, webAssembly } from './web-assembly.ts';

const source = new URL('./kernels/kernels.wasm', import.meta.url);

/** Reads and compiles the kernels. */
export async function loadModule(): Promise<WasmModule> {
  let bytes: Uint8Array;
  try {
    bytes = await realIo().files.read(fileURLToPath(source));
  } catch (error) {
    throw new KernelsNotBuilt(error);
  }
  return webAssembly.compile(bytes);
}

/** How many threads the machine runs at once. */
export function hardwareThreads(): number {
  return availableParallelism();
}

/** Starts a thread. */
export function startWorker(): KernelWorker {
  // The process's own flags (--eval, --test) are not the worker's.
  const worker = new Worker(new URL('./kernel-worker-node.ts', import.meta.url), { execArgv: [] });
  return {
    send: (request: WorkerRequest) => worker.postMessage(request),
    listen: (onReply, onFailure) => {
      worker.on('message', (reply: WorkerReply) => onReply(reply));
      worker.on('error', onFailure);
      worker.on('exit', (code) => onFailure(new Error(`exit code ${code}`)));
    },
    hold: (held) => (held ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}
