import type { Examples } from '../examples.ts';
import { largestShares } from './forest-means.ts';

interface Votes {
  /** Rows x outputs. */
  readonly sums: Float64Array;
  readonly voters: Int32Array;
}

/**
 * How well rows are foretold by the trees that did not draw them (Breiman 2001): the accuracy of the class
 * with most votes, or the share of the variance that is explained. Rows that all trees drew do not count;
 * null where none is left or the target does not vary.
 */
export function outOfBagScore(
  { target, weights }: Examples,
  { sums, voters }: Votes,
  classes: number,
): number | null {
  const weightOf = (row: number): number => (voters[row]! > 0 ? (weights?.[row] ?? 1) : 0);
  const total = target!.reduce((sum, _, row) => sum + weightOf(row), 0);
  if (total === 0) return null;
  const meanOf = (of: (row: number) => number): number =>
    target!.reduce((sum, _, row) => sum + (weightOf(row) > 0 ? weightOf(row) * of(row) : 0), 0) /
    total;
  if (classes > 0) {
    const found = largestShares({ rows: target!.length, columns: classes, values: sums });
    return meanOf((row) => (found[row] === target![row] ? 1 : 0));
  }
  const mean = meanOf((row) => target![row]!);
  const variance = meanOf((row) => (target![row]! - mean) ** 2);
  if (variance === 0) return null;
  return 1 - meanOf((row) => (target![row]! - sums[row]! / voters[row]!) ** 2) / variance;
}
