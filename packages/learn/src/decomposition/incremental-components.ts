import { svd } from '@backlot/compute';
import type { Matrix } from '../matrix.ts';

/** What rows that were seen in batches say: mean and leading directions. */
export interface Components {
  /** The weight of all rows. */
  readonly weight: number;
  readonly means: Float64Array;
  /** Singular values of the centred rows, falling. */
  readonly values: Float64Array;
  /** Orthonormal rows (values x columns), each with its largest entry positive. */
  readonly directions: Float64Array;
  /** The weighted sum of squared distances to the mean, of all directions. */
  readonly squares: number;
}

/** Nothing seen yet. */
export function noComponents(columns: number): Components {
  const none = new Float64Array(0);
  return {
    weight: 0,
    means: new Float64Array(columns),
    values: none,
    directions: none,
    squares: 0,
  };
}

/**
 * The components of what was seen and a batch of rows, cut to `kept` (Ross, Lim, Lin and Yang 2008, section
 * 2.1): the singular values of the old directions, the batch less its mean, and a row for how far the mean
 * moves. Nothing is lost where `kept` is the rank of all rows; else what a batch cuts away never comes back.
 * Holds the batch and no rows before it.
 */
export function foldRows(
  before: Components,
  batch: Matrix,
  weights: Float64Array | undefined,
  kept: number,
): Components {
  const { rows, columns, values } = batch;
  let weight = 0;
  const own = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const share = weights?.[row] ?? 1;
    weight += share;
    for (let k = 0; k < columns; k++) own[k]! += share * values[row * columns + k]!;
  }
  if (weight === 0) return before;
  for (let k = 0; k < columns; k++) own[k]! /= weight;
  const old = before.values.length;
  const height = old + rows + 1;
  const stack = new Float64Array(height * columns);
  for (let at = 0; at < old * columns; at++) {
    stack[at] = before.values[Math.floor(at / columns)]! * before.directions[at]!;
  }
  let squares = before.squares;
  for (let row = 0; row < rows; row++) {
    const root = Math.sqrt(weights?.[row] ?? 1);
    for (let k = 0; k < columns; k++) {
      const value = root * (values[row * columns + k]! - own[k]!);
      stack[(old + row) * columns + k] = value;
      squares += value * value;
    }
  }
  const total = before.weight + weight;
  const lever = Math.sqrt((before.weight * weight) / total);
  for (let k = 0; k < columns; k++) {
    const value = lever * (before.means[k]! - own[k]!);
    stack[(height - 1) * columns + k] = value;
    squares += value * value;
  }
  const found = svd({ rows: height, columns, values: stack });
  const rank = Math.min(kept, found.values.length);
  return {
    weight: total,
    means: before.means.map((mean, k) => mean + (weight / total) * (own[k]! - mean)),
    values: found.values.slice(0, rank),
    directions: found.right.slice(0, rank * columns),
    squares,
  };
}
