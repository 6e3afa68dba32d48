import type { Clock } from '@backlot/core';
import type { Progress } from '../authoring/task-context.ts';

/** The loss when so much was done. */
interface LossPoint {
  readonly done: number;
  readonly loss: number;
}

/** Progress with its speed. */
export interface ProgressView extends Progress {
  /** Units a second since the attempt began to count to this total; absent until it told twice. */
  readonly rate?: number;
  /** How the loss went, oldest first, thinned where there are many. */
  readonly losses?: readonly LossPoint[];
}

interface Entry {
  readonly first: { readonly done: number; readonly at: number };
  readonly losses: readonly LossPoint[];
  readonly view: ProgressView;
}

const maxEntries = 10_000;
const maxLosses = 128;

/** How far attempts are. It lives in memory: it is of use while they run, and is no promise. */
export class ProgressBoard {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  set(attempt: string, progress: Progress): void {
    const at = this.#clock.monotonic();
    const before = this.#entries.get(attempt);
    // Another total, or a count that begins again, is another piece of work with a speed of its own.
    const same =
      before !== undefined &&
      before.view.total === progress.total &&
      progress.done >= before.view.done;
    const first = same ? before.first : { done: progress.done, at };
    const losses = lossesWith(same ? before.losses : [], progress);
    const seconds = (at - first.at) / 1000;
    const rate = (progress.done - first.done) / seconds;
    const view = {
      ...progress,
      ...(seconds > 0 && { rate }),
      ...(losses.length > 0 && { losses }),
    };
    this.#entries.delete(attempt);
    this.#entries.set(attempt, { first, losses, view });
    if (this.#entries.size > maxEntries) this.#entries.delete(this.#entries.keys().next().value!);
  }

  get(attempt: string): ProgressView | undefined {
    return this.#entries.get(attempt)?.view;
  }
}

function lossesWith(before: readonly LossPoint[], { done, loss }: Progress): readonly LossPoint[] {
  if (loss === undefined) return before;
  const all = [...before, { done, loss }];
  // Every second one goes, so that the whole way stays in view.
  return all.length > maxLosses ? all.filter((_, at) => at % 2 === (all.length - 1) % 2) : all;
}
