import { type SparseMatrix, transposeSparse } from '../linear-algebra/sparse-matrix.ts';

/** A least-squares problem on sparse rows, weighted and about its means, by columns. */
export interface CentredSparse {
  readonly rows: number;
  readonly columns: number;
  /** Column j: its rows and its numbers times the rows' roots. */
  readonly byColumn: SparseMatrix;
  /** By row, the weight's square root. */
  readonly roots: Float64Array;
  /** By column, the weighted mean, 0 where not centred. */
  readonly means: Float64Array;
  /** By column, the weighted squared length about the mean. */
  readonly squares: Float64Array;
  /** By row, what the target is about its mean, times the root. */
  readonly target: Float64Array;
  readonly targetMean: number;
  readonly totalWeight: number;
  /** Column j times the target. */
  readonly correlations: Float64Array;
}

/** Prepares a sparse problem for `elasticNetSparse`; some weight is above 0. */
export function centredSparse(
  matrix: SparseMatrix,
  target: Float64Array,
  weights: Float64Array | undefined,
  centred: boolean,
): CentredSparse {
  const { rows, columns } = matrix;
  const roots = Float64Array.from({ length: rows }, (_, row) => Math.sqrt(weights?.[row] ?? 1));
  let [totalWeight, sum] = [0, 0];
  for (let row = 0; row < rows; row++) {
    totalWeight += roots[row]! ** 2;
    sum += roots[row]! ** 2 * target[row]!;
  }
  const targetMean = centred ? sum / totalWeight : 0;
  const own = target.map((value, row) => (value - targetMean) * roots[row]!);
  const turned = transposeSparse(matrix);
  const { offsets, indices } = turned;
  const values = Float64Array.from(turned.values, (value, at) => value * roots[indices[at]!]!);
  const [means, squares, correlations] = [0, 1, 2].map(() => new Float64Array(columns)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let j = 0; j < columns; j++) {
    for (let at = offsets[j]!; at < offsets[j + 1]!; at++) {
      const [row, value] = [indices[at]!, values[at]!];
      means[j]! += (centred ? value * roots[row]! : 0) / totalWeight;
      squares[j]! += value * value;
      correlations[j]! += value * own[row]!;
    }
    squares[j] = Math.max(0, squares[j]! - totalWeight * means[j]! ** 2);
  }
  return {
    ...{ rows, columns, byColumn: { ...turned, values }, roots, means, squares, correlations },
    ...{ target: own, targetMean, totalWeight },
  };
}
