import { type NumberConstraint, type Parameters, parseParameters } from '../constraint.ts';
import type { Specification } from '../specification.ts';
import { fitItemKnn } from './knn/fit.ts';
import {
  checkItemWeights,
  foldInItemWeights,
  itemWeightShapes,
  listedAbove,
  recommendItemWeights,
  scoreItemWeights,
} from './linear-items/item-weights.ts';
import type { RecommenderKind } from './recommender-kind.ts';

export type ItemKnnName = 'neighbours' | 'damping' | 'shrinkage';

const constraints: Readonly<Record<ItemKnnName, NumberConstraint>> = {
  neighbours: {
    type: 'integer',
    min: 1,
    max: 10000,
    default: 100,
    summary: 'How many of its most similar items each item keeps.',
  },
  damping: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0.25,
    summary:
      'How much less a person counts who met n items: n to this negative power; 0 is not at all.',
  },
  shrinkage: {
    type: 'number',
    min: 0,
    max: 1e6,
    default: 0,
    summary: 'Added to the denominator, so that similarities from few people count less.',
  },
};

export type ItemKnn = Specification<'itemKnn', Parameters<ItemKnnName>>;

/**
 * Item-based neighbours (Deshpande and Karypis 2004): the similarity of items i and j is the sum over people
 * who met both of (number of items they met)^-damping, over sqrt(n_i n_j) + shrinkage. Each item keeps its
 * most similar ones; a person's score for an item is the sum of its similarities to those of them that the
 * person met. Weights are not used. The model holds what each user met.
 */
export function itemKnn(parameters: Partial<Parameters<ItemKnnName>> = {}): ItemKnn {
  const parsed = parseParameters('itemKnn', constraints, parameters);
  return Object.freeze({ kind: 'itemKnn', parameters: parsed });
}

export const itemKnnKind: RecommenderKind<Parameters<ItemKnnName>> = {
  kind: 'itemKnn',
  summary: 'Items similar to those a person met, by how many people met both.',
  constraints,
  memory: ({ users, items, interactions }, { neighbours }) =>
    8 * (users + 4 * items + 4 * interactions) + 16 * items * Math.min(neighbours, items),
  fit: fitItemKnn,
  tensors: (signature) => itemWeightShapes(signature),
  checkModel: checkItemWeights,
  recommend: recommendItemWeights,
  listedAbove,
  scoreAll: scoreItemWeights,
  foldIn: foldInItemWeights,
};
