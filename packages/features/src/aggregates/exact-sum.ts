/**
 * A sum of floats without any error until it is rounded once at the end, so that order and grouping
 * cannot matter. Shewchuk (1997), "Adaptive precision floating-point arithmetic", algorithm
 * grow-expansion: the partials do not overlap and their sum is exact. A finite sum beyond 1.8e308 at
 * any moment is infinite.
 */
interface ExactSum {
  /** How many values were added. */
  count: number;
  /** Of increasing magnitude. */
  partials: number[];
  /** The sum of infinities and NaN; 0 when there was none. */
  special: number;
}

export function emptySum(): ExactSum {
  return { count: 0, partials: [], special: 0 };
}

/** Adds a value in place. */
export function addExactly(sum: ExactSum, value: number): ExactSum {
  sum.count++;
  grow(sum, value);
  return sum;
}

/** Adds another sum in place. */
export function mergeSums(sum: ExactSum, other: ExactSum): ExactSum {
  sum.count += other.count;
  sum.special += other.special;
  for (const partial of other.partials) grow(sum, partial);
  return sum;
}

/** The exact sum rounded to the nearest float, ties to even. */
export function roundedSum({ partials, special }: ExactSum): number {
  if (special !== 0) return special;
  let at = partials.length;
  if (at === 0) return 0;
  let high = partials[--at]!;
  let low = 0;
  while (at > 0) {
    const before = high;
    const next = partials[--at]!;
    high = before + next;
    low = next - (high - before);
    if (low !== 0) break;
  }
  // Half an ulp left over is rounded by the sign of what lies below it.
  const below = at > 0 ? partials[at - 1]! : 0;
  if ((low < 0 && below < 0) || (low > 0 && below > 0)) {
    const doubled = low * 2;
    const moved = high + doubled;
    if (doubled === moved - high) high = moved;
  }
  return high;
}

function grow(sum: ExactSum, value: number): void {
  if (!Number.isFinite(value)) {
    sum.special += value;
    return;
  }
  const { partials } = sum;
  let kept = 0;
  let carried = value;
  for (const partial of partials) {
    const [large, small] =
      Math.abs(carried) < Math.abs(partial) ? [partial, carried] : [carried, partial];
    const high = large + small;
    const low = small - (high - large);
    if (low !== 0) partials[kept++] = low;
    carried = high;
  }
  partials.length = kept;
  if (!Number.isFinite(carried)) {
    sum.special += carried;
    partials.length = 0;
  } else if (carried !== 0) partials.push(carried);
}
