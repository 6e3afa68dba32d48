import { seededRandom, throwIfCancelled } from '@backlot/core';
import { InvalidExamples } from '../error.ts';
import type { Examples } from '../examples.ts';
import { columnsOf, type Features, rowsOf } from '../features.ts';
import type { TabularModel } from '../fitted-model.ts';
import { densify } from '../matrix.ts';
import { answersOf } from '../metrics/evaluate-rows.ts';
import { type MeasureName, measureOf } from '../metrics/measure.ts';
import type { ApplyOptions } from '../tabular-kind.ts';

/** How much worse a model gets when a column tells it nothing. */
export interface ColumnImportance {
  readonly column: string;
  /** The mean over repeats of how much the measure got worse. */
  readonly worse: number;
  /** The standard deviation over repeats. */
  readonly deviation: number;
}

/**
 * Each column's numbers change rows at random, and what the measure loses is what the model had from that
 * column (Breiman 2001). On rows that the model has not seen; columns that say the same share what they
 * are worth.
 */
export async function permutationImportance(
  model: TabularModel,
  examples: Examples,
  options: ApplyOptions & {
    readonly measure: MeasureName;
    readonly repeats?: number;
    readonly seed?: number;
  },
): Promise<readonly ColumnImportance[]> {
  const { repeats = 5, seed = 0, measure: name, onProgress, ...quiet } = options;
  const measure = measureOf(name);
  const base = measure.of(await answersOf(model, examples, quiet));
  const columns = columnsOf(examples.features);
  const found: ColumnImportance[] = [];
  for (let column = 0; column < columns; column++) {
    const losses: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      throwIfCancelled(options.signal, 'the importance');
      const order = Array.from({ length: rowsOf(examples.features) }, (_, row) => row);
      seededRandom(seed, column * repeats + repeat).shuffle(order);
      const features = withColumn(examples.features, column, order);
      const value = measure.of(await answersOf(model, { ...examples, features }, quiet));
      losses.push(measure.higherIsBetter ? base - value : value - base);
    }
    const worse = losses.reduce((sum, loss) => sum + loss, 0) / repeats;
    const squares = losses.reduce((sum, loss) => sum + (loss - worse) ** 2, 0);
    const deviation = Math.sqrt(squares / Math.max(1, repeats - 1));
    found.push({ column: nameOf(model, column), worse, deviation });
    onProgress?.({ step: 'columns', done: column + 1, total: columns });
  }
  return found;
}

function nameOf({ signature }: TabularModel, column: number): string {
  return signature.names?.[column] ?? String(column);
}

/** The features with one column's values taken from other rows. */
function withColumn(features: Features, column: number, order: readonly number[]): Features {
  if ('texts' in features) throw new InvalidExamples('texts have no columns to change');
  if ('fields' in features) {
    const fields = features.fields.map((field, at) => {
      if (at !== column) return field;
      return 'words' in field
        ? { name: field.name, words: order.map((row) => field.words[row]!) }
        : { name: field.name, numbers: Float64Array.from(order, (row) => field.numbers[row]!) };
    });
    return { ...features, fields };
  }
  const matrix = 'offsets' in features ? densify(features) : features;
  const { columns } = matrix;
  const values = matrix.values.slice();
  order.forEach((from, row) => {
    values[row * columns + column] = matrix.values[from * columns + column]!;
  });
  return { ...matrix, values };
}
