import { InvalidArgument } from '../error.ts';
import type { Matrix } from '../matrix.ts';

/**
 * The least margin that holds for new rows with probability 1 - miss, from scores of rows that the model
 * has not seen: their ceil((n + 1)(1 - miss))-th smallest (Vovk et al. 2005; Lei et al. 2018). Infinity
 * where there are too few rows to promise so much.
 */
export function conformalMargin(scores: ArrayLike<number>, miss: number): number {
  if (!(miss > 0 && miss < 1)) throw new InvalidArgument('miss', `is ${miss}; between 0 and 1`);
  if (scores.length === 0) throw new InvalidArgument('scores', 'are none');
  const sorted = Float64Array.from(scores).sort();
  const place = Math.ceil((sorted.length + 1) * (1 - miss));
  return sorted[place - 1] ?? Infinity;
}

/** An interval for each row. */
export interface Intervals {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * Intervals of one width around predictions, which hold a new row's number with probability 1 - miss when
 * rows are exchangeable, whatever the model.
 *
 * @param held Predictions and targets of rows that the model has not seen.
 */
export function conformalIntervals(
  held: { readonly predicted: ArrayLike<number>; readonly target: ArrayLike<number> },
  predicted: Float64Array,
  miss: number,
): Intervals {
  const scores = Array.from(held.target, (y, row) => Math.abs(y - held.predicted[row]!));
  const margin = conformalMargin(scores, miss);
  return {
    lower: predicted.map((value) => value - margin),
    upper: predicted.map((value) => value + margin),
  };
}

/**
 * Intervals from two quantiles, moved so that they hold with probability 1 - miss: wide where the quantiles
 * are apart (Romano, Patterson and Candès 2019).
 */
export function conformalQuantiles(
  held: {
    readonly lower: ArrayLike<number>;
    readonly upper: ArrayLike<number>;
    readonly target: ArrayLike<number>;
  },
  predicted: Intervals,
  miss: number,
): Intervals {
  const scores = Array.from(held.target, (y, row) =>
    Math.max(held.lower[row]! - y, y - held.upper[row]!),
  );
  const margin = conformalMargin(scores, miss);
  return {
    lower: predicted.lower.map((value) => value - margin),
    upper: predicted.upper.map((value) => value + margin),
  };
}

/**
 * Sets of classes that hold a new row's own with probability 1 - miss, by `least` probability (Sadinle et
 * al. 2019: the smallest sets) or by `sum` from the likeliest down (Romano et al. 2020: fairer between easy
 * and hard rows; without its coin, so that sets are a little too large).
 *
 * @returns By row and class, 1 where the class is in the set.
 */
export function conformalSets(
  held: { readonly probabilities: Matrix; readonly target: ArrayLike<number> },
  probabilities: Matrix,
  miss: number,
  by: 'least' | 'sum' = 'least',
): { readonly rows: number; readonly classes: number; readonly inside: Uint8Array } {
  const score = by === 'least' ? lackOf : sumTo;
  const scores = Array.from(held.target, (label, row) => score(held.probabilities, row, label));
  const margin = conformalMargin(scores, miss);
  const { rows, columns } = probabilities;
  const inside = Uint8Array.from({ length: rows * columns }, (_, at) => {
    const [row, label] = [Math.floor(at / columns), at % columns];
    return score(probabilities, row, label) <= margin ? 1 : 0;
  });
  return { rows, classes: columns, inside };
}

function lackOf({ columns, values }: Matrix, row: number, label: number): number {
  return 1 - values[row * columns + label]!;
}

/** The probability of the class and of all that are likelier, or as likely and before it. */
function sumTo({ columns, values }: Matrix, row: number, label: number): number {
  const own = values[row * columns + label]!;
  let sum = own;
  for (let other = 0; other < columns; other++) {
    const value = values[row * columns + other]!;
    if (value > own || (value === own && other < label)) sum += value;
  }
  return sum;
}
