import { InvalidArgument } from '../../error.ts';
import {
  checkList,
  relevanceOf,
  type ScoredList,
  type Similarity,
  takePlaces,
} from './scored-list.ts';

export interface DiversifyOptions {
  readonly k: number;
  /** What relevance counts, from 0 (only being unlike the others) to 1 (only relevance). */
  readonly tradeOff: number;
  readonly similarity: Similarity;
}

/**
 * Maximal marginal relevance (Carbonell and Goldstein 1998): one after another the item is taken for which
 * tradeOff x relevance - (1 - tradeOff) x (similarity to the most alike of those taken) is largest, equal
 * ones by their place in the list. Relevance is the score scaled to 0 to 1 within the list. O(k n) for n
 * items. Throws `InvalidArgument`.
 */
export function maximalMarginalRelevance(
  list: ScoredList,
  { k, tradeOff, similarity }: DiversifyOptions,
): ScoredList {
  checkList(list, k, tradeOff);
  const { items } = list;
  const relevance = relevanceOf(list);
  const nearest = new Float64Array(items.length).fill(-Infinity);
  const taken = new Uint8Array(items.length);
  const places: number[] = [];
  while (places.length < Math.min(k, items.length)) {
    let [best, most] = [-1, -Infinity];
    for (let place = 0; place < items.length; place++) {
      if (taken[place]) continue;
      const alike = places.length === 0 ? 0 : nearest[place]!;
      const value = tradeOff * relevance[place]! - (1 - tradeOff) * alike;
      if (value > most) [best, most] = [place, value];
    }
    if (best < 0) throw new InvalidArgument('similarity', 'gives something that is no number');
    taken[best] = 1;
    places.push(best);
    for (let place = 0; place < items.length; place++) {
      if (taken[place]) continue;
      nearest[place] = Math.max(nearest[place]!, similarity(items[place]!, items[best]!));
    }
  }
  return takePlaces(list, places);
}
