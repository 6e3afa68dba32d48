import { AsyncLocalStorage } from 'node:async_hooks';
import { assert } from '@backlot/core';

/** The transactions of one process, one after the other in the order they were asked for. */
export class WriteQueue {
  readonly #inside = new AsyncLocalStorage<true>();
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** Runs work when all before it has ended; work that would wait for itself is a bug. */
  run<T>(work: () => Promise<T>): Promise<T> {
    assert(!this.#inside.getStore(), 'transactions do not nest');
    this.assertOpen();
    const result = this.#last.then(() => this.#inside.run(true, work));
    this.#last = result.catch(() => undefined);
    return result;
  }

  assertOpen(): void {
    assert(!this.#closed, 'metadata is not used after it was closed');
  }

  /** Takes nothing more, and resolves when all that was taken has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }
}
