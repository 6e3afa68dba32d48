import type { ParametersOf } from '../../constraint.ts';
import { recommendVectors } from '../../deep/vector-recommender.ts';
import { InvalidModel } from '../../error.ts';
import { type RecommenderModel, tensorOf } from '../../fitted-model.ts';
import { type Specification, specify } from '../../specification.ts';
import type { RecommenderKind } from '../recommender-kind.ts';
import { vectorsGraph } from '../vectors-graph.ts';
import { fitUltraGCN } from './fit-ultra-gcn.ts';
import { foldInConstrained } from './fold-in-constrained.ts';
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
    default: 30,
    summary: 'Passes over the interactions.',
  },
  learningRate: {
    type: 'number',
    min: 0,
    above: true,
    max: 1,
    default: 0.01,
    scale: 'log',
    summary: 'The length of the first steps; it falls along a line to a tenth.',
  },
  negatives: {
    type: 'integer',
    min: 1,
    max: 2000,
    default: 50,
    summary: 'Items that are drawn for each interaction, of those the person has not met.',
  },
  negativeWeight: {
    type: 'number',
    min: 0,
    max: 10_000,
    default: 150,
    summary: 'What the mean over the drawn items counts beside the interaction.',
  },
  positiveFlat: {
    type: 'number',
    min: 0,
    max: 10_000,
    default: 1e-7,
    summary: 'The part of an interaction’s weight that is the same for all (w1).',
  },
  positiveScaled: {
    type: 'number',
    min: 0,
    max: 10_000,
    default: 1,
    summary: 'The part that is by how much the user and the item met (w2).',
  },
  negativeFlat: {
    type: 'number',
    min: 0,
    max: 10_000,
    default: 1e-7,
    summary: 'The part of a drawn pair’s weight that is the same for all (w3).',
  },
  negativeScaled: {
    type: 'number',
    min: 0,
    max: 10_000,
    default: 1,
    summary: 'The part that is by how much the user and the item met (w4).',
  },
  itemWeight: {
    type: 'number',
    min: 0,
    max: 10_000,
    default: 0.3,
    summary: 'What the constraints between items count (lambda).',
  },
  neighbours: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: 10,
    summary: 'How many other items each is constrained to.',
  },
  regularisation: {
    type: 'number',
    min: 0,
    max: 10,
    default: 0.001,
    summary: 'The pull of both vectors to 0, for each interaction (gamma).',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type UltraGCN = Specification<'ultraGCN', Values>;
export type UltraGCNValues = Values;

/**
 * Vectors trained towards where infinitely many layers of graph convolution would leave them (Mao et al. 2021).
 * With degrees d and beta_ui = sqrt(d_u + 1) / d_u / sqrt(d_i + 1), for each interaction (u, i)
 *
 * (w1 + w2 beta_ui) s(-u v_i) + negativeWeight mean over drawn j of (w3 + w4 beta_uj) s(u v_j)
 * + lambda sum over the neighbours k of i of omega_ik s(-u v_k) + gamma / 2 (|u|^2 + |v_i|^2), s(x) = ln(1 + e^x),
 *
 * and omega_ik as in their equation 13, the K largest. The authors pull all parameters to 0 at each step of
 * their batches; here a vector is pulled as often as it is met. Steps are by the root of one running mean square a
 * row (RMSProp) rather than Adam's, one interaction at a time; a person's terms of one item k are added up first. Drawn
 * items come from the block of i, as for `bpr`. Weights are not used.
 *
 * Someone new gets the vector that minimises the same loss beside the items', against 1,024 items drawn alike.
 *
 * @example
 * const model = await fit(ultraGCN({ factors: 64 }), plays, { seed: 1 });
 */
export function ultraGCN(parameters: Partial<Values> = {}): UltraGCN {
  return specify('ultraGCN', constraints, parameters);
}

export const ultraGCNKind: RecommenderKind<Values> = {
  kind: 'ultraGCN',
  summary: 'Vectors held to what graph convolution ends in: by interactions, and between items.',
  constraints,
  memory: ({ users, items, interactions }, { factors, neighbours }) => {
    const vectors = 8 * (users + items) * (8 * Math.ceil(factors / 8) + 8);
    const pairs = interactions * (1 + neighbours);
    return vectors + 48 * pairs + 24 * items * (neighbours + 4) + 2 ** 18;
  },
  fit: fitUltraGCN,
  tensors: ({ users, items }, { factors, neighbours }) => {
    const width = Math.max(1, Math.min(neighbours, items - 1));
    return {
      userVectors: { type: 'float32', shape: [users, factors] },
      itemVectors: { type: 'float32', shape: [items, factors] },
      itemScales: { type: 'float32', shape: [items] },
      neighbours: { type: 'int32', shape: [items, width] },
      neighbourWeights: { type: 'float32', shape: [items, width] },
    };
  },
  checkModel: checkNeighbours,
  recommend: recommendVectors,
  foldIn: foldInConstrained,
  onnx: vectorsGraph(),
  scoreAll: (model, subject) => scoreSubject(model, subject, foldInConstrained),
};

function checkNeighbours(model: RecommenderModel): void {
  const { items } = model.signature;
  for (const item of tensorOf(model, 'neighbours', 'int32').data) {
    if (item >= 0 && item < items) continue;
    throw new InvalidModel(`a neighbour is item ${item} of ${items}`);
  }
}
