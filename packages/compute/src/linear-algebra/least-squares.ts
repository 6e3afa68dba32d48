import { assert } from '@backlot/core';
import type { DenseMatrix } from './dense-matrix.ts';
import { applyQ, applyQTransposed, factorColumns, type Qr } from './qr.ts';
import { reduceRows } from './row-reduction.ts';
import { solveUpper, solveUpperTransposed } from './triangular.ts';
import { norm } from './vector.ts';

export interface LeastSquaresOptions {
  /**
   * A column counts as dependent on the others when what they leave of it is at most this part of its
   * own length (in pivoting order, columns first brought to length 1); max(rows, columns) times the
   * spacing of doubles at 1 by default.
   */
  readonly tolerance?: number;
  /** Dependent columns: the shortest of all solutions (default), or 0 for those that came last. */
  readonly deficient?: 'minimumNorm' | 'drop';
}

export interface LeastSquaresSolution {
  /** columns x targets, row-major. */
  readonly coefficients: Float64Array;
  readonly rank: number;
  /** The columns found dependent on the others, ascending; empty at full rank. */
  readonly dependent: readonly number[];
  /** The sum of squared residuals of each target. */
  readonly residualSquares: Float64Array;
  /** (X' X)^-1 over the independent columns (columns x columns, zeros elsewhere). */
  inverseGram(): Float64Array;
}

/**
 * The coefficients that make |X b - y| least, by Householder QR with column pivoting. Many rows are
 * reduced to a triangle first, block after block (the sequential TSQR of Demmel, Grigori, Hoemmen and
 * Langou 2012), so that the work stays in the cache. Forming X' X would lose half of the digits; this
 * does not. Numbers must be finite.
 *
 * @param right rows x targets, row-major.
 */
export function leastSquares(
  matrix: DenseMatrix,
  right: Float64Array,
  options: LeastSquaresOptions = {},
): LeastSquaresSolution {
  const { rows, columns } = matrix;
  assert(rows > 0 && right.length % rows === 0, 'the right side has the rows of the matrix');
  const reduced = reduceRows(matrix, right);
  const scaled = scaleColumns(reduced.triangle, reduced.height, columns);
  const factor = factorColumns(reduced.triangle, reduced.height, columns, true);
  const tolerance = options.tolerance ?? Math.max(rows, columns) * Number.EPSILON;
  const upper = unscaledUpper(factor, scaled, rankOf(factor, tolerance));
  const solve = options.deficient === 'drop' ? dropDependent : shortest(upper);
  const targets = right.length / rows;
  const coefficients = new Float64Array(columns * targets);
  const residualSquares = reduced.residualSquares;
  for (let target = 0; target < targets; target++) {
    const side = reduced.right.slice(target * reduced.height, (target + 1) * reduced.height);
    applyQTransposed(factor, side);
    residualSquares[target]! += norm(side, upper.rank) ** 2;
    solve(upper, side).forEach((value, j) => {
      coefficients[factor.permutation[j]! * targets + target] = value;
    });
  }
  const dependent = Array.from(factor.permutation.subarray(upper.rank)).sort((a, b) => a - b);
  const inverseGram = (): Float64Array => invertGram(upper, factor.permutation);
  return { coefficients, rank: upper.rank, dependent, residualSquares, inverseGram };
}

/** Brings columns to a length near 1 by powers of two, which rounds nothing; gives the powers. */
function scaleColumns(values: Float64Array, rows: number, columns: number): Float64Array {
  const powers = new Float64Array(columns);
  for (let j = 0; j < columns; j++) {
    const length = norm(values, j * rows, rows);
    powers[j] = length > 0 ? 2 ** Math.round(Math.log2(length)) : 1;
    for (let k = j * rows; k < (j + 1) * rows; k++) values[k]! /= powers[j]!;
  }
  return powers;
}

function rankOf(factor: Qr, tolerance: number): number {
  const { rows, scales, values } = factor;
  let rank = 0;
  while (rank < scales.length && Math.abs(values[rank * rows + rank]!) > tolerance) rank++;
  return rank;
}

/** The first rows of R in the columns' own units and pivoting order. */
interface Upper {
  readonly rank: number;
  readonly columns: number;
  /** rank x rank, row-major. */
  readonly square: Float64Array;
  /** Rows as columns: columns x rank, row-major, for the shortest solution. */
  readonly transposed: Float64Array;
}

function unscaledUpper(factor: Qr, powers: Float64Array, rank: number): Upper {
  const { columns, rows, values, permutation } = factor;
  const square = new Float64Array(rank * rank);
  const transposed = new Float64Array(columns * rank);
  for (let j = 0; j < columns; j++) {
    const power = powers[permutation[j]!]!;
    for (let i = 0; i <= Math.min(j, rank - 1); i++) {
      const value = values[j * rows + i]! * power;
      if (j < rank) square[i * rank + j] = value;
      transposed[j * rank + i] = value;
    }
  }
  return { rank, columns, square, transposed };
}

function dropDependent(upper: Upper, side: Float64Array): Float64Array {
  const found = new Float64Array(upper.columns);
  found.set(side.subarray(0, upper.rank));
  solveUpper(upper.square, upper.rank, found);
  return found;
}

/** With [R11 R12]' = Q2 T, the shortest solution of [R11 R12] x = c is Q2 T'^-1 c. */
function shortest(upper: Upper): typeof dropDependent {
  const { rank, columns } = upper;
  if (rank === columns || rank === 0) return dropDependent;
  const values = new Float64Array(rank * columns);
  for (let j = 0; j < columns; j++) {
    for (let i = 0; i < rank; i++) values[i * columns + j] = upper.transposed[j * rank + i]!;
  }
  const factor = factorColumns(values, columns, rank, false);
  const triangle = new Float64Array(rank * rank);
  for (let j = 0; j < rank; j++) {
    for (let i = 0; i <= j; i++) triangle[i * rank + j] = values[j * columns + i]!;
  }
  return (_, side) => {
    const found = new Float64Array(columns);
    found.set(side.subarray(0, rank));
    solveUpperTransposed(triangle, rank, found);
    applyQ(factor, found);
    return found;
  };
}

/** R^-1 R^-T, put back in the order of the columns. */
function invertGram(upper: Upper, permutation: Int32Array): Float64Array {
  const { rank, columns, square } = upper;
  const out = new Float64Array(columns * columns);
  for (let j = 0; j < rank; j++) {
    const column = new Float64Array(rank);
    column[j] = 1;
    solveUpperTransposed(square, rank, column);
    solveUpper(square, rank, column);
    for (let i = j; i < rank; i++) {
      out[permutation[i]! * columns + permutation[j]!] = column[i]!;
      out[permutation[j]! * columns + permutation[i]!] = column[i]!;
    }
  }
  return out;
}
