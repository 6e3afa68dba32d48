import type { ParametersOf } from '../../constraint.ts';
import { type Specification, specify } from '../../specification.ts';
import type { RecommenderKind } from '../recommender-kind.ts';
import { fitEase } from './fit-ease.ts';
import {
  checkItemWeights,
  foldInItemWeights,
  itemWeightShapes,
  listedAbove,
  recommendItemWeights,
  scoreItemWeights,
} from './item-weights.ts';

const constraints = {
  l2: {
    type: 'number',
    min: 0,
    above: true,
    max: 1e9,
    default: 100,
    scale: 'log',
    summary: 'The weight of the sum of the squared weights.',
  },
  dropout: {
    type: 'number',
    min: 0,
    max: 0.99,
    default: 0,
    summary:
      'A share left out in thought: an item’s l2 grows by dropout / (1 - dropout) of its people.',
  },
  damping: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0,
    summary:
      'How much less a person counts who met n items: n to this negative power; 0 is not at all.',
  },
  neighboursKept: {
    type: 'integer',
    optional: true,
    min: 1,
    max: 100_000,
    default: null,
    summary: 'How many weights, those largest without their sign, each item keeps; null is all.',
  },
  maximumItems: {
    type: 'integer',
    min: 1,
    max: 60_000,
    default: 20_000,
    summary: 'With more items the fit is refused: it holds 12 bytes for each pair of items.',
  },
} as const;

export type EaseValues = ParametersOf<typeof constraints>;
export type Ease = Specification<'ease', EaseValues>;

/**
 * Embarrassingly shallow autoencoders (Steck 2019, equation 8): the weights B with a zero diagonal that
 * minimise |X - X B|^2 + l2 |B|^2, where X tells who met what, in closed form from P, the inverse of
 * X' X + l2 I: B_ij = -P_ij / P_jj. A person's score for item j is the sum of B_ij over what they met. With
 * `dropout` the penalty of an item grows with those who met it (Steck 2020, equation 5); with `damping`
 * people are weighted. Time grows with items^3, memory with items^2: more than `maximumItems` are refused
 * with `InvalidArgument`; `slim` is for those. Weights of interactions are not used in the fit.
 *
 * @example
 * const model = await fit(ease({ l2: 200, neighboursKept: 200 }), plays);
 */
export function ease(parameters: Partial<EaseValues> = {}): Ease {
  return specify('ease', constraints, parameters);
}

export const easeKind: RecommenderKind<EaseValues> = {
  kind: 'ease',
  summary: 'Weights between all items by which each is predicted, in closed form.',
  constraints,
  memory: ({ users, items, interactions }, { neighboursKept }) => {
    const padded = items + 128;
    const kept = neighboursKept === null ? items : Math.min(neighboursKept, items);
    const weights = neighboursKept === null ? 4 * items * items : 40 * items * kept;
    const rest = 16 * interactions + 40 * (users + items) + 2 ** 26;
    return 4 * padded * padded + 8192 * padded + weights + rest;
  },
  fit: fitEase,
  tensors: (signature, { neighboursKept }) => itemWeightShapes(signature, neighboursKept === null),
  checkModel: checkItemWeights,
  recommend: recommendItemWeights,
  listedAbove,
  scoreAll: scoreItemWeights,
  foldIn: foldInItemWeights,
};
