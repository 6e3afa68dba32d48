import type { Clock } from '@backlot/core';

/** A clock that stands still until a test moves it. */
export interface SimulatedClock extends Clock {
  /** Moves wall and monotonic time on, and ends the sleeps that are due, in the order they are due. */
  advance(ms: number): void;
  /** Moves the wall clock alone, forwards or back, as an administrator or a time server does. */
  jump(ms: number): void;
}

export interface SimulatedClockOptions {
  /** Milliseconds since 1970, UTC. */
  readonly startMs?: number;
  /** A sleep moves the clock on by itself instead of waiting for `advance`. */
  readonly autoAdvance?: boolean;
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/**
 * Makes a clock that a test moves by hand.
 *
 * @example
 * const clock = simulatedClock({ startMs: 0 });
 * clock.advance(5);
 * clock.now(); // 5
 */
export function simulatedClock({
  startMs = Date.UTC(2026, 0, 1),
  autoAdvance = false,
}: SimulatedClockOptions = {}): SimulatedClock {
  let elapsed = 0;
  let offset = startMs;
  let sleepers: Sleeper[] = [];
  const advance = (ms: number): void => {
    elapsed += ms;
    const due = sleepers.filter((sleeper) => sleeper.until <= elapsed);
    sleepers = sleepers.filter((sleeper) => sleeper.until > elapsed);
    for (const sleeper of due.sort((a, b) => a.until - b.until)) sleeper.wake();
  };
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((wake) => {
      if (signal?.aborted) return wake();
      signal?.addEventListener('abort', () => wake(), { once: true });
      sleepers.push({ until: elapsed + ms, wake });
      if (autoAdvance) advance(ms);
      else advance(0);
    });
  return {
    now: () => offset + elapsed,
    monotonic: () => elapsed,
    sleep,
    advance,
    jump: (ms) => {
      offset += ms;
    },
  };
}
