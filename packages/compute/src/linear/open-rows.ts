import type { DenseMatrix } from '../linear-algebra/dense-matrix.ts';
import type { SparseMatrix } from '../linear-algebra/sparse-matrix.ts';
import { type DenseRowsOptions, denseRows } from './dense-rows.ts';
import type { LinearRows } from './linear-rows.ts';
import { plainRows } from './plain-rows.ts';

/** Below, starting threads takes longer than the work. */
const fewNumbers = 20_000;

/**
 * Rows for linear models: dense ones by the kernels, sparse or few ones in plain TypeScript. Which it is
 * depends on the rows alone. Close them, by `await using`.
 */
export async function openRows(
  matrix: DenseMatrix | SparseMatrix,
  options: DenseRowsOptions,
): Promise<LinearRows> {
  const plain = 'offsets' in matrix || matrix.values.length <= fewNumbers;
  return plain ? plainRows(matrix, options.centred) : denseRows(matrix, options);
}
