import { InvalidArgument } from '../error.ts';
import type { Column } from './weighted.ts';

/** Grades, scores and where each query's rows begin and end. */
export interface RankedGroups {
  /** Grades from 0; more is better. */
  readonly target: Column;
  readonly scores: Column;
  /** Rows of each query, in order. */
  readonly groups: ArrayLike<number>;
}

/**
 * The normalised discounted cumulative gain of each query at k (Järvelin and Kekäläinen 2002), gains
 * 2^grade - 1, ties by the earlier row; a query without any gain is 1, as LightGBM has it.
 */
export function groupNdcg({ target, scores, groups }: RankedGroups, k: number): Float64Array {
  if (!(Number.isInteger(k) && k >= 1))
    throw new InvalidArgument('k', `is ${k}; from 1 is allowed`);
  const found = new Float64Array(groups.length);
  let start = 0;
  for (let group = 0; group < groups.length; group++) {
    const rows = Array.from({ length: groups[group]! }, (_, at) => start + at);
    const grades = rows.map((row) => target[row]!).sort((a, b) => b - a);
    const ideal = discountedGain(grades, k);
    rows.sort((a, b) => scores[b]! - scores[a]! || a - b);
    const gained = discountedGain(
      rows.map((row) => target[row]!),
      k,
    );
    found[group] = ideal > 0 ? gained / ideal : 1;
    start += rows.length;
  }
  return found;
}

function discountedGain(grades: readonly number[], k: number): number {
  let sum = 0;
  for (let at = 0; at < Math.min(k, grades.length); at++) {
    sum += (2 ** grades[at]! - 1) / Math.log2(at + 2);
  }
  return sum;
}

/** The mean over queries of `groupNdcg`. */
export function ndcg(groups: RankedGroups, k: number): number {
  const found = groupNdcg(groups, k);
  return found.reduce((sum, value) => sum + value, 0) / found.length;
}

/** The mean over queries of 1 / the place of the first row with a grade above 0; 0 where there is none. */
export function meanReciprocalRank({ target, scores, groups }: RankedGroups): number {
  let [start, sum] = [0, 0];
  for (let group = 0; group < groups.length; group++) {
    const rows = Array.from({ length: groups[group]! }, (_, at) => start + at);
    rows.sort((a, b) => scores[b]! - scores[a]! || a - b);
    const place = rows.findIndex((row) => target[row]! > 0);
    sum += place < 0 ? 0 : 1 / (place + 1);
    start += rows.length;
  }
  return sum / groups.length;
}
