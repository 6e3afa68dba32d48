import type { ParametersOf } from '../../constraint.ts';
import { recommendVectors } from '../../deep/vector-recommender.ts';
import { type Specification, specify } from '../../specification.ts';
import type { RecommenderKind } from '../recommender-kind.ts';
import { vectorsGraph } from '../vectors-graph.ts';
import { fitBpr } from './fit-bpr.ts';
import { foldInPairwise } from './fold-in-pairwise.ts';
import { scoreSubject } from './score-subject.ts';

const constraints = {
  factors: {
    type: 'integer',
    min: 1,
    max: 2048,
    default: 64,
    summary: 'The length of the vector of each user and item.',
  },
  epochs: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 60,
    summary: 'Passes over the interactions.',
  },
  learningRate: {
    type: 'number',
    min: 0,
    above: true,
    max: 1,
    default: 0.1,
    scale: 'log',
    summary: 'The length of the first steps; it falls along a line to a tenth.',
  },
  regularisation: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0.01,
    summary: 'The pull of vectors to 0, for each step that they are in.',
  },
  biasRegularisation: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0.01,
    summary: 'The pull of the items’ biases to 0.',
  },
  negatives: {
    type: 'choice',
    options: ['uniform', 'popularity'],
    default: 'uniform',
    summary: 'What is drawn that a person has not met: any item alike, or by how many met it.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type Bpr = Specification<'bpr', Values>;
export type BprValues = Values;

/**
 * Bayesian personalised ranking of a matrix factorisation with item biases (Rendle et al. 2009): for each
 * interaction of user u with item i and an item j that u has not met, drawn anew each time,
 * x = u (v_i - v_j) + b_i - b_j, and a step down
 * -ln sigma(x) + regularisation / 2 (|u|^2 + |v_i|^2 + |v_j|^2) + biasRegularisation / 2 (b_i^2 + b_j^2).
 * Each epoch deals items to at most 16 blocks anew; j comes from the block of i, which is what lets threads
 * share an epoch without changing its result. Weights are not used.
 *
 * Someone new gets the vector that minimises the same loss beside the items', against 256 items drawn alike.
 *
 * @example
 * const model = await fit(bpr({ factors: 64, epochs: 100 }), plays, { seed: 1 });
 */
export function bpr(parameters: Partial<Values> = {}): Bpr {
  return specify('bpr', constraints, parameters);
}

export const bprKind: RecommenderKind<Values> = {
  kind: 'bpr',
  summary: 'Matrix factorisation trained to rank what people met before what they did not.',
  constraints,
  memory: ({ users, items, interactions }, { factors }) =>
    8 * (users + items) * (8 * Math.ceil(factors / 8) + 8) + 24 * interactions + 2 ** 17,
  fit: fitBpr,
  tensors: ({ users, items }, { factors }) => ({
    userVectors: { type: 'float32', shape: [users, factors + 1] },
    itemVectors: { type: 'float32', shape: [items, factors + 1] },
  }),
  recommend: recommendVectors,
  foldIn: foldInPairwise,
  onnx: vectorsGraph(),
  scoreAll: (model, subject) => scoreSubject(model, subject, foldInPairwise),
};
