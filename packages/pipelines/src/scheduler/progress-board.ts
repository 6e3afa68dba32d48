import type { Clock } from '@backlot/core';
import type { Progress } from '../authoring/task-context.ts';

/** Progress with its speed. */
export interface ProgressView extends Progress {
  /** Units a second since the attempt first told; absent until it told twice. */
  readonly rate?: number;
}

interface Entry {
  readonly first: { readonly done: number; readonly at: number };
  readonly view: ProgressView;
}

const maxEntries = 10_000;

/** How far attempts are. It lives in memory: it is of use while they run, and is no promise. */
export class ProgressBoard {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  set(attempt: string, progress: Progress): void {
    const at = this.#clock.monotonic();
    const first = this.#entries.get(attempt)?.first ?? { done: progress.done, at };
    const seconds = (at - first.at) / 1000;
    const done = progress.done - first.done;
    const view = { ...progress, ...(seconds > 0 && done >= 0 && { rate: done / seconds }) };
    this.#entries.delete(attempt);
    this.#entries.set(attempt, { first, view });
    if (this.#entries.size > maxEntries) this.#entries.delete(this.#entries.keys().next().value!);
  }

  get(attempt: string): ProgressView | undefined {
    return this.#entries.get(attempt)?.view;
  }
}
