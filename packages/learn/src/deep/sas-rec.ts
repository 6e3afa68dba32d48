import {
  adamW,
  add,
  concat,
  constant,
  crossEntropy,
  divide,
  type Expression,
  embedding,
  type Feeds,
  input,
  logSoftmax,
  matmul,
  mean,
  multiplyElements,
  negate,
  type OnnxTensor,
  relu,
  reshape,
  slice,
  softplus,
  sum,
} from '@backlot/compute';
import { seededRandom } from '@backlot/core';
import { type ParametersOf, parseParameters } from '../constraint.ts';
import { InvalidModel, InvalidParameter } from '../error.ts';
import type { FitOptions } from '../fit-options.ts';
import type { RecommenderModel } from '../fitted-model.ts';
import type { Interactions } from '../recommenders/interactions.ts';
import type { RecommenderKind } from '../recommenders/recommender-kind.ts';
import { vectorsGraph } from '../recommenders/vectors-graph.ts';
import type { Specification } from '../specification.ts';
import { causalBias, multiHeadAttention } from './attention-layer.ts';
import { dropoutLayer, embeddingTable, layerNorm, linear } from './layers.ts';
import { bindModule, defineModule, type Module } from './module.ts';
import { networkShapes, networkTensors, networkValues, plainValues } from './network-tensors.ts';
import { trainModule } from './train-module.ts';
import {
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
  width: { type: 'integer', min: 4, max: 1024, default: 64, summary: 'The length of a vector.' },
  heads: {
    type: 'integer',
    min: 1,
    max: 64,
    default: 2,
    summary: 'Heads of the attention; they divide the width.',
  },
  blocks: { type: 'integer', min: 1, max: 16, default: 2, summary: 'Blocks of attention.' },
  length: {
    type: 'integer',
    min: 1,
    max: 2048,
    default: 50,
    summary: 'How many of the latest items are read.',
  },
  dropout: {
    type: 'number',
    min: 0,
    max: 0.95,
    default: 0.2,
    summary: 'The share of numbers that a step leaves out.',
  },
  loss: {
    type: 'choice',
    options: ['softmax', 'binary'],
    default: 'softmax',
    summary: 'Softmax over the sampled items, or each by itself as in the paper.',
  },
  negatives: {
    type: 'integer',
    min: 1,
    max: 65_536,
    default: 256,
    summary: 'Items drawn for a step as what did not come next; all where there are no more.',
  },
  epochs: { type: 'integer', min: 1, max: 10_000, default: 50, summary: 'Passes over the users.' },
  batch: { type: 'integer', min: 1, max: 65_536, default: 128, summary: 'Users of a step.' },
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
export type SasRec = Specification<'sasRec', Values>;

/**
 * Self-attention over the sequence of what a person met, to say what comes next (Kang and McAuley 2018).
 * The order is that of `positions`, or of items where there are none; so is that of a `history`. Weights
 * are not used.
 *
 * @example
 * const model = await fit(sasRec({ length: 50 }), interactionsFromPairs({ ...pairs, times }));
 */
export function sasRec(parameters: Partial<Values> = {}): SasRec {
  const parsed = parseParameters('sasRec', constraints, parameters);
  checkHeads(parsed);
  return Object.freeze({ kind: 'sasRec', parameters: parsed });
}

function checkHeads({ width, heads }: Values): void {
  if (width % heads === 0) return;
  throw new InvalidParameter('sasRec', 'heads', `is ${heads}; it must divide the width, ${width}`);
}

/** A block with the norms before attention and layers, which trains more steadily than after. */
function blockOf({ width, heads, dropout }: Values): Module {
  return defineModule({
    parts: {
      before: layerNorm(width),
      attention: multiHeadAttention(width, { heads, dropout }),
      between: layerNorm(width),
      first: linear(width, width),
      second: linear(width, width),
      thin: dropoutLayer(dropout),
    },
    call: ({ part }, x, bias) => {
      const seen = add(x!, part('thin', part('attention', part('before', x!), bias!)));
      const inner = relu(part('first', part('between', seen)));
      return add(seen, part('thin', part('second', inner)));
    },
  });
}

/** From sequences of items [n, length] to what each place says comes next. */
function networkOf(items: number, parameters: Values): Module {
  const { width, length, blocks, dropout } = parameters;
  const names = Array.from({ length: blocks }, (_, at) => `block${at}`);
  return defineModule({
    parameters: { places: { shape: [length, width], start: { kind: 'normal', deviation: 0.02 } } },
    parts: {
      items: embeddingTable(items, width, 1 / Math.sqrt(width)),
      thin: dropoutLayer(dropout),
      ...Object.fromEntries(names.map((name) => [name, blockOf(parameters)])),
      last: layerNorm(width),
    },
    call: ({ own, part }, ids) => {
      const bias = constant({ type: 'float', shape: [length, length], data: causalBias(length) });
      const start = part('thin', add(part('items', ids!), own.places!));
      const deep = names.reduce((x, name) => part(name, x, bias), start);
      return part('last', deep);
    },
  });
}

/** The loss of all places that something follows. */
function lossOf(
  module: ReturnType<typeof bindModule>,
  items: number,
  { length, loss, negatives }: Values,
): Expression {
  const said = module.call(input('items', ['n', length], 'int64'));
  const next = input('next', ['n', length], 'int64');
  const counts = input('counts', ['n', length]);
  const table = module.parameters['items.table']!;
  const average = (each: Expression): Expression =>
    divide(sum(multiplyElements(each, counts)), sum(counts));
  if (loss === 'softmax' && negatives >= items) {
    return average(crossEntropy(matmul(said, table, { transposeB: true }), next));
  }
  const drawn = Math.min(negatives, items);
  const positive = sum(multiplyElements(said, embedding(table, next)), [-1], true);
  const others = embedding(table, input('negatives', [drawn], 'int64'));
  const scores = matmul(said, others, { transposeB: true });
  const negative = add(scores, input('clashes', ['n', length, drawn]));
  if (loss === 'binary') {
    const each = add(softplus(negate(positive)), mean(softplus(negative), [-1], true));
    return average(reshape(each, ['n', length]));
  }
  const all = logSoftmax(concat([positive, negative], -1));
  return average(reshape(negate(slice(all, -1, 0, 1)), ['n', length]));
}

async function fitSasRec(
  specification: Specification<string, Values>,
  interactions: Interactions,
  options: FitOptions,
): Promise<RecommenderModel> {
  const { parameters } = specification;
  checkHeads(parameters);
  const { items } = interactions;
  const { batch, epochs, learningRate: rate, decay, width, loss, negatives } = parameters;
  const network = networkOf(items, parameters);
  const module = bindModule(network);
  const users = usersByContent(interactions);
  const steps = epochs * Math.ceil(users.length / batch);
  const sampled = loss === 'binary' || negatives < items;
  const { parameters: values } = await trainModule({
    ...{ ...options, module, epochs, name: 'sasRec', clipNorm: 5, places: parameters.length },
    loss: lossOf(module, items, parameters),
    optimiser: adamW({ decay, beta2: 0.98 }),
    schedule: { kind: 'cosine', rate, warmUp: Math.min(200, Math.ceil(steps / 20)), steps },
    batches: {
      ...{ rows: users.length, size: batch },
      feeds: feedsOf(parameters, interactions, users, sampled, options.seed ?? 0),
    },
    byRow: sampled && width % 4 === 0 ? ['items.table'] : [],
  });
  return vectorModel(specification, interactions, options, {
    ...networkTensors(network, values),
    userVectors: await userVectors(
      userTower(network, parameters, plainValues(network, values)),
      interactions,
      options,
    ),
  });
}

function feedsOf(
  { length, negatives }: Values,
  interactions: Interactions,
  users: Int32Array,
  sampled: boolean,
  seed: number,
) {
  const { items } = interactions;
  const drawn = Math.min(negatives, items);
  return (rows: Int32Array, step: number): Feeds => {
    const shape = [rows.length, length];
    const ids = new BigInt64Array(rows.length * length);
    const next = new BigInt64Array(ids.length);
    const counts = new Float32Array(ids.length);
    rows.forEach((row, at) => {
      const recent = historyOf(interactions, users[row]!).slice(-length - 1);
      for (let place = 0; place + 1 < recent.length; place++) {
        ids[at * length + place] = BigInt(recent[place]!);
        next[at * length + place] = BigInt(recent[place + 1]!);
        counts[at * length + place] = 1;
      }
    });
    // A batch of people who met one item each says nothing; the sum that is divided by must not be 0.
    if (counts.every((one) => one === 0)) counts[0] = 1e-6;
    const fed: Feeds = {
      items: { type: 'int64', shape, data: ids },
      next: { type: 'int64', shape, data: next },
      counts: { type: 'float', shape, data: counts },
    };
    if (!sampled) return fed;
    const random = seededRandom(seed, 2_000_003 + step);
    const others = Int32Array.from({ length: drawn }, () => random.below(items));
    return { ...fed, ...negativeFeeds(others, next, [...shape, drawn]) };
  };
}

/** Drawn items, each left out of the places where it is what came next. */
function negativeFeeds(others: Int32Array, next: BigInt64Array, shape: readonly number[]): Feeds {
  const columns = new Map<number, number[]>();
  others.forEach((item, column) => {
    const known = columns.get(item);
    if (known) known.push(column);
    else columns.set(item, [column]);
  });
  const clashes = new Float32Array(next.length * others.length);
  next.forEach((item, at) => {
    for (const column of columns.get(Number(item)) ?? [])
      clashes[at * others.length + column] = -1e9;
  });
  return {
    negatives: {
      type: 'int64',
      shape: [others.length],
      data: BigInt64Array.from(others, BigInt),
    },
    clashes: { type: 'float', shape, data: clashes },
  };
}

/** What the last place that is filled says. */
function userTower(
  network: Module,
  { length }: Values,
  values: ReadonlyMap<string, OnnxTensor>,
): UserTower {
  const said = bindModule(network).call(input('items', ['n', length], 'int64'));
  const last = reshape(input('last', ['n', length]), ['n', length, 1]);
  const feeds = (histories: readonly Int32Array[]): Feeds => {
    const shape = [histories.length, length];
    const ids = new BigInt64Array(histories.length * length);
    const chosen = new Float32Array(ids.length);
    histories.forEach((history, at) => {
      const recent = history.slice(-length);
      recent.forEach((item, place) => {
        ids[at * length + place] = BigInt(item);
      });
      if (recent.length > 0) chosen[at * length + recent.length - 1] = 1;
    });
    return {
      items: { type: 'int64', shape, data: ids },
      last: { type: 'float', shape, data: chosen },
    };
  };
  return { vector: sum(multiplyElements(said, last), [1]), values, feeds };
}

const itemTable = 'network.items.table';

export const sasRecKind: RecommenderKind<Values> = {
  kind: 'sasRec',
  summary: 'Self-attention over the sequence of what a person met.',
  constraints,
  memory: ({ users, items, interactions }, { width, blocks, length, negatives, batch, heads }) =>
    32 * width * (items + length + blocks * (6 * width + 12)) +
    32 * batch * length * (Math.min(negatives, items) + blocks * (12 * width + heads * length)) +
    4 * users * (width + 8) +
    16 * interactions,
  fit: fitSasRec,
  tensors: ({ users, items }, parameters) => ({
    ...networkShapes(networkOf(items, parameters)),
    userVectors: { type: 'float32', shape: [users, parameters.width] },
  }),
  checkModel: (model) => {
    const { width, heads } = model.specification.parameters as Values;
    if (width % heads !== 0) throw new InvalidModel('its heads do not divide its width');
  },
  recommend: (model, users, query) => recommendVectors(model, users, query, itemTable),
  onnx: vectorsGraph('userVectors', itemTable),
  foldIn: (model, history) => foldInVectors(model, history, () => towerOfModel(model)),
  scoreAll: (model, subject) => scoreVectors(model, subject, () => towerOfModel(model), itemTable),
};

function towerOfModel(model: RecommenderModel): UserTower {
  const parameters = model.specification.parameters as Values;
  const network = networkOf(model.signature.items, parameters);
  return userTower(network, parameters, networkValues(model, network));
}
