import { choleskySolve, type LinearRows } from '@backlot/compute';
import type { Examples } from '../examples.ts';
import { steadyCholesky } from './fit-losses.ts';

/** What the rows say of a least-squares problem, about the weighted means where there is an intercept. */
interface CentredMoments {
  /** columns squared, of standardised columns. */
  readonly gram: Float64Array;
  /** columns. */
  readonly correlations: Float64Array;
  readonly targetSquares: number;
  readonly totalWeight: number;
  /** The intercept, of standardised columns, that belongs to coefficients. */
  interceptOf(coefficients: Float64Array): number;
}

/** One pass over the rows. */
export async function centredMoments(
  rows: LinearRows,
  { target, weights }: Examples,
  intercept: boolean,
): Promise<CentredMoments> {
  const p = rows.columns;
  // Near its mean, the target loses no digits among the floats of the rows.
  const near = intercept ? target!.reduce((sum, value) => sum + value / target!.length, 0) : 0;
  const all = await rows.moments(
    target!.map((value) => value - near),
    weights,
  );
  const width = p + 2;
  const total = all[p * width + p]!;
  const mean = (j: number): number => (intercept ? all[p * width + j]! / total : 0);
  const about = (i: number, j: number): number => all[i * width + j]! - total * mean(i) * mean(j);
  const gram = new Float64Array(p * p);
  for (let i = 0; i < p; i++) for (let j = 0; j < p; j++) gram[i * p + j] = about(i, j);
  const interceptOf = (coefficients: Float64Array): number =>
    intercept
      ? coefficients.reduce((rest, value, j) => rest - value * mean(j), near + mean(p + 1))
      : 0;
  return {
    gram,
    correlations: Float64Array.from({ length: p }, (_, j) => about(j, p + 1)),
    targetSquares: Math.max(0, about(p + 1, p + 1)),
    totalWeight: total,
    interceptOf,
  };
}

/** The coefficients and intercept, of standardised columns, under a penalty on those in own units. */
export function solveRidge(
  rows: LinearRows,
  moments: CentredMoments,
  penalty: number,
): Float64Array {
  const p = rows.columns;
  const matrix = moments.gram.slice();
  for (let j = 0; j < p; j++) matrix[j * p + j]! += penalty * rows.scales[j]! ** 2;
  const found = choleskySolve(steadyCholesky(matrix, p), moments.correlations);
  return Float64Array.of(...found, moments.interceptOf(found));
}
