import type { Clock } from '@backlot/core';
import { ServerError } from './error.ts';

const maxHolders = 10_000;

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * A token bucket for each route and holder, refilled evenly over a minute. At most ten thousand are
 * kept; the one unused for longest goes first, so that a flood of holders cannot fill the memory.
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes one token, or throws with the seconds to wait. */
  take(route: string, holder: string, perMinute: number): void {
    const key = `${route} ${holder}`;
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(key) ?? { tokens: perMinute, at: now };
    bucket.tokens = Math.min(perMinute, bucket.tokens + ((now - bucket.at) * perMinute) / 60_000);
    bucket.at = now;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    this.#forgetOldest();
    if (bucket.tokens < 1) throw tooOften(perMinute, bucket.tokens);
    bucket.tokens -= 1;
  }

  #forgetOldest(): void {
    if (this.#buckets.size <= maxHolders) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

function tooOften(perMinute: number, tokens: number): ServerError {
  return new ServerError('tooOften', `this route takes ${perMinute} requests a minute`, {
    retryAfterSeconds: Math.ceil(((1 - tokens) * 60) / perMinute),
  });
}
