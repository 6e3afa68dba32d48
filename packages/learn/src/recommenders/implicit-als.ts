import { type ParametersOf, parseParameters } from '../constraint.ts';
import { type RecommenderModel, tensorOf } from '../fitted-model.ts';
import type { Specification } from '../specification.ts';
import { fitImplicitALS } from './als/fit.ts';
import { foldInItems } from './als/fold-in.ts';
import { rankFactors } from './als/rank-factors.ts';
import type { RecommenderKind } from './recommender-kind.ts';
import { vectorsGraph } from './vectors-graph.ts';

const constraints = {
  factors: {
    type: 'integer',
    min: 1,
    max: 2048,
    default: 64,
    summary: 'The length of the vector of each user and item.',
  },
  regularisation: {
    type: 'number',
    min: 0,
    above: true,
    max: 1e9,
    default: 0.1,
    summary: 'The weight of the squared length of the vectors.',
  },
  alpha: {
    type: 'number',
    min: 0,
    above: true,
    max: 1e6,
    default: 10,
    summary:
      'How much more an interaction of weight 1 counts than none: its confidence is 1 + alpha.',
  },
  frequencyScaling: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0,
    summary:
      'The exponent by which the regularisation of a row grows with its interactions; 0 is the same for all.',
  },
  iterations: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: 12,
    summary: 'How often users and then items are solved for; users once more at the end.',
  },
  block: {
    type: 'integer',
    min: 1,
    max: 2048,
    optional: true,
    default: null,
    summary:
      'How many dimensions are solved for at once (the next multiple of 8); null is all, each time anew.',
  },
} as const;

export type ImplicitALSValues = ParametersOf<typeof constraints>;
export type ImplicitALS = Specification<'implicitALS', ImplicitALSValues>;

/**
 * Matrix factorisation of implicit feedback by alternating least squares (Hu, Koren and Volinsky 2008):
 * each interaction of weight w is a 1 with confidence 1 + alpha w, each other pair a 0 with confidence 1.
 * With `frequencyScaling` nu, the regularisation of a row with n interactions facing m rows is
 * regularisation (n + m / alpha)^nu, as Rendle et al. (2021, equation 6) with their unobserved weight
 * 1 / alpha; their lambda is ours divided by alpha, for they count an interaction as 1.
 *
 * Each row is solved exactly (or by conjugate gradients to 0.3% above 12 interactions) in the coordinates in
 * which the other side's Gram matrix is the identity. With `block`, a round moves each block of dimensions in
 * turn by a step of Newton's from where it stands (Rendle et al. 2021, iALS++): they end where whole
 * rounds do. On 512 factors, blocks of 64 and of 128 took 1.4 to 1.6 times the processor time of whole rounds
 * to the same NDCG, since whitening spares those the cost that blocks were made to avoid.
 *
 * @example
 * const model = await fit(implicitALS({ factors: 64, alpha: 10 }), plays, { seed: 1 });
 */
export function implicitALS(parameters: Partial<ImplicitALSValues> = {}): ImplicitALS {
  const parsed = parseParameters('implicitALS', constraints, parameters);
  return Object.freeze({ kind: 'implicitALS', parameters: parsed });
}

export const implicitALSKind: RecommenderKind<ImplicitALSValues> = {
  kind: 'implicitALS',
  summary: 'Matrix factorisation of implicit feedback by alternating least squares.',
  constraints,
  memory: ({ users, items, interactions }, { factors, block }) => {
    const columns = 8 * Math.ceil(factors / 8);
    const rows = Math.max(users, items) + 4;
    const width = Math.min(columns, 8 * Math.ceil((block ?? 0) / 8));
    const whole = 4 * columns * (3 * rows + 64 * columns);
    return whole + 12 * rows * width + 56 * interactions + 16 * (users + items);
  },
  fit: fitImplicitALS,
  tensors: ({ users, items }, { factors }) => ({
    userFactors: { type: 'float32', shape: [users, factors] },
    itemFactors: { type: 'float32', shape: [items, factors] },
    itemGram: { type: 'float64', shape: [factors, factors] },
  }),
  recommend: (model, users, query) =>
    rankFactors(factorsOfUsers(model, users), tensorOf(model, 'itemFactors', 'float32'), query),
  foldIn: foldInItems,
  onnx: vectorsGraph('userFactors', 'itemFactors'),
  scoreAll: (model, subject) =>
    products(
      'user' in subject
        ? factorsOfUsers(model, Int32Array.of(subject.user))
        : foldInItems(model, subject.history),
      tensorOf(model, 'itemFactors', 'float32').data,
    ),
};

function factorsOfUsers(model: RecommenderModel, users: Int32Array): Float32Array {
  const { data, shape } = tensorOf(model, 'userFactors', 'float32');
  const width = shape[1]!;
  const gathered = new Float32Array(users.length * width);
  users.forEach((user, at) => {
    gathered.set(data.subarray(user * width, (user + 1) * width), at * width);
  });
  return gathered;
}

function products(factor: Float32Array, items: Float32Array): Float32Array {
  const width = factor.length;
  const scores = new Float32Array(items.length / width);
  for (let item = 0; item < scores.length; item++) {
    const start = item * width;
    let value = 0;
    for (let k = 0; k < width; k++) value += factor[k]! * items[start + k]!;
    scores[item] = value;
  }
  return scores;
}
