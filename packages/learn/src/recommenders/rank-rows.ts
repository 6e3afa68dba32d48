import { throwIfCancelled } from '@backlot/core';
import type { RankOptions, Recommendations } from './recommender-kind.ts';

/** Rows between two looks at the signal. */
const batchRows = 256;

/**
 * Ranks users one after another on this thread: `rankRow` fills the places of one user. The event loop
 * turns between batches, so that a signal can fire.
 */
export async function rankRows(
  query: RankOptions,
  rankRow: (user: number, excluded: Int32Array, items: Int32Array, scores: Float32Array) => void,
): Promise<Recommendations> {
  const { users, k, excluded, excludedOffsets } = query;
  const items = new Int32Array(users.length * k).fill(-1);
  const scores = new Float32Array(users.length * k).fill(-Infinity);
  for (let at = 0; at < users.length; at++) {
    if (at % batchRows === 0) {
      throwIfCancelled(query.signal, 'the ranking');
      await turn();
      query.onProgress?.({ step: 'users', done: at, total: users.length });
    }
    const row = excluded.subarray(excludedOffsets[at], excludedOffsets[at + 1]);
    const [begin, end] = [at * k, (at + 1) * k];
    rankRow(users[at]!, row, items.subarray(begin, end), scores.subarray(begin, end));
  }
  query.onProgress?.({ step: 'users', done: users.length, total: users.length });
  return { users, k, items, scores };
}

/** Lets timers and signals have their turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The k best of a row of scores, best first, equal ones by index; -Infinity and NaN are never among them. */
export function bestOf(
  scores: Float32Array,
  k: number,
): { readonly items: Int32Array; readonly scores: Float32Array } {
  const items = new Int32Array(k).fill(-1);
  const best = new Float32Array(k).fill(-Infinity);
  for (let item = 0; item < scores.length; item++) insert(items, best, item, scores[item]!);
  const count = items.indexOf(-1);
  return count < 0
    ? { items, scores: best }
    : { items: items.slice(0, count), scores: best.slice(0, count) };
}

/** Puts an item in its place among the best, equal scores by index, when it is one of them. */
export function insert(items: Int32Array, best: Float32Array, item: number, score: number): void {
  const ahead = (at: number): boolean =>
    score > best[at]! || (score === best[at] && item < items[at]!);
  let at = best.length - 1;
  if (!(score > -Infinity && ahead(at))) return;
  for (; at > 0 && ahead(at - 1); at--) {
    best[at] = best[at - 1]!;
    items[at] = items[at - 1]!;
  }
  best[at] = score;
  items[at] = item;
}
