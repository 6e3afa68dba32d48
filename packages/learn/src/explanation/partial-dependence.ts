import { throwIfCancelled } from '@backlot/core';
import { InvalidArgument } from '../error.ts';
import { type Features, featuresAs } from '../features.ts';
import type { TabularModel } from '../fitted-model.ts';
import type { ApplyOptions } from '../tabular-kind.ts';
import { predict, predictProbabilities } from '../tabular-verbs.ts';

/**
 * The mean prediction (of a classifier the mean probability of class 1) when a column is set to each of the
 * values in all rows (Friedman 2001, section 8.2). Rows that cannot be are averaged over too, where columns
 * depend on each other.
 */
export async function partialDependence(
  model: TabularModel,
  features: Features,
  options: ApplyOptions & { readonly column: number; readonly at: readonly number[] },
): Promise<Float64Array> {
  const { rows, columns, values } = featuresAs(features, 'dense');
  const { column, at, ...rest } = options;
  if (!(Number.isInteger(column) && column >= 0 && column < columns)) {
    throw new InvalidArgument('column', `is ${column}; 0 to ${columns - 1} are allowed`);
  }
  const means = new Float64Array(at.length);
  for (const [place, value] of at.entries()) {
    throwIfCancelled(options.signal, 'the dependence');
    const changed = values.slice();
    for (let row = 0; row < rows; row++) changed[row * columns + column] = value;
    const given = { rows, columns, values: changed };
    const found = await answers(model, given, rest);
    means[place] = found.reduce((sum, one) => sum + one, 0) / rows;
  }
  return means;
}

async function answers(
  model: TabularModel,
  features: Features,
  options: ApplyOptions,
): Promise<Float64Array> {
  if (model.signature.classes === 0) return predict(model, features, options);
  const { rows, columns, values } = await predictProbabilities(model, features, options);
  return Float64Array.from({ length: rows }, (_, row) => values[row * columns + 1]!);
}
