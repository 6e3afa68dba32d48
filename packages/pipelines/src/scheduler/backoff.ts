import type { Randomness } from '@backlot/core';

export interface BackoffOptions {
  /** The longest wait before the first try again; 1 s when absent. */
  readonly baseMs?: number;
  /** The longest wait ever; 60 s when absent. */
  readonly capMs?: number;
}

/** The longest wait when no other is asked for. */
export const defaultCapMs = 60_000;

/**
 * The wait before the n-th try again (from 1), in milliseconds: exponential with full jitter, that
 * is uniform between 0 and `min(cap, base * 2^(n - 1))`, so that many failures do not come back
 * together.
 */
export function backoffMs(
  random: Randomness,
  failures: number,
  { baseMs = 1000, capMs = defaultCapMs }: BackoffOptions = {},
): number {
  const longest = Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30));
  const view = new DataView(Uint8Array.from(random.bytes(4)).buffer);
  return Math.floor((view.getUint32(0) / 2 ** 32) * longest);
}
