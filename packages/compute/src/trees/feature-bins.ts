/** How a feature's values are told apart: bins of numbers, or categories. */
export interface FeatureBins {
  readonly categorical: boolean;
  /**
   * Numbers: the upper ends of all bins but the last, ascending; a value is in the first bin whose end is
   * not below it. Categories: the values that have a bin each, ascending.
   */
  readonly bounds: Float64Array;
  /** Bins of values; one more, for missing values and unknown categories, follows them. */
  readonly bins: number;
  /** The bin of most values, and the share of the values in it. */
  readonly usual: number;
  readonly usualShare: number;
}

/**
 * At most so many bins of about equal counts, as LightGBM finds them: a value that alone fills a bin gets
 * one, and few distinct values get one each. `sorted` ascends and holds no NaN.
 */
export function numberBins(
  sorted: Float32Array | Float64Array,
  most: number,
  total: number,
): FeatureBins {
  const { values, counts } = distinct(sorted);
  const ends = values.length <= most ? values.keys() : balancedEnds(counts, sorted.length, most);
  const bounds: number[] = [];
  const sizes: number[] = [];
  let from = 0;
  for (const end of ends) {
    let size = 0;
    for (; from <= end; from++) size += counts[from]!;
    sizes.push(size);
    if (end + 1 < values.length) bounds.push(between(values[end]!, values[end + 1]!));
  }
  return { categorical: false, bounds: Float64Array.from(bounds), ...usualOf(sizes, total) };
}

function usualOf(
  sizes: readonly number[],
  total: number,
): { readonly bins: number; readonly usual: number; readonly usualShare: number } {
  let usual = 0;
  sizes.forEach((size, bin) => {
    if (size > sizes[usual]!) usual = bin;
  });
  return { bins: Math.max(1, sizes.length), usual, usualShare: (sizes[usual] ?? 0) / total };
}

function distinct(sorted: Float32Array | Float64Array): {
  readonly values: number[];
  readonly counts: number[];
} {
  const values: number[] = [];
  const counts: number[] = [];
  let last = Number.NaN;
  for (let at = 0; at < sorted.length; at++) {
    const value = sorted[at]!;
    if (value === last) counts[counts.length - 1]!++;
    else {
      values.push(value);
      counts.push(1);
      last = value;
    }
  }
  return { values, counts };
}

/** The last distinct value of each bin. */
function balancedEnds(counts: readonly number[], total: number, most: number): number[] {
  const mean = total / most;
  const heavy = counts.map((count) => count >= mean);
  let restBins = most;
  let restCount = total;
  counts.forEach((count, at) => {
    if (!heavy[at]) return;
    restBins--;
    restCount -= count;
  });
  let size = restBins > 0 ? restCount / restBins : mean;
  const ends: number[] = [];
  let held = 0;
  for (let at = 0; at < counts.length - 1; at++) {
    if (!heavy[at]) restCount -= counts[at]!;
    held += counts[at]!;
    const nextHeavy = heavy[at + 1]! && held >= Math.max(1, size / 2);
    if (!heavy[at] && held < size && !nextHeavy) continue;
    ends.push(at);
    held = 0;
    if (ends.length >= most - 1) break;
    if (heavy[at]) continue;
    restBins--;
    size = restCount / Math.max(1, restBins);
  }
  ends.push(counts.length - 1);
  return ends;
}

/**
 * A number from the lower value up to, and not at, the higher one: where a float lies there, a float, so
 * that a runtime that computes in floats sends the same values to the same side.
 */
function between(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  const single = Math.fround(middle);
  if (single >= low && single < high) return single;
  const lower = Math.fround(low);
  if (lower >= low && lower < high) return lower;
  return middle >= low && middle < high ? middle : low;
}

/** Categories by how often they are; those past the most frequent share the missing bin. */
export function categoryBins(
  sorted: Float32Array | Float64Array,
  most: number,
  total: number,
): FeatureBins {
  const { values, counts } = distinct(sorted);
  const order = Array.from(values.keys()).sort((a, b) => counts[b]! - counts[a]! || a - b);
  const kept = order.slice(0, most).sort((a, b) => a - b);
  const sizes = kept.map((at) => counts[at]!);
  const bounds = Float64Array.from(kept, (at) => values[at]!);
  return { categorical: true, bounds, ...usualOf(sizes, total) };
}

/** The bin of a value, in plain TypeScript; missing and unknown ones are in the bin after the last. */
export function binOf({ categorical, bounds, bins }: FeatureBins, value: number): number {
  if (Number.isNaN(value)) return bins;
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return categorical && bounds[low] !== value ? bins : low;
}
