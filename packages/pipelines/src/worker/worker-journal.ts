import type { Clock } from '@backlot/core';
import type { Progress } from '../authoring/task-context.ts';
import type { Control } from './control-messages.ts';

const pauseMs = 250;
const maxText = 60_000;
const maxUnit = 40;

/**
 * What a task tells while it runs. It is sent at most four times a second, the newest progress and
 * all lines since; a send that fails is dropped, since nothing of it is a promise.
 */
export class WorkerJournal {
  readonly #control: Control;
  readonly #attempt: string;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  #progress: Progress | undefined;
  #text = '';
  #sending: Promise<void> | undefined;

  constructor(control: Control, attempt: string, clock: Clock) {
    this.#control = control;
    this.#attempt = attempt;
    this.#clock = clock;
  }

  progress({ done, total, unit, loss }: Progress): void {
    this.#progress = {
      ...{ done, unit: unit.slice(0, maxUnit) },
      ...(total !== undefined && { total }),
      // JSON has no word for infinity; a fit that diverges says so by its error.
      ...(loss !== undefined && Number.isFinite(loss) && { loss }),
    };
    this.#send();
  }

  log(text: string): void {
    const line = text.endsWith('\n') ? text : `${text}\n`;
    this.#text = (this.#text + line.toWellFormed()).slice(-maxText);
    this.#send();
  }

  /** Sends what was told, now, and resolves when that is done. Nothing may be told afterwards. */
  async flush(): Promise<void> {
    this.#ended.abort();
    await this.#sending;
    await this.#sendNow();
  }

  #send(): void {
    this.#sending ??= this.#sendSoon();
  }

  async #sendSoon(): Promise<void> {
    const { signal } = this.#ended;
    do {
      await this.#sendNow();
      await this.#clock.sleep(pauseMs, signal);
    } while (!signal.aborted && (this.#text !== '' || this.#progress));
    this.#sending = undefined;
  }

  async #sendNow(): Promise<void> {
    const [progress, text] = [this.#progress, this.#text];
    this.#progress = undefined;
    this.#text = '';
    const sends = [
      ...(progress ? [this.#control.progress(this.#attempt, progress)] : []),
      ...(text !== '' ? [this.#control.log(this.#attempt, { text })] : []),
    ];
    await Promise.allSettled(sends);
  }
}
