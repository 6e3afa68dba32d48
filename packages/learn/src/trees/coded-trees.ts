import type { Matrix } from '../matrix.ts';
import type { Ensemble } from './ensemble.ts';

/**
 * Adds the values of trees that split categories: rows get each category's place among those known, and a
 * split has a bit for each that goes left. The sums are those of `addTrees` on any one of the rows.
 */
export function addCodedTrees(
  trees: Ensemble,
  matrix: Matrix,
  scores: Float64Array,
  outputs: number,
): void {
  const { rows, columns } = matrix;
  const { roots, features, thresholds, missingLeft, left, right, values } = trees;
  const places = placesOf(trees, columns);
  const x = codesOf(places, matrix);
  const { starts, bits } = leftBits(trees, places);
  const blockRows = 256;
  for (let first = 0; first < rows; first += blockRows) {
    const last = Math.min(rows, first + blockRows);
    for (let tree = 0; tree < roots.length; tree++) {
      const root = roots[tree]!;
      const output = tree % outputs;
      for (let row = first; row < last; row++) {
        const base = row * columns;
        let at = root;
        while (at >= 0) {
          const value = x[base + features[at]!]!;
          const start = starts[at]!;
          let goesLeft: boolean;
          if (Number.isNaN(value)) goesLeft = missingLeft[at] === 1;
          else if (start < 0) goesLeft = value <= thresholds[at]!;
          else goesLeft = ((bits[start + (value >> 5)]! >>> (value & 31)) & 1) === 1;
          at = goesLeft ? left[at]! : right[at]!;
        }
        scores[row * outputs + output]! += values[~at]!;
      }
    }
  }
}

type Places = readonly (ReadonlyMap<number, number> | undefined)[];

/** By column, the known categories' places; none in a column of numbers. */
function placesOf({ known, knownOffsets }: Ensemble, columns: number): Places {
  return Array.from({ length: columns }, (_, column) => {
    const own = known.subarray(knownOffsets[column]!, knownOffsets[column + 1]!);
    if (own.length === 0) return undefined;
    return new Map(Array.from(own, (category, place) => [category, place]));
  });
}

/** The rows with places for categories; NaN for one that is not known. */
function codesOf(places: Places, { values }: Matrix): Float64Array {
  const codes = Float64Array.from(values);
  places.forEach((own, column) => {
    if (!own) return;
    for (let at = column; at < codes.length; at += places.length) {
      codes[at] = own.get(codes[at]!) ?? Number.NaN;
    }
  });
  return codes;
}

/** By split, where its bits begin, -1 for numbers; a bit for each known category, 1 where it goes left. */
function leftBits({ features, categories, categoryOffsets }: Ensemble, places: Places) {
  const words: number[] = [];
  const starts = new Int32Array(features.length).fill(-1);
  features.forEach((column, split) => {
    const own = categories.subarray(categoryOffsets[split]!, categoryOffsets[split + 1]!);
    if (own.length === 0) return;
    const start = words.length;
    starts[split] = start;
    const known = places[column];
    for (let word = 0; word <= (known?.size ?? 0) >> 5; word++) words.push(0);
    for (const category of own) {
      const place = known?.get(category);
      if (place !== undefined) words[start + (place >> 5)]! |= 1 << (place & 31);
    }
  });
  return { starts, bits: Int32Array.from(words) };
}
