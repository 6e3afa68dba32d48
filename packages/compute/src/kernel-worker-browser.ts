import { kernelService, type WorkerRequest } from './kernel-service.ts';

/** The part of a worker's global scope that is used; Node's types do not hold it. */
interface WorkerScope {
  onmessage: ((event: { readonly data: WorkerRequest }) => void) | null;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as WorkerScope;
const serve = kernelService();

scope.onmessage = async (event) => scope.postMessage(await serve(event.data));
