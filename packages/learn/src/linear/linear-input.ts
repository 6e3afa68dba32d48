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

/** The rows in shared memory, products of columns by segment, and a few numbers a row. */
export function linearMemory(size: ExamplesSize, outputs: number): number {
  const width = size.columns + 10;
  const squares = Math.min(width, 3010) ** 2 * 8;
  return 8 * size.stored + 6 * squares + 2 ** 27 + 48 * size.rows + 400 * outputs * width;
}
