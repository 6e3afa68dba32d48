import { InvalidArgument } from '../error.ts';

/** One number for each row. */
export type Column = ArrayLike<number>;

/** The rows' weights as a function, 1 each when absent; throws where lengths differ. */
export function weightOf(
  target: Column,
  predicted: Column,
  weights: Column | undefined,
): (row: number) => number {
  if (target.length === 0) throw new InvalidArgument('target', 'is empty');
  for (const [name, column] of [['predicted', predicted] as const, ['weights', weights] as const]) {
    if (column && column.length !== target.length) {
      throw new InvalidArgument(name, `has ${column.length} rows, the target ${target.length}`);
    }
  }
  return weights ? (row) => weights[row]! : () => 1;
}

/** The weighted mean of a loss over the rows. */
export function weightedMean(
  target: Column,
  predicted: Column,
  weights: Column | undefined,
  loss: (target: number, predicted: number) => number,
): number {
  const weight = weightOf(target, predicted, weights);
  let [sum, total] = [0, 0];
  for (let row = 0; row < target.length; row++) {
    sum += weight(row) * loss(target[row]!, predicted[row]!);
    total += weight(row);
  }
  return sum / total;
}

/** The least value at which the weights of values up to it reach the share of all. */
export function weightedQuantile(
  values: Column,
  weights: Column | undefined,
  share: number,
): number {
  const order = Array.from({ length: values.length }, (_, row) => row);
  order.sort((a, b) => values[a]! - values[b]! || a - b);
  const weight = weightOf(values, values, weights);
  const total = order.reduce((sum, row) => sum + weight(row), 0);
  let passed = 0;
  for (const row of order) {
    passed += weight(row);
    if (passed >= share * total) return values[row]!;
  }
  return values[order[order.length - 1]!]!;
}
