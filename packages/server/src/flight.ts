import type { ServerResponse } from 'node:http';
import { ServerError } from './error.ts';

const maxStreams = 256;

/** The requests in work: their bound, and the wait for their end. */
export class Flight {
  readonly #max: number;
  readonly #waiting = new Set<() => void>();
  #requests = 0;
  #streams = 0;
  #closing = false;

  constructor(max: number) {
    this.#max = max;
  }

  get closing(): boolean {
    return this.#closing;
  }

  get requests(): number {
    return this.#requests;
  }

  get streams(): number {
    return this.#streams;
  }

  /** Counts a request until its response is done, or refuses it. */
  enter(response: ServerResponse, kind: 'request' | 'stream'): void {
    if (this.#closing) throw refuse('the server is shutting down', 5);
    const full = kind === 'request' ? this.#requests >= this.#max : this.#streams >= maxStreams;
    if (full) throw refuse('the server has all the work it can take', 1);
    const step = (by: number): void => {
      if (kind === 'request') this.#requests += by;
      else this.#streams += by;
    };
    step(1);
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      step(-1);
      if (this.#requests + this.#streams === 0) for (const wake of this.#waiting) wake();
    };
    response.once('finish', leave);
    response.once('close', leave);
  }

  /** From now on nothing enters; resolves when nothing is left inside. */
  drain(): Promise<void> {
    this.#closing = true;
    if (this.#requests + this.#streams === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add(resolve));
  }
}

function refuse(reason: string, retryAfterSeconds: number): ServerError {
  return new ServerError('overloaded', reason, { retryAfterSeconds });
}
