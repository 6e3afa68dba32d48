import { featuresAs } from '../features.ts';
import { tensorOf } from '../fitted-model.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { indexTensors } from './index-model.ts';
import {
  checkVotes,
  fitVotes,
  type VoteParameters,
  voteConstraints,
  votesFor,
} from './neighbour-votes.ts';
import { indexMemory } from './search-parameters.ts';

export type KNearestRegressor = Specification<'kNearestRegressor', VoteParameters>;

/**
 * The mean target of the k nearest rows, by one over their distance where that is asked; rows at equal
 * distance count by their number, and where some are at distance 0 only they do. A row's weight multiplies
 * its part, and one of weight 0 is left out. Exact and approximate search, and why there is no ONNX, as for
 * `kNearestClassifier`.
 *
 * @example
 * const model = await fit(kNearestRegressor({ k: 10, weights: 'distance' }), examples);
 */
export function kNearestRegressor(parameters: Partial<VoteParameters> = {}): KNearestRegressor {
  return specify('kNearestRegressor', voteConstraints, parameters);
}

export const kNearestRegressorKind: TabularKind<VoteParameters> = {
  kind: 'kNearestRegressor',
  family: 'neighbours',
  roles: ['regressor'],
  summary: 'The mean target of the nearest rows.',
  constraints: voteConstraints,
  accepts: ['dense'],
  missing: false,
  target: 'numbers',
  memory: (size, parameters) => indexMemory(size, parameters, 0) + 16 * size.rows,
  fit: ({ parameters }, examples, options) =>
    fitVotes('kNearestRegressor', parameters, examples, options),
  tensors: (signature, parameters, facts) => ({
    ...indexTensors(signature, parameters, facts),
    target: { type: 'float64', shape: [-1] },
    weights: { type: 'float64', shape: [-1] },
  }),
  checkModel: checkVotes,
  predict: async (model, features, options) => {
    const matrix = featuresAs(features, 'dense');
    const { k, indices, weights } = await votesFor(model, matrix, options);
    const target = tensorOf(model, 'target', 'float64').data;
    return Float64Array.from({ length: matrix.rows }, (_, row) => {
      let [sum, total] = [0, 0];
      for (let at = row * k; at < (row + 1) * k; at++) {
        if (indices[at]! < 0) continue;
        sum += weights[at]! * target[indices[at]!]!;
        total += weights[at]!;
      }
      return sum / total;
    });
  },
};
