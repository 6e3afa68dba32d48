import { InvalidArgument } from '../error.ts';
import type { SimilarPairs } from '../text/near-duplicates.ts';

/**
 * The group of each of `rows` rows, where a pair's rows are in one group, and so are those that other pairs
 * join: the number of a group is its first row's. Throws `InvalidArgument` for a pair out of range.
 */
export function duplicateGroups(
  { left, right }: Pick<SimilarPairs, 'left' | 'right'>,
  rows: number,
): Int32Array {
  const group = Int32Array.from({ length: rows }, (_, row) => row);
  const first = (row: number): number => {
    let at = row;
    while (group[at] !== at) {
      // Halving the path keeps it short for the next walk.
      group[at] = group[group[at]!]!;
      at = group[at]!;
    }
    return at;
  };
  for (let pair = 0; pair < left.length; pair++) {
    const [i, j] = [left[pair]!, right[pair]!];
    if (!(i >= 0 && i < rows && j >= 0 && j < rows)) {
      throw new InvalidArgument('pairs', `joins ${i} and ${j}; there are ${rows} rows`);
    }
    const [a, b] = [first(i), first(j)];
    group[Math.max(a, b)] = Math.min(a, b);
  }
  return group.map((_, row) => first(row));
}
