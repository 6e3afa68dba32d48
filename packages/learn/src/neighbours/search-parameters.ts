import type { ParametersOf } from '../constraint.ts';
import type { ExamplesSize } from '../tabular-kind.ts';

/** Hyper-parameters of every estimator that searches for the nearest of its fitted rows. */
export const searchConstraints = {
  metric: {
    type: 'choice',
    options: ['euclidean', 'cosine', 'dot'],
    default: 'euclidean',
    summary:
      'What near means: Euclidean distance, 1 less the cosine, or the negative inner product.',
  },
  search: {
    type: 'choice',
    options: ['exact', 'hnsw'],
    default: 'exact',
    summary: 'Whether all rows are looked at, or those that a graph leads to (HNSW).',
  },
  connections: {
    type: 'integer',
    min: 2,
    max: 256,
    default: 16,
    scale: 'log',
    summary: 'Links that a row of the graph chooses on a level; twice as many on the ground.',
  },
  construction: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 200,
    scale: 'log',
    summary: 'Candidates among which a row of the graph chooses its links.',
  },
  width: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 64,
    scale: 'log',
    summary: 'Rows that a search of the graph keeps, at least k: more find more of the nearest.',
  },
} as const;

export type SearchParameters = ParametersOf<typeof searchConstraints>;

/** A bound on what an index and one search of all its rows for k hold, in bytes. */
export function indexMemory(
  { rows, columns }: ExamplesSize,
  { search, connections }: SearchParameters,
  k: number,
): number {
  const each = 8 * columns + 24 * (columns + 8) + 24 * (k + 16);
  // Links and their copies; one mark for each of at most 256 threads.
  const graph = search === 'hnsw' ? 24 * (columns + 8) + 32 * connections + 256 : 0;
  return rows * (each + graph) + 2 ** 24;
}
