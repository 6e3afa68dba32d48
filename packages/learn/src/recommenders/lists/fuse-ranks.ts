import { InvalidArgument } from '../../error.ts';
import { insert } from '../rank-rows.ts';
import type { Recommendations } from '../recommender-kind.ts';
import { listOf } from './scored-list.ts';

export interface FuseOptions {
  readonly k: number;
  /** What each set of lists counts; 1 each by default. */
  readonly weights?: readonly number[];
  /** Added to each rank: more of it makes the first places less special; 60 by default. */
  readonly constant?: number;
}

/**
 * Lists of several models as one by reciprocal ranks (Cormack, Clarke and Buettcher 2009): an item's score
 * is the sum over the lists of weight / (constant + its rank from 1); lists without it add nothing. The
 * models' own scores, which may be of different scales, are not used. Throws `InvalidArgument`.
 */
export function fuseRanks(
  all: readonly Recommendations[],
  { k, weights = all.map(() => 1), constant = 60 }: FuseOptions,
): Recommendations {
  checkFusion(all, k, weights, constant);
  const { users } = all[0]!;
  const items = new Int32Array(users.length * k).fill(-1);
  const scores = new Float32Array(users.length * k).fill(-Infinity);
  for (let at = 0; at < users.length; at++) {
    const sums = new Map<number, number>();
    all.forEach((lists, one) => {
      listOf(lists, at).items.forEach((item, rank) => {
        sums.set(item, (sums.get(item) ?? 0) + weights[one]! / (constant + rank + 1));
      });
    });
    const [own, best] = [items.subarray(at * k, at * k + k), scores.subarray(at * k, at * k + k)];
    for (const [item, sum] of sums) insert(own, best, item, Math.fround(sum));
  }
  return { users, k, items, scores };
}

function checkFusion(
  all: readonly Recommendations[],
  k: number,
  weights: readonly number[],
  constant: number,
): void {
  if (all.length === 0) throw new InvalidArgument('all', 'is empty; at least one is needed');
  const { users } = all[0]!;
  for (const lists of all) {
    const same = lists.users.length === users.length;
    if (same && lists.users.every((user, at) => user === users[at])) continue;
    throw new InvalidArgument('all', 'are lists of different users');
  }
  if (!Number.isInteger(k) || k < 1) {
    throw new InvalidArgument('k', `is ${k}; a whole number from 1 is allowed`);
  }
  if (
    weights.length !== all.length ||
    !weights.every((weight) => weight > 0 && weight < Infinity)
  ) {
    throw new InvalidArgument('weights', `are not ${all.length} positive finite numbers`);
  }
  if (constant >= 0 && constant < Infinity) return;
  throw new InvalidArgument('constant', `is ${constant}; a number from 0 is allowed`);
}
