import { assert } from '@backlot/core';
import { dot } from '../linear-algebra/vector.ts';
import type { CentredSparse } from './centred-sparse.ts';
import {
  type Descent,
  descend,
  type ElasticNetOptions,
  type ElasticNetSolution,
} from './coordinate-descent.ts';
import type { DesignColumns } from './design-columns.ts';

/**
 * Minimises |y - X w|^2 / 2 + l1 |w|_1 + l2/2 |w|^2 by coordinate descent (Friedman, Hastie and
 * Tibshirani 2010) with an active set. Columns that are zero for sure are left out on the way, and the
 * duality gap (Kim and others 2007) over all says when it is done, so that the result is proven.
 * Scale l1 and l2 by the number of rows to get the usual mean-squared form.
 */
export function elasticNet(
  design: DesignColumns,
  target: Float64Array,
  options: ElasticNetOptions,
): ElasticNetSolution {
  assert(target.length === design.rows, 'the target has the rows of the design');
  const residual = target.slice();
  const descent: Descent = {
    columns: design.columns,
    square: design.square,
    correlation: (j) => design.dot(j, residual),
    move: (j, by) => design.add(j, -by, residual),
    residual: () => ({
      squares: dot(residual, 0, residual, 0, residual.length),
      withTarget: dot(residual, 0, target, 0, residual.length),
    }),
    targetSquares: dot(target, 0, target, 0, target.length),
  };
  return descend(descent, options);
}

/** X' X and what else the rows say of a least-squares problem. */
export interface NormalProducts {
  /** X' X (columns x columns). */
  readonly gram: Float64Array;
  /** X' y (columns). */
  readonly correlations: Float64Array;
  /** y' y. */
  readonly targetSquares: number;
}

/**
 * The same minimum from products alone ("covariance updates"): a pass costs nothing that grows with the
 * rows. For many rows and few columns. The gap is exact to about the spacing of doubles at |y|^2.
 */
export function elasticNetFromProducts(
  products: NormalProducts,
  options: ElasticNetOptions,
): ElasticNetSolution {
  const { gram, correlations, targetSquares } = products;
  const columns = correlations.length;
  assert(gram.length === columns * columns, 'the products are of the same columns');
  const rest = correlations.slice();
  const coefficients = new Float64Array(columns);
  const descent: Descent = {
    columns,
    targetSquares,
    square: (j) => gram[j * columns + j]!,
    correlation: (j) => rest[j]!,
    move(j, by) {
      coefficients[j]! += by;
      const row = j * columns;
      for (let k = 0; k < columns; k++) rest[k]! -= by * gram[row + k]!;
    },
    residual() {
      const explained = dot(coefficients, 0, correlations, 0, columns);
      const withRest = dot(coefficients, 0, rest, 0, columns);
      const squares = Math.max(0, targetSquares - explained - withRest);
      return { squares, withTarget: targetSquares - explained };
    },
  };
  return descend(descent, options);
}

/**
 * The same minimum for the centred, weighted columns of a sparse matrix, whose zeros are never written out:
 * what centring adds to the residual is one number beside it.
 */
export function elasticNetSparse(
  design: CentredSparse,
  options: ElasticNetOptions,
): ElasticNetSolution {
  const { rows, columns, target, roots, means, squares, totalWeight } = design;
  const { offsets, indices, values } = design.byColumn;
  const stored = target.slice();
  // The residual is what is stored plus this times the rows' roots.
  let shift = 0;
  return descend(
    {
      columns,
      targetSquares: dot(target, 0, target, 0, rows),
      square: (j) => squares[j]!,
      correlation(j) {
        let sum = shift * totalWeight * means[j]!;
        for (let at = offsets[j]!; at < offsets[j + 1]!; at++) {
          sum += values[at]! * stored[indices[at]!]!;
        }
        return sum;
      },
      move(j, by) {
        for (let at = offsets[j]!; at < offsets[j + 1]!; at++) {
          stored[indices[at]!]! -= by * values[at]!;
        }
        shift += by * means[j]!;
      },
      residual() {
        let [own, withTarget] = [0, 0];
        for (let row = 0; row < rows; row++) {
          const value = stored[row]! + shift * roots[row]!;
          own += value * value;
          withTarget += value * target[row]!;
        }
        return { squares: own, withTarget };
      },
    },
    options,
  );
}
