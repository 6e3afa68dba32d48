import type { ParametersOf } from '../../constraint.ts';
import { type Specification, specify } from '../../specification.ts';
import type { RecommenderKind } from '../recommender-kind.ts';
import { fitSlim } from './fit-slim.ts';
import {
  checkItemWeights,
  foldInItemWeights,
  itemWeightShapes,
  listedAbove,
  recommendItemWeights,
  scoreItemWeights,
} from './item-weights.ts';

const constraints = {
  candidates: {
    type: 'integer',
    min: 1,
    max: 2000,
    default: 150,
    summary: 'How many items, those of the largest cosine, may have a weight for an item.',
  },
  l1: {
    type: 'number',
    min: 0,
    max: 1e9,
    default: 0.5,
    summary: 'The weight of the sum of the weights; more of it leaves fewer.',
  },
  l2: {
    type: 'number',
    min: 0,
    above: true,
    max: 1e9,
    default: 5,
    scale: 'log',
    summary: 'The weight of half the sum of the squared weights.',
  },
  dropout: {
    type: 'number',
    min: 0,
    max: 0.99,
    default: 0.8,
    summary:
      'A share left out in thought: an item’s l2 grows by dropout / (1 - dropout) of its people.',
  },
  damping: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0.25,
    summary:
      'How much less a person counts who met n items: n to this negative power; 0 is not at all.',
  },
  nonNegative: {
    type: 'flag',
    default: true,
    summary: 'Whether weights below zero are not allowed.',
  },
  tolerance: {
    type: 'number',
    min: 1e-12,
    max: 0.1,
    default: 0.01,
    scale: 'log',
    summary:
      'Stops when no weight moves its gradient by more than this part of the people who met the item.',
  },
  sweeps: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 100,
    summary: 'The most passes over the candidates of an item.',
  },
} as const;

export type SlimValues = ParametersOf<typeof constraints>;
export type Slim = Specification<'slim', SlimValues>;

/**
 * Sparse linear methods (Ning and Karypis 2011, equation 3): for each item j weights w of other items,
 * which minimise |x_j - X w|^2 / 2 + l2 |w|^2 / 2 + l1 |w|, where X tells who met what; a person's score for
 * j is the sum of the weights of what they met. Only the `candidates` of the largest cosine to j may have
 * weights (their fsSLIM), which keeps the fit fast; as many candidates as items are SLIM itself. It holds
 * 8 bytes for each pair of items that someone met both of, and items x candidates weights.
 *
 * With `dropout` the penalty of an item grows with those who met it (Steck 2020, equation 5); with `damping`
 * people who met much count less. With l1 0, `nonNegative` false and all candidates the weights are those of
 * `ease` but for pairs that nobody met both of, which have none. Weights of interactions are not used in
 * the fit. The defaults are those that a held-out part of the training rows of amazon-cds chose.
 *
 * @example
 * const model = await fit(slim({ candidates: 200, l1: 2 }), plays);
 */
export function slim(parameters: Partial<SlimValues> = {}): Slim {
  return specify('slim', constraints, parameters);
}

export const slimKind: RecommenderKind<SlimValues> = {
  kind: 'slim',
  summary: 'Sparse weights between items by which each is predicted from those a person met.',
  constraints,
  memory: ({ users, items, interactions }, { candidates }) => {
    const most = Math.min(candidates, items);
    // A user's pairs are bounded by the items, and all that the kernels hold by 4 GiB, above which they refuse.
    const pairs = 8 * Math.min(items, interactions) * Math.min(items, interactions);
    const threads = 8 * (4 * most * (most + 20) + 16 * items);
    const kernels = pairs + 8 * items * most + 16 * interactions + 40 * (users + items) + threads;
    const model = 24 * items * most + 40 * interactions + 40 * (users + items);
    return Math.min(kernels, 2 ** 32) + model + 2 ** 25;
  },
  fit: fitSlim,
  tensors: (signature) => itemWeightShapes(signature),
  checkModel: checkItemWeights,
  recommend: recommendItemWeights,
  listedAbove,
  scoreAll: scoreItemWeights,
  foldIn: foldInItemWeights,
};
