import { InvalidArgument } from '../../error.ts';
import type { Recommendations } from '../recommender-kind.ts';

export interface CapExposureOptions {
  /** How many items each new list has; the given ones should be longer. */
  readonly k: number;
  /** By item, who provides it: numbers from 0. */
  readonly providers: Int32Array;
  /** The most items of one provider in a list. */
  readonly mostInList?: number;
  /** The most of all places of all lists that one provider may have, above 0 to 1. */
  readonly mostOverall?: number;
}

/**
 * Lists in which no provider has more than its share: the best items that the caps leave, in their order.
 * Places are given one after another to all users before the next, so that a provider's overall share is
 * not spent on the first users. Places stay empty where the given list is at its end. Throws
 * `InvalidArgument`.
 */
export function capExposure(lists: Recommendations, options: CapExposureOptions): Recommendations {
  const { k, providers, mostInList = k, mostOverall = 1 } = options;
  checkCaps(k, mostInList, mostOverall);
  const unknown = lists.items.find((item) => item >= providers.length);
  if (unknown !== undefined) {
    const reason = `are of ${providers.length} items; the lists hold item ${unknown}`;
    throw new InvalidArgument('providers', reason);
  }
  const { users } = lists;
  const items = new Int32Array(users.length * k).fill(-1);
  const scores = new Float32Array(users.length * k).fill(-Infinity);
  const budget = Math.floor(mostOverall * users.length * k);
  const overall = new Map<number, number>();
  const counts = Array.from(users, () => new Map<number, number>());
  const next = new Int32Array(users.length);
  for (let place = 0; place < k; place++) {
    for (let at = 0; at < users.length; at++) {
      for (let from = next[at]!; ; from++) {
        const item = from < lists.k ? lists.items[at * lists.k + from]! : -1;
        next[at] = from + 1;
        if (item < 0) break;
        const provider = providers[item]!;
        const own = counts[at]!.get(provider) ?? 0;
        const all = overall.get(provider) ?? 0;
        if (own >= mostInList || all >= budget) continue;
        counts[at]!.set(provider, own + 1);
        overall.set(provider, all + 1);
        items[at * k + place] = item;
        scores[at * k + place] = lists.scores[at * lists.k + from]!;
        break;
      }
    }
  }
  return { users, k, items, scores };
}

function checkCaps(k: number, mostInList: number, mostOverall: number): void {
  for (const [name, value] of Object.entries({ k, mostInList })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new InvalidArgument(name, `is ${value}; a whole number from 1 is allowed`);
  }
  if (mostOverall > 0 && mostOverall <= 1) return;
  throw new InvalidArgument('mostOverall', `is ${mostOverall}; above 0 to 1 is allowed`);
}
