import { InvalidArgument } from '../../error.ts';
import type { Matrix } from '../../matrix.ts';
import { checkList, relevanceOf, type ScoredList, takePlaces } from './scored-list.ts';

export interface CalibrateOptions {
  readonly k: number;
  /** What being calibrated counts, from 0 (only relevance) to 1 (only calibration). */
  readonly tradeOff: number;
  /** Items x categories: the share of each category in an item, not negative, adding up to 1. */
  readonly categories: Matrix;
  /** The person's own shares, such as `categoryShares` of what they met. */
  readonly shares: Float64Array;
  /** How much of the person's shares is mixed into the list's, against log 0; 0.01 by default. */
  readonly smoothing?: number;
}

/**
 * A calibrated list (Steck 2018, equation 7): one after another the item is taken that makes
 * (1 - tradeOff) x (sum of relevance) - tradeOff x KL(the person's shares, the list's shares) largest, equal
 * ones by their place. Relevance is the score scaled to 0 to 1 within the list. Greedy, and so within
 * 1 - 1/e of the best. O(k n categories) for n items. Throws `InvalidArgument`.
 */
export function calibratedList(
  list: ScoredList,
  { k, tradeOff, categories, shares, smoothing = 0.01 }: CalibrateOptions,
): ScoredList {
  checkList(list, k, tradeOff);
  checkShares(shares, categories, smoothing);
  const { items } = list;
  checkItems(items, categories);
  const relevance = relevanceOf(list);
  const taken = new Uint8Array(items.length);
  const sums = new Float64Array(categories.columns);
  const trial = new Float64Array(categories.columns);
  const places: number[] = [];
  while (places.length < Math.min(k, items.length)) {
    let [best, most] = [-1, -Infinity];
    for (let place = 0; place < items.length; place++) {
      if (taken[place]) continue;
      const from = items[place]! * categories.columns;
      for (let c = 0; c < trial.length; c++) {
        trial[c] = (sums[c]! + categories.values[from + c]!) / (places.length + 1);
      }
      const divergence = calibrationDivergence(shares, trial, smoothing);
      const value = (1 - tradeOff) * relevance[place]! - tradeOff * divergence;
      if (value > most) [best, most] = [place, value];
    }
    // Shares that are no numbers make no item the best.
    if (best < 0) throw new InvalidArgument('categories', 'hold something that is no number');
    taken[best] = 1;
    const from = items[best]! * categories.columns;
    for (let c = 0; c < sums.length; c++) sums[c]! += categories.values[from + c]!;
    places.push(best);
  }
  return takePlaces(list, places);
}

function checkItems(items: Int32Array, { rows }: Matrix): void {
  const unknown = items.find((item) => item < 0 || item >= rows);
  if (unknown === undefined) return;
  throw new InvalidArgument('list', `holds item ${unknown}; categories are of ${rows} items`);
}

function checkShares(shares: Float64Array, categories: Matrix, smoothing: number): void {
  if (shares.length !== categories.columns) {
    const reason = `are ${shares.length} for ${categories.columns} categories`;
    throw new InvalidArgument('shares', reason);
  }
  if (smoothing > 0 && smoothing < 1) return;
  throw new InvalidArgument('smoothing', `is ${smoothing}; between 0 and 1 is allowed`);
}

/** The mean of the items' categories, each item as often as its weight says; zeros without items. */
export function categoryShares(
  items: Int32Array,
  categories: Matrix,
  weights?: ArrayLike<number>,
): Float64Array {
  const shares = new Float64Array(categories.columns);
  let total = 0;
  items.forEach((item, at) => {
    const weight = weights?.[at] ?? 1;
    total += weight;
    for (let c = 0; c < shares.length; c++) {
      shares[c]! += weight * categories.values[item * shares.length + c]!;
    }
  });
  return total > 0 ? shares.map((sum) => sum / total) : shares;
}

/**
 * The Kullback-Leibler divergence of a list's shares q from a person's p, in nats: the sum of
 * p log(p / q~), q~ = (1 - smoothing) q + smoothing p (Steck 2018, equation 6). 0 is calibrated.
 */
export function calibrationDivergence(
  shares: Float64Array,
  listed: Float64Array,
  smoothing: number = 0.01,
): number {
  let sum = 0;
  for (let c = 0; c < shares.length; c++) {
    const share = shares[c]!;
    if (share > 0)
      sum += share * Math.log(share / ((1 - smoothing) * listed[c]! + smoothing * share));
  }
  return sum;
}
