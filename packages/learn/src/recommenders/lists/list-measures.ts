import type { Recommendations } from '../recommender-kind.ts';
import type { Similarity } from './scored-list.ts';

/** The mean of 1 - similarity over pairs of the list's items (Ziegler et al. 2005); 0 below two items. */
export function intraListDiversity(items: Int32Array, similarity: Similarity): number {
  let sum = 0;
  for (let i = 0; i < items.length; i++) {
    for (let j = 0; j < i; j++) sum += 1 - similarity(items[i]!, items[j]!);
  }
  return items.length < 2 ? 0 : sum / ((items.length * (items.length - 1)) / 2);
}

/** How often each of so many items, or providers of items, is in the lists. */
export function exposures(
  { items }: Recommendations,
  count: number,
  providers?: Int32Array,
): Float64Array {
  const found = new Float64Array(count);
  for (const item of items) if (item >= 0) found[providers ? providers[item]! : item]!++;
  return found;
}

/** The share of those that are exposed at all. */
export function coverageOf(exposed: Float64Array): number {
  return exposed.reduce((sum, one) => sum + (one > 0 ? 1 : 0), 0) / exposed.length;
}

/**
 * The Gini coefficient of exposure: 0 where all have as much, (n - 1) / n where one of n has all; NaN where
 * there is none.
 */
export function exposureGini(exposed: Float64Array): number {
  const sorted = exposed.slice().sort();
  let [weighted, total] = [0, 0];
  sorted.forEach((one, at) => {
    weighted += (at + 1) * one;
    total += one;
  });
  const n = sorted.length;
  return (2 * weighted) / (n * total) - (n + 1) / n;
}
