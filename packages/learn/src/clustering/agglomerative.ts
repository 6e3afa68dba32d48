import { throwIfCancelled } from '@backlot/core';
import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples } from '../error.ts';
import { featuresAs } from '../features.ts';
import { type Matrix, toFloat64 } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { learnedRows, nearestRowVerbs } from './labelled-rows.ts';
import { cutTree, linkage, type PairDistances } from './linkage.ts';
import { squaredDistance } from './nearest-centre.ts';

const constraints = {
  clusters: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 2,
    scale: 'log',
    summary: 'How many clusters are left.',
  },
  linkage: {
    type: 'choice',
    options: ['ward', 'average', 'complete', 'single'],
    default: 'ward',
    summary: 'How far clusters are apart: by the increase of squares, mean, farthest or nearest.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type Agglomerative = Specification<'agglomerative', Values>;

const mostRows = 20_000;

/**
 * Agglomerative clustering by Euclidean distance: the two nearest clusters merge until so many are left. All
 * pairs are held, so at most 20,000 rows are allowed. A new row belongs with its nearest fitted row.
 * Weights are not used. Fact: `nextDistance`, at which the next two clusters would merge (0 when one is left).
 *
 * @example
 * const model = await fit(agglomerative({ clusters: 5, linkage: 'average' }), { features });
 */
export function agglomerative(parameters: Partial<Values> = {}): Agglomerative {
  return specify('agglomerative', constraints, parameters);
}

export const agglomerativeKind: TabularKind<Values> = {
  ...nearestRowVerbs,
  kind: 'agglomerative',
  family: 'clustering',
  roles: ['clusterer'],
  summary: 'The two nearest clusters merge until so many are left.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'none',
  memory: ({ rows, columns }) => 4 * rows * rows + 200 * rows + 16 * rows * columns,
  fit: async ({ parameters }, { features }, { signal }) => {
    throwIfCancelled(signal, 'the fit');
    const matrix = featuresAs(features, 'dense');
    const { rows } = matrix;
    const { clusters } = parameters;
    if (rows < clusters) throw new InvalidExamples(`${rows} rows for ${clusters} clusters`);
    if (rows > mostRows) throw new InvalidExamples(`${rows} rows; at most ${mostRows} are allowed`);
    const merges = linkage(pairDistances(matrix), parameters.linkage);
    const nextDistance = merges[rows - clusters]?.distance ?? 0;
    const labels = cutTree(merges, rows, clusters);
    return learnedRows(toFloat64(matrix).slice(), labels, { nextDistance });
  },
};

function pairDistances({ rows, columns, values }: Matrix): PairDistances {
  const out = new Float64Array((rows * (rows - 1)) / 2);
  let at = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = i + 1; j < rows; j++) {
      out[at++] = Math.sqrt(squaredDistance(values, i * columns, values, j * columns, columns));
    }
  }
  return { n: rows, values: out };
}
