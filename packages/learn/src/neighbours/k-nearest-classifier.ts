import { InvalidModel } from '../error.ts';
import { featuresAs } from '../features.ts';
import { type TabularModel, tensorOf } from '../fitted-model.ts';
import { type Matrix, zeros } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { ApplyOptions, TabularKind } from '../tabular-kind.ts';
import { indexTensors } from './index-model.ts';
import {
  checkVotes,
  fitVotes,
  type VoteParameters,
  voteConstraints,
  votesFor,
} from './neighbour-votes.ts';
import { indexMemory } from './search-parameters.ts';

export type KNearestClassifier = Specification<'kNearestClassifier', VoteParameters>;

/**
 * A class by the votes of the k nearest rows, at equal votes the first class; rows at equal distance count
 * by their number. A row's weight multiplies its vote, and one of weight 0 is left out. Exact search takes
 * distances in doubles; `hnsw` finds most of the nearest in a fraction of the time. No ONNX: a graph would
 * hold all rows times all queries, or order near rows by products that have lost the digits between them.
 *
 * @example
 * const model = await fit(kNearestClassifier({ k: 15, weights: 'distance' }), examples);
 * const shares = await predictProbabilities(model, features);
 */
export function kNearestClassifier(parameters: Partial<VoteParameters> = {}): KNearestClassifier {
  return specify('kNearestClassifier', voteConstraints, parameters);
}

export const kNearestClassifierKind: TabularKind<VoteParameters> = {
  kind: 'kNearestClassifier',
  family: 'neighbours',
  roles: ['classifier'],
  summary: 'A class by the votes of the nearest rows.',
  constraints: voteConstraints,
  accepts: ['dense'],
  missing: false,
  target: 'classes',
  memory: (size, parameters) => indexMemory(size, parameters, 0) + 16 * size.rows,
  fit: ({ parameters }, examples, options) =>
    fitVotes('kNearestClassifier', parameters, examples, options),
  tensors: (signature, parameters, facts) => ({
    ...indexTensors(signature, parameters, facts),
    target: { type: 'float64', shape: [-1] },
    weights: { type: 'float64', shape: [-1] },
  }),
  checkModel(model) {
    checkVotes(model);
    const { classes } = model.signature;
    const { data } = tensorOf(model, 'target', 'float64');
    if (data.every((label) => Number.isInteger(label) && label >= 0 && label < classes)) return;
    throw new InvalidModel('a target is no class');
  },
  predict: async (model, features, options) => {
    const { columns, rows, values } = await shares(model, featuresAs(features, 'dense'), options);
    return Float64Array.from({ length: rows }, (_, row) => {
      let best = 0;
      for (let label = 1; label < columns; label++) {
        if (values[row * columns + label]! > values[row * columns + best]!) best = label;
      }
      return best;
    });
  },
  predictProbabilities: (model, features, options) =>
    shares(model, featuresAs(features, 'dense'), options),
};

async function shares(
  model: TabularModel,
  features: Matrix,
  options: ApplyOptions,
): Promise<Matrix> {
  const { k, indices, weights } = await votesFor(model, features, options);
  const target = tensorOf(model, 'target', 'float64').data;
  const { classes } = model.signature;
  const out = zeros(features.rows, classes);
  for (let row = 0; row < features.rows; row++) {
    let total = 0;
    for (let at = row * k; at < (row + 1) * k; at++) {
      if (indices[at]! < 0) continue;
      out.values[row * classes + target[indices[at]!]!]! += weights[at]!;
      total += weights[at]!;
    }
    for (let at = row * classes; at < (row + 1) * classes; at++) out.values[at]! /= total;
  }
  return out;
}
