import { InvalidExamples } from './error.ts';
import type { Matrix, SparseMatrix } from './matrix.ts';

/** Rows of text. */
export interface Texts {
  readonly texts: readonly string[];
}

/** A named column of a frame: numbers (NaN where missing) or words (null where missing). */
export type Field =
  | { readonly name: string; readonly numbers: Float64Array }
  | { readonly name: string; readonly words: readonly (string | null)[] };

/** Columns of different types, all of the same length. */
export interface Frame {
  readonly rows: number;
  readonly fields: readonly Field[];
}

/** What an estimator reads a row of. */
export type Features = Matrix | SparseMatrix | Texts | Frame;

/** How features are laid out. */
export type Form = 'dense' | 'sparse' | 'texts' | 'frame';

interface FeaturesByForm {
  readonly dense: Matrix;
  readonly sparse: SparseMatrix;
  readonly texts: Texts;
  readonly frame: Frame;
}

/** Which of the forms these are. */
export function formOf(features: Features): Form {
  if ('texts' in features) return 'texts';
  if ('fields' in features) return 'frame';
  return 'offsets' in features ? 'sparse' : 'dense';
}

/** The features, known to be of a form; the verbs refuse forms that a kind does not accept. */
export function featuresAs<F extends Form>(features: Features, form: F): FeaturesByForm[F] {
  if (formOf(features) === form) return features as FeaturesByForm[F];
  throw new InvalidExamples(`the features are ${formOf(features)}; ${form} are allowed`);
}

/** How many rows there are. */
export function rowsOf(features: Features): number {
  return 'texts' in features ? features.texts.length : features.rows;
}

/** How many columns there are; 1 for texts. */
export function columnsOf(features: Features): number {
  if ('texts' in features) return 1;
  return 'fields' in features ? features.fields.length : features.columns;
}

/** The rows at the given places, in that order; a place may repeat. */
export function takeRows(features: Features, places: ArrayLike<number>): Features {
  if ('texts' in features) {
    return { texts: Array.from(places, (place) => features.texts[place]!) };
  }
  if ('fields' in features) return takeFrameRows(features, places);
  return 'offsets' in features
    ? takeSparseRows(features, places)
    : takeMatrixRows(features, places);
}

function takeFrameRows({ fields }: Frame, places: ArrayLike<number>): Frame {
  return {
    rows: places.length,
    fields: fields.map((field) =>
      'words' in field
        ? { name: field.name, words: Array.from(places, (place) => field.words[place]!) }
        : { name: field.name, numbers: Float64Array.from(places, (at) => field.numbers[at]!) },
    ),
  };
}

function takeMatrixRows({ columns, values }: Matrix, places: ArrayLike<number>): Matrix {
  const taken = emptyLike(values, places.length * columns);
  for (let row = 0; row < places.length; row++) {
    const from = places[row]! * columns;
    taken.set(values.subarray(from, from + columns), row * columns);
  }
  return { rows: places.length, columns, values: taken };
}

function takeSparseRows(sparse: SparseMatrix, places: ArrayLike<number>): SparseMatrix {
  const offsets = new Int32Array(places.length + 1);
  for (let row = 0; row < places.length; row++) {
    const place = places[row]!;
    const length = sparse.offsets[place + 1]! - sparse.offsets[place]!;
    offsets[row + 1] = offsets[row]! + length;
  }
  const total = offsets[places.length]!;
  const indices = new Int32Array(total);
  const values = emptyLike(sparse.values, total);
  for (let row = 0; row < places.length; row++) {
    const [from, to] = [sparse.offsets[places[row]!]!, sparse.offsets[places[row]! + 1]!];
    indices.set(sparse.indices.subarray(from, to), offsets[row]);
    values.set(sparse.values.subarray(from, to), offsets[row]);
  }
  return { rows: places.length, columns: sparse.columns, offsets, indices, values };
}

