import type { ImplicitALSValues } from '../implicit-als.ts';
import type { Interactions } from '../interactions.ts';

/** The regularisation of a row with so many interactions, facing so many rows. */
export function rowPenalty(hyper: ImplicitALSValues, count: number, facing: number): number {
  const { regularisation, frequencyScaling, alpha } = hyper;
  return regularisation * (count + facing / alpha) ** frequencyScaling;
}

/** The regularisation of each row. */
export function rowPenalties(
  { users, items, offsets }: Interactions,
  hyper: ImplicitALSValues,
): Float32Array {
  return Float32Array.from({ length: users }, (_, row) =>
    rowPenalty(hyper, offsets[row + 1]! - offsets[row]!, items),
  );
}
