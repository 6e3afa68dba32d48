import { InvalidArgument } from '../../error.ts';
import type { Recommendations } from '../recommender-kind.ts';

/** Items with their scores, best first, as `recommendOne` gives them. */
export interface ScoredList {
  readonly items: Int32Array;
  readonly scores: Float32Array;
}

/** How alike two items are: 1 for the same, from 0, or from -1, for unlike ones. */
export type Similarity = (item: number, other: number) => number;

/** The items at the places, in that order. */
export function takePlaces({ items, scores }: ScoredList, places: readonly number[]): ScoredList {
  return {
    items: Int32Array.from(places, (place) => items[place]!),
    scores: Float32Array.from(places, (place) => scores[place]!),
  };
}

/** Scores from 0 for the list's worst to 1 for its best, so that a trade-off means the same everywhere. */
export function relevanceOf({ scores }: ScoredList): Float64Array {
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  return Float64Array.from(scores, (score) =>
    most > least ? (score - least) / (most - least) : 1,
  );
}

/**
 * Throws `InvalidArgument` unless the list is one and its length, k and the trade-off are in range. A list
 * is compared item by item, so that its length is bounded.
 */
export function checkList({ items, scores }: ScoredList, k: number, tradeOff: number): void {
  if (items.length !== scores.length || items.length > 10_000) {
    const given = `${items.length} items and ${scores.length} scores`;
    throw new InvalidArgument('list', `has ${given}; as many of each, up to 10000, are allowed`);
  }
  if (!scores.every(Number.isFinite)) {
    throw new InvalidArgument('list', 'has a score that is not finite');
  }
  if (!Number.isInteger(k) || k < 1) {
    throw new InvalidArgument('k', `is ${k}; a whole number from 1 is allowed`);
  }
  if (tradeOff >= 0 && tradeOff <= 1) return;
  throw new InvalidArgument('tradeOff', `is ${tradeOff}; 0 to 1 are allowed`);
}

/**
 * New lists of length k for all users, each made from the user's own by `pick`.
 *
 * @example
 * rerank(lists, 10, (list) => maximalMarginalRelevance(list, { k: 10, tradeOff: 0.7, similarity }));
 */
export function rerank(
  lists: Recommendations,
  k: number,
  pick: (list: ScoredList, user: number) => ScoredList,
): Recommendations {
  const items = new Int32Array(lists.users.length * k).fill(-1);
  const scores = new Float32Array(lists.users.length * k).fill(-Infinity);
  lists.users.forEach((user, at) => {
    const found = pick(listOf(lists, at), user);
    items.set(found.items.subarray(0, k), at * k);
    scores.set(found.scores.subarray(0, k), at * k);
  });
  return { users: lists.users, k, items, scores };
}

/** One of the lists, without its empty places: a view, not a copy. */
export function listOf({ items, scores, k }: Recommendations, at: number): ScoredList {
  const own = items.subarray(at * k, (at + 1) * k);
  const empty = own.indexOf(-1);
  const length = empty < 0 ? k : empty;
  return { items: own.subarray(0, length), scores: scores.subarray(at * k, at * k + length) };
}
