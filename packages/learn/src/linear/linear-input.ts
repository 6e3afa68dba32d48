import type { Examples } from '../examples.ts';
import { featuresAs } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import type { Matrix, SparseMatrix } from '../matrix.ts';
import type { ExamplesSize } from '../tabular-kind.ts';

/** Rows of numbers, and the options of a kernel session. */
export function linearInput(
  { features }: Examples,
  { signal, threads }: FitOptions,
): {
  readonly features: Matrix | SparseMatrix;
  readonly threads: { readonly signal: AbortSignal | undefined; readonly threads?: number };
} {
  return {
    features: 'offsets' in features ? features : featuresAs(features, 'dense'),
    threads: { signal, ...(threads !== undefined && { threads }) },
  };
}

/** The rows in shared memory (sparse ones also by columns), products of columns by segment, and a few numbers a row. */
export function linearMemory(size: ExamplesSize, outputs: number): number {
  const width = size.columns + 10;
  const squares = Math.min(width, 3010) ** 2 * 8;
  const byRow = 48 + 72 * (outputs + 1);
  return 44 * size.stored + 6 * squares + 2 ** 27 + byRow * size.rows + 400 * outputs * width;
}
