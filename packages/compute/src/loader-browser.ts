import { KernelsNotBuilt } from './error.ts';
import type { WorkerReply, WorkerRequest } from './kernel-service.ts';
import type { KernelWorker } from './kernel-worker.ts';
import { type WasmModule, webAssembly } from './web-assembly.ts';

/** The part of a page's interface that the loader uses; Node's types do not hold it. */
interface Page {
  readonly fetch: (
    url: URL,
  ) => Promise<{ readonly ok: boolean; arrayBuffer(): Promise<ArrayBuffer> }>;
  readonly navigator: { readonly hardwareConcurrency: number };
  readonly Worker: new (
    url: URL,
    options: { readonly type: 'module' },
  ) => {
    postMessage(message: unknown): void;
    terminate(): void;
    onmessage: ((event: { readonly data: WorkerReply }) => void) | null;
    onerror: ((event: unknown) => void) | null;
  };
}

const page = globalThis as unknown as Page;

/** Fetches and compiles the kernels. The page must be cross-origin isolated, for shared memory. */
export async function loadModule(): Promise<WasmModule> {
  const answer = await page.fetch(new URL('./kernels/kernels.wasm', import.meta.url));
  if (!answer.ok) throw new KernelsNotBuilt(undefined);
  return webAssembly.compile(new Uint8Array(await answer.arrayBuffer()));
}

/** How many threads the machine runs at once. */
export function hardwareThreads(): number {
  return page.navigator.hardwareConcurrency;
}

/** Starts a thread. */
export function startWorker(): KernelWorker {
  const worker = new page.Worker(new URL('./kernel-worker-browser.ts', import.meta.url), {
    type: 'module',
  });
  return {
    send: (request: WorkerRequest) => worker.postMessage(request),
    listen: (onReply, onFailure) => {
      worker.onmessage = (event) => onReply(event.data);
      worker.onerror = onFailure;
    },
    // A page's workers never keep it open.
    hold: () => undefined,
    terminate: () => worker.terminate(),
  };
}
