/** Rows as a forest sums them. */
export interface ExactRows {
  /** Those with weight, ascending. */
  readonly used: Int32Array;
  /** Numbers less their mean; classes as they are. */
  readonly target: Float64Array;
  readonly weights: Float64Array;
  /** Weights times numbers. */
  readonly products: Float64Array;
  /** What was taken off the numbers; 0 for classes. */
  readonly mean: number;
}

/**
 * Numbers and weights on grids of powers of two so fine that as many as there are rows add up without
 * rounding: sums then do not depend on the order of rows, and what is left of a whole is exact. Of a
 * million rows a number keeps 33 bits of the largest one; whole numbers that small stay as they are.
 */
export function exactRows(
  target: Float64Array,
  given: Float64Array | undefined,
  numbers: boolean,
): ExactRows {
  const rows = target.length;
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  const used = given ? all.filter((row) => given[row]! > 0) : all;
  const weights = given ? onGrid(given, used, 1) : new Float64Array(rows).fill(1);
  if (!numbers) return { used, target, weights, products: weights, mean: 0 };
  const raw = onGrid(target, used, 0);
  let sum = 0;
  for (const row of used) sum += raw[row]!;
  const mean = sum / used.length;
  const centred = target.map((value) => value - mean);
  const exact = onGrid(centred, used, 0);
  if (!given) return { used, target: exact, weights, products: exact, mean };
  const products = exact.map((value, row) => value * weights[row]!);
  return { used, target: exact, weights, products: onGrid(products, used, 0), mean };
}

/** The numbers at multiples of a unit by which their sum has at most 53 bits; none below `least` units. */
function onGrid(numbers: Float64Array, used: Int32Array, least: number): Float64Array {
  let most = 0;
  for (const row of used) most = Math.max(most, Math.abs(numbers[row]!));
  if (most === 0) return numbers.slice();
  const unit = 2 ** (Math.ceil(Math.log2(most)) + Math.ceil(Math.log2(used.length)) - 52);
  const floor = least > 0 ? least : -Infinity;
  return numbers.map((value) => Math.max(floor, Math.round(value / unit)) * unit);
}
