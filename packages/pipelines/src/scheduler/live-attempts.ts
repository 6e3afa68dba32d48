import type { Clock, ProcessExit } from '@backlot/core';
import type { Running } from '../executors/executor.ts';

/** Why a worker was asked to stop. */
export type StopReason = 'cancelled' | 'timeout' | 'lost' | 'shutdown';

/** A worker that this scheduler has started and that is not gone yet. */
export interface LiveAttempt {
  readonly workspace: string;
  readonly attempt: string;
  readonly run: string;
  readonly node: string;
  readonly log: string;
  readonly running: Running;
  /** Fires when the worker is gone. */
  readonly gone: AbortController;
  stopping: StopReason | undefined;
}

/** The workers of one scheduler: they hold its slots until they are gone. */
export class LiveAttempts {
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #live = new Map<string, LiveAttempt>();
  #empty: (() => void)[] = [];

  constructor(clock: Clock, graceMs: number) {
    this.#clock = clock;
    this.#graceMs = graceMs;
  }

  get size(): number {
    return this.#live.size;
  }

  get(attempt: string): LiveAttempt | undefined {
    return this.#live.get(attempt);
  }

  all(): readonly LiveAttempt[] {
    return [...this.#live.values()];
  }

  /** Takes a worker in, and calls back once it is gone. */
  add(
    live: LiveAttempt,
    timeoutMs: number | undefined,
    onGone: (exit: ProcessExit) => Promise<void>,
  ): void {
    this.#live.set(live.attempt, live);
    if (timeoutMs !== undefined) void this.#stopAfter(live, timeoutMs);
    void live.running.exit.then(async (exit) => {
      live.gone.abort();
      await onGone(exit);
      this.#live.delete(live.attempt);
      if (this.#live.size > 0) return;
      for (const resolve of this.#empty.splice(0)) resolve();
    });
  }

  /** Asks a worker to stop, and ends it when it has not within the grace. */
  stop(live: LiveAttempt, reason: StopReason): void {
    if (live.stopping !== undefined) return;
    live.stopping = reason;
    live.running.terminate();
    void this.#clock.sleep(this.#graceMs, live.gone.signal).then(() => {
      if (!live.gone.signal.aborted) live.running.kill();
    });
  }

  /** Resolves when no worker is left. */
  async idle(): Promise<void> {
    if (this.#live.size === 0) return;
    await new Promise<void>((resolve) => this.#empty.push(resolve));
  }

  async #stopAfter(live: LiveAttempt, timeoutMs: number): Promise<void> {
    await this.#clock.sleep(timeoutMs, live.gone.signal);
    if (!live.gone.signal.aborted) this.stop(live, 'timeout');
  }
}
