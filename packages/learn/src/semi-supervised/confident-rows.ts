import type { Matrix } from '../matrix.ts';

/** A row whose class a model is sure of. */
export interface ConfidentRow {
  readonly row: number;
  readonly label: number;
  readonly probability: number;
}

export interface ConfidenceRule {
  /** The least probability of the likeliest class. */
  readonly threshold: number;
  /** The most rows, or all. */
  readonly most: number | null;
  /** By class: its part of the rows that are taken; or as it comes. */
  readonly shares: Float64Array | null;
}

/** The rows that a model is surest of, the surest first, the first of equals. */
export function confidentRows(
  probabilities: Matrix,
  { threshold, most, shares }: ConfidenceRule,
): readonly ConfidentRow[] {
  const sure = likeliest(probabilities)
    .filter(({ probability }) => probability >= threshold)
    .sort((a, b) => b.probability - a.probability || a.row - b.row);
  if (!shares) return sure.slice(0, most ?? sure.length);
  const byClass = Array.from(shares, (_, label) => sure.filter((one) => one.label === label));
  // No class gets more than its part, so the scarcest one says how many there are in all.
  const total = byClass.reduce(
    (least, { length }, label) =>
      shares[label]! > 0 ? Math.min(least, Math.floor(length / shares[label]!)) : least,
    most ?? sure.length,
  );
  return byClass.flatMap((own, label) => own.slice(0, Math.round(total * shares[label]!)));
}

/** Each row with its likeliest class, the first of equals. */
function likeliest({ rows, columns, values }: Matrix): ConfidentRow[] {
  return Array.from({ length: rows }, (_, row) => {
    const label = likeliestClass(values, row * columns, columns);
    return { row, label, probability: values[row * columns + label]! };
  });
}

/** The index of the largest of `columns` numbers from a place, the first of equals. */
function likeliestClass(values: ArrayLike<number>, from: number, columns: number): number {
  let best = 0;
  for (let label = 1; label < columns; label++) {
    if (values[from + label]! > values[from + best]!) best = label;
  }
  return best;
}

/** The likeliest class of each row. */
export function likeliestClasses({ rows, columns, values }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) =>
    likeliestClass(values, row * columns, columns),
  );
}
