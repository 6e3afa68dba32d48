import {
  adamW,
  add,
  concat,
  constant,
  type Expression,
  exp,
  input,
  logSoftmax,
  matmul,
  mean,
  multiplyElements,
  negate,
  type OnnxTensor,
  slice,
  square,
  subtract,
  sum,
  tanh,
} from '@backlot/compute';
import { seededRandom } from '@backlot/core';
import { type ParametersOf, parseParameters } from '../constraint.ts';
import type { FitOptions } from '../fit-options.ts';
import { float32, type RecommenderModel } from '../fitted-model.ts';
import type { Interactions } from '../recommenders/interactions.ts';
import type { RecommenderKind } from '../recommenders/recommender-kind.ts';
import { vectorsGraph } from '../recommenders/vectors-graph.ts';
import type { Specification } from '../specification.ts';
import { bagInputs, itemBag } from './item-bag.ts';
import { linear } from './layers.ts';
import { bindModule, defineModule, type Module } from './module.ts';
import { networkShapes, networkTensors, networkValues, plainValues } from './network-tensors.ts';
import { trainModule } from './train-module.ts';
import {
  bags,
  foldInVectors,
  historyOf,
  recommendVectors,
  scoreVectors,
  type UserTower,
  usersByContent,
  userVectors,
  vectorModel,
} from './vector-recommender.ts';

const constraints = {
  hidden: { type: 'integer', min: 4, max: 4096, default: 300, summary: 'The width of the layers.' },
  latent: { type: 'integer', min: 1, max: 1024, default: 100, summary: 'The width of the code.' },
  dropout: {
    type: 'number',
    min: 0,
    max: 0.95,
    default: 0.5,
    summary: 'The share of what a person met that a step does not see.',
  },
  divergence: {
    type: 'number',
    min: 0,
    max: 10,
    default: 0.2,
    summary: 'How much the divergence of the code from its prior counts once it counts in full.',
  },
  anneal: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0.5,
    summary: 'The share of the steps over which the divergence comes to count in full.',
  },
  epochs: { type: 'integer', min: 1, max: 10_000, default: 50, summary: 'Passes over the users.' },
  batch: { type: 'integer', min: 1, max: 65_536, default: 256, summary: 'Users of a step.' },
  learningRate: {
    type: 'number',
    min: 0,
    above: true,
    max: 1,
    default: 0.001,
    scale: 'log',
    summary: 'The highest rate; it falls along half a cosine.',
  },
  decay: { type: 'number', min: 0, max: 10, default: 0, summary: 'The pull of parameters to 0.' },
} as const;

type Values = ParametersOf<typeof constraints>;
export type MultVae = Specification<'multVae', Values>;

/**
 * A variational autoencoder of what people met, with a multinomial likelihood (Liang et al. 2018): each
 * person's items are coded as a normal distribution, from which the shares of all items are drawn back.
 * Weights are not used.
 *
 * @example
 * const model = await fit(multVae({ epochs: 100 }), plays, { seed: 1 });
 */
export function multVae(parameters: Partial<Values> = {}): MultVae {
  const parsed = parseParameters('multVae', constraints, parameters);
  return Object.freeze({ kind: 'multVae', parameters: parsed });
}

/** From items to the last hidden layer, through the middle of the code. */
function towerOf(items: number, { hidden, latent }: Values): Module {
  return defineModule({
    parameters: { bias: { shape: [hidden], start: { kind: 'zeros' } } },
    parts: {
      bag: itemBag(items, hidden, Math.sqrt(2 / (items + hidden))),
      middle: linear(hidden, latent),
      decoder: linear(latent, hidden),
    },
    call: ({ own, part }, ids, shares) => {
      const first = tanh(add(part('bag', ids!, shares!), own.bias!));
      return tanh(part('decoder', part('middle', first)));
    },
  });
}

/** The tower with what only training needs. */
function trainedOf(items: number, parameters: Values): Module {
  const tower = towerOf(items, parameters);
  const { hidden, latent } = parameters;
  return defineModule({
    parameters: {
      ...tower.parameters,
      outBias: { shape: [items], start: { kind: 'zeros' } },
      out: { shape: [items, hidden], start: { kind: 'glorot' } },
    },
    parts: { ...tower.parts, spread: linear(hidden, latent) },
    call: tower.call,
  });
}

/** Minus the multinomial log likelihood and the divergence from a standard normal (their equation 6). */
function lossOf(module: ReturnType<typeof bindModule>, items: number, latent: number): Expression {
  const { parameters, part } = module;
  const first = tanh(add(part('bag', ...bagInputs()), parameters.bias!));
  const [middle, spread] = [part('middle', first), part('spread', first)];
  const noise = multiplyElements(input('noise', ['n', latent]), exp(multiplyElements(spread, 0.5)));
  const hidden = tanh(part('decoder', add(middle, noise)));
  const logits = add(matmul(hidden, parameters.out!, { transposeB: true }), parameters.outBias!);
  const met = input('met', ['n', items]);
  const likelihood = sum(multiplyElements(logSoftmax(logits), met), [1]);
  const inner = subtract(subtract(add(spread, 1), square(middle)), exp(spread));
  const divergence = multiplyElements(sum(inner, [1]), -0.5);
  return mean(add(negate(likelihood), multiplyElements(input('divergence', []), divergence)));
}

