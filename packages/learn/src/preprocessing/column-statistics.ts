import type { Matrix } from '../matrix.ts';

/** The numbers of a column that are there, ascending. */
export function sortedColumn({ rows, columns, values }: Matrix, column: number): Float64Array {
  const found = new Float64Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const value = values[row * columns + column]!;
    if (!Number.isNaN(value)) found[count++] = value;
  }
  return found.subarray(0, count).sort();
}

/** The quantile of sorted numbers, between two of them by their distance (type 7); NaN of none. */
export function quantileOf(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
}

/** Means and variances (over the weight, not less one) of each column, by its numbers that are there. */
export function momentsOf(
  { rows, columns, values }: Matrix,
  weights: Float64Array | undefined,
): { readonly means: Float64Array; readonly variances: Float64Array } {
  const [totals, means, squares] = [0, 1, 2].map(() => new Float64Array(columns));
  for (let row = 0; row < rows; row++) {
    const weight = weights?.[row] ?? 1;
    if (weight === 0) continue;
    for (let column = 0; column < columns; column++) {
      const value = values[row * columns + column]!;
      if (Number.isNaN(value)) continue;
      // West 1979: means move by what each row adds, so that large offsets cost no digits.
      totals![column]! += weight;
      const step = value - means![column]!;
      means![column]! += (step * weight) / totals![column]!;
      squares![column]! += weight * step * (value - means![column]!);
    }
  }
  return { means: means!, variances: squares!.map((sum, at) => sum / (totals![at]! || 1)) };
}
