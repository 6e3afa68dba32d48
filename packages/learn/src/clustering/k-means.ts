import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples } from '../error.ts';
import { featuresAs } from '../features.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { learnedCentres, nearestCentreVerbs } from './centres-model.ts';
import { fitLloyd } from './fit-lloyd.ts';

const constraints = {
  clusters: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 8,
    scale: 'log',
    summary: 'How many clusters there are.',
  },
  rounds: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 300,
    scale: 'log',
    summary: 'The most rounds of moving the centres.',
  },
  tolerance: {
    type: 'number',
    min: 0,
    max: 1,
    default: 1e-4,
    summary:
      'Ends when the centres move by less, squared, as a share of the mean variance of a column.',
  },
  restarts: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: 1,
    summary: 'How often it begins anew from other seeds; the best is kept.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type KMeans = Specification<'kMeans', Values>;

/**
 * k-means by Lloyd's algorithm from k-means++ seeds. Rounds measure only rows whose nearest centre may have
 * changed (Hamerly 2010), with the result of measuring all. A centre that loses its rows stays in place.
 * Facts: `inertia` (the weighted sum of squared distances), `rounds`.
 *
 * @example
 * const model = await fit(kMeans({ clusters: 20, restarts: 4 }), { features }, { seed: 1 });
 * const labels = await predict(model, features);
 */
export function kMeans(parameters: Partial<Values> = {}): KMeans {
  return specify('kMeans', constraints, parameters);
}

export const kMeansKind: TabularKind<Values> = {
  ...nearestCentreVerbs,
  kind: 'kMeans',
  family: 'clustering',
  roles: ['clusterer', 'transformer'],
  summary: 'Clusters around means: each row belongs to its nearest centre.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'none',
  memory: ({ rows, columns }, { clusters }) =>
    4 * rows * (columns + 8) + 8 * (columns + 1) * (clusters * 80 + 4096) + 2 ** 20,
  fit: async ({ parameters }, { features, weights }, options) => {
    const matrix = featuresAs(features, 'dense');
    checkEnough(matrix.rows, parameters.clusters);
    const found = await fitLloyd(matrix, weights, parameters, options);
    return learnedCentres(found, matrix.columns);
  },
};

function checkEnough(rows: number, clusters: number): void {
  if (rows >= clusters) return;
  throw new InvalidExamples(`${rows} rows for ${clusters} clusters; as many are needed`);
}
