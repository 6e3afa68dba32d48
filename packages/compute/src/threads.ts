import { assert } from '@backlot/core';
import { startWorker } from '#loader';
import { WorkerFailed } from './error.ts';
import type { WorkerReply, WorkerRequest } from './kernel-service.ts';
import type { KernelWorker } from './kernel-worker.ts';
import type { WasmMemory, WasmModule } from './web-assembly.ts';

/** How many idle threads are kept for the next session; they do not keep the process alive. */
const maxIdle = 16;
const idle: Thread[] = [];

/** A worker that answers one request at a time. */
export class Thread {
  readonly #worker: KernelWorker;
  #pending: { resolve(): void; reject(error: unknown): void } | undefined;
  #failure: WorkerFailed | undefined;

  constructor(worker: KernelWorker) {
    this.#worker = worker;
    worker.listen(
      (reply) => this.#settle(reply),
      (cause) => this.#fail(cause),
    );
  }

  /** Sends a request; rejects with `WorkerFailed`. */
  ask(request: WorkerRequest): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    assert(this.#pending === undefined, 'a thread answers one request at a time');
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#worker.send(request);
    });
  }

  hold(held: boolean): void {
    this.#worker.hold(held);
  }

  /** Back to the idle ones, or ended when it failed or they are many. */
  async release(): Promise<void> {
    if (!this.#failure) await this.ask({ kind: 'detach' });
    this.hold(false);
    if (this.#failure || idle.length >= maxIdle) this.#worker.terminate();
    else idle.push(this);
  }

  #settle(reply: WorkerReply): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (reply.error === undefined) pending?.resolve();
    else pending?.reject(new WorkerFailed(reply.error));
  }

  #fail(cause: unknown): void {
    this.#failure ??= new WorkerFailed(String(cause), cause);
    this.#pending?.reject(this.#failure);
    this.#pending = undefined;
    const place = idle.indexOf(this);
    if (place >= 0) idle.splice(place, 1);
  }
}

/** Threads that hold the process and are attached to the memory, idle ones first. */
export async function leaseThreads(
  count: number,
  module: WasmModule,
  memory: WasmMemory,
): Promise<readonly Thread[]> {
  const leased = Array.from({ length: count }, () => idle.pop() ?? new Thread(startWorker()));
  for (const thread of leased) thread.hold(true);
  const attached = await Promise.allSettled(
    leased.map((thread) => thread.ask({ kind: 'attach', module, memory })),
  );
  const failed = attached.find((result) => result.status === 'rejected');
  if (failed) {
    await Promise.all(leased.map((thread) => thread.release()));
    throw failed.reason;
  }
  return leased;
}
