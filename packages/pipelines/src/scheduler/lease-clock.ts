import type { Clock } from '@backlot/core';
import type { AttemptRow } from '../state/rows.ts';

/**
 * When attempts were last heard of. In the process that heard them the monotonic clock counts, so
 * that a jump of the wall clock takes no lease away; of others only the rows are known.
 */
export class LeaseClock {
  readonly leaseMs: number;
  readonly #clock: Clock;
  readonly #beats = new Map<string, number>();

  constructor(clock: Clock, leaseMs: number) {
    this.#clock = clock;
    this.leaseMs = leaseMs;
  }

  beat(attempt: string): void {
    this.#beats.set(attempt, this.#clock.monotonic());
  }

  forget(attempt: string): void {
    this.#beats.delete(attempt);
  }

  isExpired(attempt: Pick<AttemptRow, 'id' | 'leased_until'>): boolean {
    const beat = this.#beats.get(attempt.id);
    if (beat !== undefined) return this.#clock.monotonic() - beat > this.leaseMs;
    return this.#clock.now() > attempt.leased_until;
  }
}
