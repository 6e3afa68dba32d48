import type { ColumnProfile } from '../api-types.ts';

/** A usual reading: under 0.1 nothing changed, over 0.2 something did. */
export const driftLimit = 0.2;

/** An empty bin counts as this share, so that the logarithm stays finite. */
const least = 1e-4;

/**
 * The population stability index between two profiles of a column: the sum over bins of
 * (p - q) ln(p / q). Absent unless both were counted over the same bins or values.
 */
export function driftOf(
  now: ColumnProfile | undefined,
  before: ColumnProfile | undefined,
): number | undefined {
  const pair = sharesOf(now, before);
  if (pair === undefined) return undefined;
  const [one, two] = pair.map(normalise) as [readonly number[], readonly number[]];
  return one.reduce((sum, share, index) => {
    const [p, q] = [Math.max(share, least), Math.max(two[index]!, least)];
    return sum + (p - q) * Math.log(p / q);
  }, 0);
}

function sharesOf(
  now: ColumnProfile | undefined,
  before: ColumnProfile | undefined,
): readonly [readonly number[], readonly number[]] | undefined {
  if (now?.histogram && before?.histogram) {
    const { low, high, counts } = now.histogram;
    const same =
      before.histogram.low === low &&
      before.histogram.high === high &&
      before.histogram.counts.length === counts.length;
    return same ? [counts, before.histogram.counts] : undefined;
  }
  if (!now?.top?.length || !before?.top?.length) return undefined;
  const values = [...new Set([...now.top, ...before.top].map(({ value }) => value))];
  const rowsOf = (profile: ColumnProfile): readonly number[] =>
    values.map((value) => profile.top?.find((each) => each.value === value)?.rows ?? 0);
  return [rowsOf(now), rowsOf(before)];
}

function normalise(counts: readonly number[]): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  return counts.map((count) => count / total);
}
