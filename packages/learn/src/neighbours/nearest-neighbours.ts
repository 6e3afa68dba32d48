import type { ParametersOf } from '../constraint.ts';
import { featuresAs } from '../features.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { checkIndex, indexOf, indexTensors, learnedIndex } from './index-model.ts';
import { buildIndex, findRows } from './row-index.ts';
import { indexMemory, type SearchParameters, searchConstraints } from './search-parameters.ts';

const own = {
  k: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 10,
    scale: 'log',
    summary: 'How many of the nearest rows are found; all where there are fewer.',
  },
} as const;

const constraints = { ...own, ...searchConstraints };

type Values = ParametersOf<typeof own> & SearchParameters;
export type NearestNeighbours = Specification<'nearestNeighbours', Values>;

/**
 * Rows to search among, such as embeddings of what a store sells: `nearestRows` finds, `addRows` adds,
 * `openNearest` answers one query at a time. `transform` gives a row its distances to the k nearest fitted
 * rows, ascending. Distances are taken in doubles; rows at equal distance come by their number. Weights
 * are not used. No ONNX, for the reason that `kNearestClassifier` gives.
 *
 * @example
 * const model = await fit(nearestNeighbours({ metric: 'cosine', search: 'hnsw' }), { features });
 * const { indices, distances } = await nearestRows(model, queries, { k: 20 });
 */
export function nearestNeighbours(parameters: Partial<Values> = {}): NearestNeighbours {
  return specify('nearestNeighbours', constraints, parameters);
}

export const nearestNeighboursKind: TabularKind<Values> = {
  kind: 'nearestNeighbours',
  family: 'neighbours',
  roles: ['transformer'],
  summary: 'Finds the nearest of its rows; as a transformer, the distances to them.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'none',
  memory: (size, parameters) => indexMemory(size, parameters, 0),
  fit: async ({ parameters }, { features }, options) => {
    const index = await buildIndex(featuresAs(features, 'dense'), parameters, options);
    return { ...learnedIndex(index), outputs: Math.min(parameters.k, index.rows.rows) };
  },
  tensors: indexTensors,
  checkModel: checkIndex,
  transform: async (model, features, options) => {
    const { k, width } = model.specification.parameters;
    const matrix = featuresAs(features, 'dense');
    const found = await findRows(indexOf(model), matrix, { k, width }, options);
    // A graph may lead to fewer rows than there are: what it does not reach is as far as the last.
    const { distances } = found;
    for (let at = 0; at < distances.length; at++) {
      if (distances[at] === Infinity && at % found.k > 0) distances[at] = distances[at - 1]!;
    }
    return { rows: matrix.rows, columns: found.k, values: distances };
  },
};
