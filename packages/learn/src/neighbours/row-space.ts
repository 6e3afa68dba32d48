import type { Matrix } from '../matrix.ts';

/** What near means: Euclidean distance; 1 less the cosine (1 for a row of zeros); the negative product. */
export type RowMetric = 'euclidean' | 'cosine' | 'dot';

/** How rows become the floats that the search compares; distances themselves are taken in doubles. */
export interface RowSpace {
  readonly metric: RowMetric;
  /** By column, taken away first: sums of squares of floats lose digits far from 0. */
  readonly shifts: Float64Array;
  /** A power of two by which rows come within -1 and 1, so that no square leaves the floats. */
  readonly scale: number;
  /** Of products: the length of the longest row, scaled. */
  readonly reach: number;
  /** Whether all rows are whole numbers, so that floats hold them and their small distances exactly. */
  readonly whole: boolean;
}

/** Whole numbers up to here, and their differences, are exact in floats. */
const wholeLimit = 2 ** 23;
/** Queries further out are cut: their squares would leave the floats. */
const floatLimit = 1e15;

/** The space in which the rows of a matrix are compared. */
export function spaceOf(matrix: Matrix, metric: RowMetric): RowSpace {
  const { columns, rows, values } = matrix;
  const whole = metric === 'euclidean' && values.every(isWhole);
  const centred = metric === 'euclidean' && !whole;
  const shifts = centred ? meansOf(matrix) : new Float64Array(columns);
  const scale = whole || metric === 'cosine' ? 1 : scaleOf(furthest(matrix, shifts));
  let reach = 0;
  if (metric === 'dot') {
    for (let row = 0; row < rows; row++) {
      reach = Math.max(reach, lengthOf(values, row * columns, columns) * scale);
    }
  }
  return { metric, shifts, scale, reach, whole };
}

/** Whether a number and its differences are whole and exact in floats. */
export function isWhole(value: number): boolean {
  return Number.isInteger(value) && value < wholeLimit && value > -wholeLimit;
}

function meansOf({ columns, rows, values }: Matrix): Float64Array {
  const means = new Float64Array(columns);
  for (let at = 0; at < values.length; ) {
    for (let column = 0; column < columns; column++, at++) means[column]! += values[at]! / rows;
  }
  return means;
}

function furthest({ columns, values }: Matrix, shifts: Float64Array): number {
  let most = 0;
  for (let at = 0; at < values.length; ) {
    for (let column = 0; column < columns; column++, at++) {
      most = Math.max(most, Math.abs(values[at]! - shifts[column]!));
    }
  }
  return most;
}

/** The power of two that brings a number within 1; its reciprocal is finite too. */
function scaleOf(most: number): number {
  return most > 0 ? 2 ** -Math.max(-1020, Math.min(1020, Math.ceil(Math.log2(most)))) : 1;
}

/** The Euclidean length of a stretch of numbers, without overflow between. */
export function lengthOf(values: Matrix['values'], from: number, columns: number): number {
  let most = 0;
  for (let at = from; at < from + columns; at++) most = Math.max(most, Math.abs(values[at]!));
  if (most === 0) return 0;
  let sum = 0;
  for (let at = from; at < from + columns; at++) sum += (values[at]! / most) ** 2;
  return most * Math.sqrt(sum);
}

/** Rows as floats, rows x columns. */
export function floatsOfRows(space: RowSpace, matrix: Matrix): Float32Array {
  const { columns, rows } = matrix;
  const out = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) putFloats(space, matrix, row, space.scale, out, columns);
  return out;
}

/** Queries as floats; where products count each is scaled by itself, which changes no order. */
export function floatsOfQueries(
  space: RowSpace,
  matrix: Matrix,
): { readonly floats: Float32Array; readonly scales: Float64Array } {
  const { columns, rows } = matrix;
  if (space.metric !== 'dot') {
    return {
      floats: floatsOfRows(space, matrix),
      scales: new Float64Array(rows).fill(space.scale),
    };
  }
  const scales = Float64Array.from({ length: rows }, (_, row) => ownScale(matrix, row));
  const floats = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    putFloats(space, matrix, row, scales[row]!, floats, columns);
  }
  return { floats, scales };
}

function ownScale({ columns, values }: Matrix, row: number): number {
  return scaleOf(lengthOf(values, row * columns, columns));
}

function putFloats(
  { metric, shifts }: RowSpace,
  { columns, values }: Matrix,
  row: number,
  scale: number,
  out: Float32Array,
  stride: number,
): void {
  const from = row * columns;
  const length = metric === 'cosine' ? lengthOf(values, from, columns) : 1;
  const divisor = length > 0 ? length : 1;
  for (let column = 0; column < columns; column++) {
    const value = ((values[from + column]! - shifts[column]!) * scale) / divisor;
    out[row * stride + column] = cut(value);
  }
}

function cut(value: number): number {
  if (value >= -floatLimit && value <= floatLimit) return value;
  return value > 0 ? floatLimit : -floatLimit;
}

/**
 * The rows as points whose Euclidean order is that of the metric. Products get one more column, by which
 * all rows are equally long (Bachrach et al. 2014).
 */
export function pointsOfRows(space: RowSpace, matrix: Matrix): Float32Array {
  if (space.metric !== 'dot') return floatsOfRows(space, matrix);
  const { columns, rows, values } = matrix;
  const out = new Float32Array(rows * (columns + 1));
  for (let row = 0; row < rows; row++) {
    putFloats(space, matrix, row, space.scale, out, columns + 1);
    const length = lengthOf(values, row * columns, columns) * space.scale;
    const rest = Math.max(0, space.reach ** 2 - length ** 2);
    out[row * (columns + 1) + columns] = Math.sqrt(rest);
  }
  return out;
}

/** Queries among the points of `pointsOfRows`: the added column is 0, and their length that of the rows. */
export function pointsOfQueries(space: RowSpace, matrix: Matrix): Float32Array {
  if (space.metric !== 'dot') return floatsOfRows(space, matrix);
  const { columns, rows, values } = matrix;
  const out = new Float32Array(rows * (columns + 1));
  for (let row = 0; row < rows; row++) {
    const length = lengthOf(values, row * columns, columns);
    const scale = length > 0 ? space.reach / length : 1;
    putFloats(space, matrix, row, scale, out, columns + 1);
  }
  return out;
}
