import { InvalidExamples, InvalidModel } from '../error.ts';
import type { Features, Field, Frame } from '../features.ts';
import { factOf, type TabularModel } from '../fitted-model.ts';

/** The categories of each column, in the order of their codes. */
export type Categories = readonly (readonly string[])[];

/** What stands in a place of a column; undefined where it is missing. Numbers are told apart by their text. */
export function categoryAt(field: Field, row: number): string | undefined {
  if ('words' in field) return field.words[row] ?? undefined;
  const value = field.numbers[row]!;
  return Number.isNaN(value) ? undefined : String(value);
}

/** A frame as it is, or a matrix as a frame whose columns are called `0`, `1`, ... */
export function frameOf(features: Features): Frame {
  if ('fields' in features) return features;
  if ('texts' in features || 'offsets' in features) {
    throw new InvalidExamples('categories are read from dense or frame features');
  }
  const { rows, columns, values } = features;
  const fields = Array.from({ length: columns }, (_, column) => ({
    name: String(column),
    numbers: Float64Array.from({ length: rows }, (_, row) => values[row * columns + column]!),
  }));
  return { rows, fields };
}

/**
 * The categories that at least so many rows have, at most so many of a column: the most frequent, equal ones
 * by their text; then all in the order of their text, so that rows in another order give the same codes.
 */
export function collectCategories(frame: Frame, leastRows: number, most: number): Categories {
  return frame.fields.map((field) => {
    const counts = new Map<string, number>();
    for (let row = 0; row < frame.rows; row++) {
      const category = categoryAt(field, row);
      if (category !== undefined) counts.set(category, (counts.get(category) ?? 0) + 1);
    }
    return [...counts]
      .filter(([, count]) => count >= leastRows)
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .slice(0, most)
      .map(([category]) => category)
      .sort();
  });
}

/** The categories of a model, checked; throws `InvalidModel`. */
export function categoriesOf(model: TabularModel): Categories {
  const found = factOf(model, 'categories');
  const fits =
    Array.isArray(found) &&
    found.length === model.signature.columns &&
    found.every((own) => Array.isArray(own) && own.every((one) => typeof one === 'string'));
  if (fits) return found as Categories;
  throw new InvalidModel('its categories are not lists of texts, one for each column');
}

/** The code of each category by column. */
export function codesOf(categories: Categories): readonly ReadonlyMap<string, number>[] {
  return categories.map((own) => new Map(own.map((category, code) => [category, code])));
}