/** By the root of how many there are, so that each row has length 1. */
const unit = ({ length }: Int32Array): number => 1 / Math.sqrt(length);

async function fitMultVae(
  specification: Specification<string, Values>,
  interactions: Interactions,
  options: FitOptions,
): Promise<RecommenderModel> {
  const { parameters } = specification;
  const { items } = interactions;
  const { hidden, batch, epochs, learningRate: rate, decay } = parameters;
  const network = trainedOf(items, parameters);
  const module = bindModule(network);
  const users = usersByContent(interactions);
  const steps = epochs * Math.ceil(users.length / batch);
  const { parameters: values } = await trainModule({
    ...{ ...options, module, epochs, name: 'multVae', clipNorm: 10 },
    loss: lossOf(module, items, parameters.latent),
    optimiser: adamW({ decay }),
    schedule: { kind: 'cosine', rate, warmUp: Math.ceil(steps / 50), steps },
    batches: {
      ...{ rows: users.length, size: batch },
      feeds: feedsOf(parameters, interactions, users, steps, options.seed ?? 0),
    },
    byRow: hidden % 4 === 0 ? ['bag.table'] : [],
  });
  const tower = towerOf(items, parameters);
  const itemVectors = new Float32Array(items * (hidden + 1));
  for (let item = 0; item < items; item++) {
    const own = values.out!.subarray(item * hidden, (item + 1) * hidden);
    itemVectors.set(own, item * (hidden + 1));
    itemVectors[(item + 1) * (hidden + 1) - 1] = values.outBias![item]!;
  }
  return vectorModel(specification, interactions, options, {
    ...networkTensors(tower, values),
    itemVectors: float32([items, hidden + 1], itemVectors),
    userVectors: await userVectors(
      userTower(tower, plainValues(tower, values)),
      interactions,
      options,
    ),
  });
}

function feedsOf(
  { dropout, latent, divergence, anneal }: Values,
  interactions: Interactions,
  users: Int32Array,
  steps: number,
  seed: number,
) {
  const { items } = interactions;
  return (rows: Int32Array, step: number) => {
    const random = seededRandom(seed, 2_000_003 + step);
    const histories = Array.from(rows, (row) => historyOf(interactions, users[row]!));
    const met = new Float32Array(rows.length * items);
    histories.forEach((history, row) => {
      for (const item of history) met[row * items + item] = 1;
    });
    const seen = bags(histories, (history) =>
      random.uniform() < dropout ? 0 : unit(history) / (1 - dropout),
    );
    const noise = Float32Array.from({ length: rows.length * latent }, () => random.normal());
    const counts = divergence * Math.min(1, step / Math.max(1, anneal * steps));
    const float = (shape: readonly number[], data: Float32Array): OnnxTensor => ({
      ...{ type: 'float', shape, data },
    });
    return {
      ...seen,
      met: float([rows.length, items], met),
      noise: float([rows.length, latent], noise),
      divergence: float([], Float32Array.of(counts)),
    };
  };
}

/** The hidden layer with a 1 beside it, for the items' biases. */
function userTower(tower: Module, values: ReadonlyMap<string, OnnxTensor>): UserTower {
  const hidden = bindModule(tower).call(...bagInputs());
  const one = constant({ type: 'float', shape: [], data: Float32Array.of(1) });
  const ones = add(multiplyElements(slice(hidden, 1, 0, 1), 0), one);
  return { vector: concat([hidden, ones], 1), values, feeds: (given) => bags(given, unit) };
}

export const multVaeKind: RecommenderKind<Values> = {
  kind: 'multVae',
  summary: 'A variational autoencoder of what people met.',
  constraints,
  memory: ({ users, items, interactions }, { hidden, latent, batch }) =>
    40 * items * (hidden + 2) +
    64 * (hidden + 1) * (3 * latent + 2) +
    16 * batch * (4 * items + 8 * hidden) +
    4 * users * (hidden + 4) +
    32 * interactions +
    2 ** 25,
  fit: fitMultVae,
  tensors: ({ users, items }, parameters) => ({
    ...networkShapes(towerOf(items, parameters)),
    itemVectors: { type: 'float32', shape: [items, parameters.hidden + 1] },
    userVectors: { type: 'float32', shape: [users, parameters.hidden + 1] },
  }),
  recommend: recommendVectors,
  onnx: vectorsGraph(),
  foldIn: (model, history) => foldInVectors(model, history, () => towerOfModel(model)),
  scoreAll: (model, subject) => scoreVectors(model, subject, () => towerOfModel(model)),
};

function towerOfModel(model: RecommenderModel): UserTower {
  const tower = towerOf(model.signature.items, model.specification.parameters as Values);
  return userTower(tower, networkValues(model, tower));
}
