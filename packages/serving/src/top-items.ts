import { AnswerRefused } from './error.ts';
import type { Ranking } from './scorer.ts';

/**
 * The `k` best of the allowed items, by score and then by item number, so that ties have one order.
 * A heap of `k` keeps the cost at one comparison for most items. A score that is not finite is
 * refused even when it would not have been among the best.
 */
export function topItems(
  scores: Float32Array,
  k: number,
  allowed: (item: number) => boolean,
): Ranking {
  const heap: number[] = [];
  const worse = (a: number, b: number): boolean =>
    scores[a]! < scores[b]! || (scores[a] === scores[b] && a > b);
  for (let item = 0; item < scores.length; item++) {
    if (!Number.isFinite(scores[item])) throw new AnswerRefused('a score is not finite');
    if (heap.length === k && !worse(heap[0]!, item)) continue;
    if (!allowed(item)) continue;
    if (heap.length === k) replaceWorst(heap, item, worse);
    else addToHeap(heap, item, worse);
  }
  heap.sort((a, b) => (worse(a, b) ? 1 : -1));
  return {
    items: Int32Array.from(heap),
    scores: Float32Array.from(heap, (item) => scores[item]!),
  };
}

type Worse = (a: number, b: number) => boolean;

function addToHeap(heap: number[], item: number, worse: Worse): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!worse(heap[at]!, heap[parent]!)) return;
    swap(heap, at, parent);
    at = parent;
  }
}

function replaceWorst(heap: number[], item: number, worse: Worse): void {
  heap[0] = item;
  for (let at = 0; ; ) {
    let least = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < heap.length && worse(heap[child]!, heap[least]!)) least = child;
    }
    if (least === at) return;
    swap(heap, at, least);
    at = least;
  }
}

function swap(heap: number[], a: number, b: number): void {
  const held = heap[a]!;
  heap[a] = heap[b]!;
  heap[b] = held;
}
