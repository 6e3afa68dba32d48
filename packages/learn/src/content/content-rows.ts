import { EmptyInput, InvalidExamples } from '../error.ts';
import type { Matrix } from '../matrix.ts';

/** One content as a row of numbers, with what each of them is. */
export interface ContentVector {
  readonly names: readonly string[];
  readonly values: Float64Array;
}

/**
 * Vectors of contents below each other: what `fit` takes as `features`, with the columns' names. Throws
 * `EmptyInput`, and `InvalidExamples` where a vector has other names than the first, as those made by other
 * options have.
 */
export function contentRows(vectors: readonly ContentVector[]): {
  readonly names: readonly string[];
  readonly features: Matrix;
} {
  const names = vectors[0]?.names;
  if (!names) throw new EmptyInput('the list of contents');
  const values = new Float64Array(vectors.length * names.length);
  vectors.forEach((vector, row) => {
    const same =
      vector.values.length === names.length &&
      vector.names.length === names.length &&
      vector.names.every((name, at) => name === names[at]);
    if (!same) throw new InvalidExamples(`content ${row} has other features than the first`);
    values.set(vector.values, row * names.length);
  });
  return { names, features: { rows: vectors.length, columns: names.length, values } };
}
