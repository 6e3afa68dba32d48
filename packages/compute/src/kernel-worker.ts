import type { WorkerReply, WorkerRequest } from './kernel-service.ts';

/** A thread as the sessions see it, in Node or in a browser. */
export interface KernelWorker {
  send(request: WorkerRequest): void;
  /** Answers come in the order of the requests; the failure of the thread itself comes once. */
  listen(onReply: (reply: WorkerReply) => void, onFailure: (cause: unknown) => void): void;
  /** Whether the thread keeps the process alive. */
  hold(held: boolean): void;
  terminate(): void;
}
