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
  const starts = distinct(sorted);
  const values = starts.length - 1;
  const ends =
    values <= most ? Array.from({ length: values }, (_, at) => at) : balancedEnds(starts, most);
  const bounds: number[] = [];
  const sizes: number[] = [];
  let from = 0;
  for (const end of ends) {
    const next = starts[end + 1]!;
    sizes.push(next - from);
    if (next < sorted.length) bounds.push(between(sorted[next - 1]!, sorted[next]!));
    from = next;
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

/** Where each distinct value begins, and the end. */
function distinct(sorted: Float32Array | Float64Array): Int32Array {
  let different = sorted.length > 0 ? 1 : 0;
  for (let at = 1; at < sorted.length; at++) if (sorted[at] !== sorted[at - 1]) different++;
  const starts = new Int32Array(different + 1);
  let place = 0;
  for (let at = 1; at < sorted.length; at++)
    if (sorted[at] !== sorted[at - 1]) starts[++place] = at;
  starts[different] = sorted.length;
  return starts;
}

/** The last distinct value of each bin. */
function balancedEnds(starts: Int32Array, most: number): number[] {
  const total = starts.at(-1)!;
  const values = starts.length - 1;
  const mean = total / most;
  const sizeOf = (at: number): number => starts[at + 1]! - starts[at]!;
  let restBins = most;
  let restCount = total;
  for (let at = 0; at < values; at++) {
    if (sizeOf(at) < mean) continue;
    restBins--;
    restCount -= sizeOf(at);
  }
  let size = restBins > 0 ? restCount / restBins : mean;
  const ends: number[] = [];
  let held = 0;
  for (let at = 0; at < values - 1; at++) {
    const heavy = sizeOf(at) >= mean;
    if (!heavy) restCount -= sizeOf(at);
    held += sizeOf(at);
    const nextHeavy = sizeOf(at + 1) >= mean && held >= Math.max(1, size / 2);
    if (!heavy && held < size && !nextHeavy) continue;
    ends.push(at);
    held = 0;
    if (ends.length >= most - 1) break;
    if (heavy) continue;
    restBins--;
    size = restCount / Math.max(1, restBins);
  }
  ends.push(values - 1);
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
  const starts = distinct(sorted);
  const sizeOf = (at: number): number => starts[at + 1]! - starts[at]!;
  const order = Array.from({ length: starts.length - 1 }, (_, at) => at);
  order.sort((a, b) => sizeOf(b) - sizeOf(a) || a - b);
  const kept = order.slice(0, most).sort((a, b) => a - b);
  const bounds = Float64Array.from(kept, (at) => sorted[starts[at]!]!);
  return { categorical: true, bounds, ...usualOf(kept.map(sizeOf), total) };
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