function emptyLike(values: Float32Array | Float64Array, length: number) {
  return values instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

/**
 * Checks lengths, the structure of sparse rows, and that numbers are finite, or where `missing` is allowed
 * finite or NaN. Throws `InvalidExamples`.
 */
export function checkFeatures(features: Features, missing: boolean): void {
  if ('texts' in features) return;
  if ('fields' in features) {
    checkFrame(features, missing);
    return;
  }
  const { rows, columns, values } = features;
  checkSize('rows', rows);
  checkSize('columns', columns);
  if ('offsets' in features) checkSparse(features);
  else if (values.length !== rows * columns) {
    throw new InvalidExamples(`${values.length} numbers for ${rows} rows of ${columns} columns`);
  }
  checkNumbers(values, missing, (at) => placeOf(features, at));
}

function checkSize(name: string, size: number): void {
  if (Number.isInteger(size) && size >= 0 && size < 2 ** 31) return;
  throw new InvalidExamples(`${name} is ${size}; a whole number from 0 to 2^31 - 1 is allowed`);
}

function checkFrame({ rows, fields }: Frame, missing: boolean): void {
  checkSize('rows', rows);
  const names = new Set<string>();
  for (const field of fields) {
    const length = 'words' in field ? field.words.length : field.numbers.length;
    if (names.has(field.name)) throw new InvalidExamples(`two columns are called ${field.name}`);
    names.add(field.name);
    if (length !== rows) {
      throw new InvalidExamples(`column ${field.name} has ${length} values for ${rows} rows`);
    }
    if ('numbers' in field) {
      checkNumbers(field.numbers, missing, (at) => `row ${at} of column ${field.name}`);
    }
  }
}

function checkSparse({ rows, columns, offsets, indices, values }: SparseMatrix): void {
  if (offsets.length !== rows + 1 || offsets[0] !== 0 || offsets[rows] !== indices.length) {
    throw new InvalidExamples('the offsets do not span the indices');
  }
  if (values.length !== indices.length) {
    throw new InvalidExamples(`${values.length} values for ${indices.length} indices`);
  }
  for (let row = 0; row < rows; row++) {
    let last = -1;
    if (offsets[row + 1]! < offsets[row]!)
      throw new InvalidExamples(`row ${row} ends before it begins`);
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const column = indices[at]!;
      if (column <= last || column >= columns) {
        throw new InvalidExamples(`row ${row} holds column ${column} after ${last} of ${columns}`);
      }
      last = column;
    }
  }
}

function checkNumbers(
  values: Float32Array | Float64Array,
  missing: boolean,
  place: (at: number) => string,
): void {
  if (allFinite(values)) return;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    // A finite number less itself is 0; NaN and the infinities are not: one subtraction for each number.
    if (value - value === 0 || (missing && Number.isNaN(value))) continue;
    const allowed = missing ? 'finite numbers and NaN' : 'finite numbers';
    throw new InvalidExamples(`${place(at)} holds ${value}; ${allowed} are allowed`);
  }
}

/** A finite number times 0 is 0, any other NaN, which no sum forgets: four sums overlap. */
function allFinite(values: Float32Array | Float64Array): boolean {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const whole = values.length & ~3;
  for (let at = 0; at < whole; at += 4) {
    s0 += values[at]! * 0;
    s1 += values[at + 1]! * 0;
    s2 += values[at + 2]! * 0;
    s3 += values[at + 3]! * 0;
  }
  for (let at = whole; at < values.length; at++) s0 += values[at]! * 0;
  return s0 + s1 + s2 + s3 === 0;
}

function placeOf(features: Matrix | SparseMatrix, at: number): string {
  if (!('offsets' in features)) {
    return `row ${Math.floor(at / features.columns)}, column ${at % features.columns}`;
  }
  const row = features.offsets.findLastIndex((offset) => offset <= at);
  return `row ${row}, column ${features.indices[at]}`;
}
