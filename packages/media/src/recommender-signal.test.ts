import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulateStore } from './simulate-store.ts';

const options = { seed: 21, accounts: 3_000, items: 1_200, days: 60, events: 150_000 };
const splitDay = 48;
const top = 20;

test('a crude item-kNN beats popularity by far on plays to come', (context) => {
  const { train, test: held } = split();
  const popularity = new Float64Array(options.items);
  for (const items of train) for (const item of items) popularity[item]! += 1;
  const similar = cosines(train, popularity);
  const scores = { popularity: 0, neighbours: 0 };
  let judged = 0;
  held.forEach((wanted, account) => {
    const seen = train[account]!;
    const fresh = [...wanted].filter((item) => !seen.has(item));
    if (seen.size < 5 || fresh.length === 0) return;
    judged++;
    scores.popularity += recall(popularity, seen, fresh);
    const score = new Float64Array(options.items);
    for (const item of seen) {
      const row = similar.subarray(item * options.items, (item + 1) * options.items);
      for (let other = 0; other < options.items; other++) score[other]! += row[other]!;
    }
    scores.neighbours += recall(score, seen, fresh);
  });
  const popular = scores.popularity / judged;
  const neighbours = scores.neighbours / judged;
  context.diagnostic(
    `recall@${top} of ${judged} accounts: popularity ${popular.toFixed(3)}, item-kNN ${neighbours.toFixed(3)}`,
  );
  assert.ok(judged > 300);
  assert.ok(neighbours > 1.6 * popular, `${neighbours} against ${popular}`);
});

function split(): { readonly train: Set<number>[]; readonly test: Set<number>[] } {
  const train = Array.from({ length: options.accounts }, () => new Set<number>());
  const held = Array.from({ length: options.accounts }, () => new Set<number>());
  for (const { day, plays } of simulateStore(options).events()) {
    const side = day < splitDay ? train : held;
    for (let row = 0; row < plays.size; row++) side[plays.account[row]!]!.add(plays.item[row]!);
  }
  return { train, test: held };
}

/** Cosine of the accounts of each two items, those of few accounts held down. */
function cosines(train: readonly Set<number>[], counts: Float64Array): Float32Array {
  const similar = new Float32Array(options.items ** 2);
  for (const items of train) {
    for (const a of items) for (const b of items) similar[a * options.items + b]! += 1;
  }
  for (let a = 0; a < options.items; a++) {
    for (let b = 0; b < options.items; b++) {
      similar[a * options.items + b]! /= Math.sqrt(counts[a]! * counts[b]!) + 10;
    }
  }
  return similar;
}

function recall(score: Float64Array, seen: ReadonlySet<number>, wanted: readonly number[]): number {
  const ranked = Array.from(score, (_, item) => item)
    .filter((item) => !seen.has(item))
    .sort((a, b) => score[b]! - score[a]!)
    .slice(0, top);
  const hits = ranked.filter((item) => wanted.includes(item)).length;
  return hits / Math.min(top, wanted.length);
}
