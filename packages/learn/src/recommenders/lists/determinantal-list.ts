import { InvalidArgument } from '../../error.ts';
import type { DiversifyOptions } from './maximal-marginal-relevance.ts';
import { checkList, relevanceOf, type ScoredList, takePlaces } from './scored-list.ts';

/** Below this part of its own square an item adds no volume: it is a mixture of those taken. */
const leastVolume = 1e-10;

/**
 * The likeliest list of a determinantal point process, found greedily (Chen, Zhang and Zhou 2018, algorithm
 * 1): one after another the item is taken that raises log det(L) of those taken most, where
 * L_ij = q_i S_ij q_j with the similarities S and q = exp(a relevance), a = tradeOff / (2 (1 - tradeOff))
 * (their equation 20). Relevance is the score scaled to 0 to 1 within the list. S must be positive
 * semidefinite, as cosines are. Ends early when no item is left that is not a mixture of those taken. Each
 * step updates a Cholesky factor: O(k^2 n) for n items. Throws `InvalidArgument`; a `tradeOff` of 1 would be
 * an infinite a.
 */
export function determinantalList(
  list: ScoredList,
  { k, tradeOff, similarity }: DiversifyOptions,
): ScoredList {
  checkList(list, k, tradeOff);
  if (tradeOff > 0.999) {
    throw new InvalidArgument('tradeOff', `is ${tradeOff}; 0 to 0.999 are allowed`);
  }
  const { items } = list;
  const count = Math.min(k, items.length);
  const strength = tradeOff / (1 - tradeOff);
  // log det(L) = the sum of a 2 relevance + log det(S): the factor is that of S, relevance is added.
  const bonus = relevanceOf(list).map((value) => strength * value);
  const rest = Float64Array.from(items, (item) => similarity(item, item));
  const own = rest.slice();
  const rows = new Float64Array(items.length * count);
  const taken = new Uint8Array(items.length);
  const places: number[] = [];
  while (places.length < count) {
    const best = largestGain(rest, own, bonus, taken);
    if (best < 0) break;
    taken[best] = 1;
    const step = places.length;
    const pivot = Math.sqrt(rest[best]!);
    for (let place = 0; place < items.length; place++) {
      if (taken[place]) continue;
      let left = similarity(items[best]!, items[place]!);
      for (let at = 0; at < step; at++)
        left -= rows[best * count + at]! * rows[place * count + at]!;
      const entry = left / pivot;
      rows[place * count + step] = entry;
      rest[place]! -= entry * entry;
    }
    places.push(best);
  }
  return takePlaces(list, places);
}

function largestGain(
  rest: Float64Array,
  own: Float64Array,
  bonus: Float64Array,
  taken: Uint8Array,
): number {
  let [best, most] = [-1, -Infinity];
  for (let place = 0; place < rest.length; place++) {
    if (taken[place] || !(rest[place]! > leastVolume * own[place]!)) continue;
    const gain = Math.log(rest[place]!) + bonus[place]!;
    if (gain > most) [best, most] = [place, gain];
  }
  return best;
}
