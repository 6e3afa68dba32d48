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
  matmul,
  mean,
  multiplyElements,
  type OnnxTensor,
  openGraph,
  printGraph,
  relu,
  slice,
  sqrt,
  square,
  sum,
} from '@backlot/compute';
import { seededRandom } from '@backlot/core';
import { type ParametersOf, parseParameters } from '../constraint.ts';
import type { FitOptions } from '../fit-options.ts';
import { float32, type RecommenderModel, type Tensor } from '../fitted-model.ts';
import type { Interactions } from '../recommenders/interactions.ts';
import type { RecommenderKind } from '../recommenders/recommender-kind.ts';
import { vectorsGraph } from '../recommenders/vectors-graph.ts';
import type { Specification } from '../specification.ts';
import { bagInputs, itemBag } from './item-bag.ts';
import { linear } from './layers.ts';
import { bindModule, defineModule, type Module, type ParameterValues } from './module.ts';
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
  width: { type: 'integer', min: 4, max: 1024, default: 64, summary: 'The length of a vector.' },
  hidden: {
    type: 'integer',
    min: 1,
    max: 4096,
    default: 128,
    summary: "The width of the user tower's layer.",
  },
  temperature: {
    type: 'number',
    min: 0.001,
    max: 10,
    default: 0.1,
    scale: 'log',
    summary: 'What cosines are divided by before the softmax.',
  },
  history: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 100,
    summary: 'The most items of a person that a step reads; more are drawn from.',
  },
  epochs: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 20,
    summary: 'Passes over the interactions.',
  },
  batch: {
    type: 'integer',
    min: 2,
    max: 65_536,
    default: 512,
    summary: "Pairs of a step, which are each other's negatives.",
  },
  learningRate: {
    type: 'number',
    min: 0,
    above: true,
    max: 1,
    default: 0.003,
    scale: 'log',
    summary: 'The highest rate; it falls along half a cosine.',
  },
  decay: {
    type: 'number',
    min: 0,
    max: 10,
    default: 0.01,
    summary: 'The pull of parameters to 0.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type TwoTower = Specification<'twoTower', Values>;

/**
 * A tower for people, from what they met, and one for items, trained by a softmax over the other items of a
 * batch; how often an item is in a batch is taken out of its score (Yi et al. 2019). Weights are not used.
 *
 * @example
 * const model = await fit(twoTower({ width: 64 }), plays, { seed: 1 });
 */
export function twoTower(parameters: Partial<Values> = {}): TwoTower {
  const parsed = parseParameters('twoTower', constraints, parameters);
  return Object.freeze({ kind: 'twoTower', parameters: parsed });
}

function towerOf(items: number, { width, hidden }: Values): Module {
  return defineModule({
    parts: {
      bag: itemBag(items, width, 0.1),
      first: linear(width, hidden),
      second: linear(hidden, width),
    },
    call: ({ part }, ids, shares) => {
      const met = part('bag', ids!, shares!);
      return unitRows(add(met, part('second', relu(part('first', met)))));
    },
  });
}

/** The user tower and, beside it, the items' vectors and biases. */
function trainedOf(items: number, parameters: Values): Module {
  const tower = towerOf(items, parameters);
  return defineModule({
    parameters: {
      itemTable: { shape: [items, parameters.width], start: { kind: 'normal', deviation: 0.1 } },
      itemBias: { shape: [items, 4], start: { kind: 'zeros' } },
    },
    parts: tower.parts,
    call: tower.call,
  });
}

function unitRows(x: Expression): Expression {
  return divide(x, sqrt(add(sum(square(x), [-1], true), 1e-12)));
}

/** The batch's items are each row's classes; the row's own is on the diagonal. */
function lossOf(module: ReturnType<typeof bindModule>, temperature: number): Expression {
  const { itemTable, itemBias } = module.parameters;
  const people = module.call(...bagInputs());
  const positive = input('positive', ['n'], 'int64');
  const items = unitRows(embedding(itemTable!, positive));
  const cosines = matmul(people, items, { transposeB: true, scale: 1 / temperature });
  // Four numbers a row, as tables by row need; their sum is the bias.
  const ones = constant({ type: 'float', shape: [4, 1], data: new Float32Array(4).fill(1) });
  const biases = matmul(embedding(itemBias!, positive), ones);
  const one = add(multiplyElements(slice(people, 1, 0, 1), 0), 1);
  const level = matmul(one, biases, { transposeB: true });
  const logits = add(add(cosines, level), input('correction', ['n', 'n']));
  return mean(crossEntropy(logits, input('own', ['n'], 'int64')));
}

async function fitTwoTower(
  specification: Specification<string, Values>,
  interactions: Interactions,
  options: FitOptions,
): Promise<RecommenderModel> {
  const { parameters } = specification;
  const { items } = interactions;
  const { batch, epochs, learningRate: rate, decay, width } = parameters;
  const module = bindModule(trainedOf(items, parameters));
  const rows = interactions.indices.length;
  const steps = epochs * Math.ceil(rows / batch);
  const { parameters: values } = await trainModule({
    ...{ ...options, module, epochs, name: 'twoTower', clipNorm: 10 },
    loss: lossOf(module, parameters.temperature),
    optimiser: adamW({ decay }),
    schedule: { kind: 'cosine', rate, warmUp: Math.ceil(steps / 50), steps },
    batches: { rows, size: batch, feeds: feedsOf(parameters, interactions, options.seed ?? 0) },
    byRow: width % 4 === 0 ? ['bag.table', 'itemTable', 'itemBias'] : [],
  });
  const tower = towerOf(items, parameters);
  return vectorModel(specification, interactions, options, {
    ...networkTensors(tower, values),
    itemVectors: await itemVectors(values, items, width),
    userVectors: await userVectors(
      userTower(tower, parameters, plainValues(tower, values)),
      interactions,
      options,
    ),
  });
}

async function itemVectors(
  values: ParameterValues,
  items: number,
  width: number,
): Promise<Tensor<'float32'>> {
  const table = input('table', [items, width]);
  const graph = printGraph({ name: 'items', outputs: { vectors: unitRows(table) } });
  await using session = await openGraph(graph);
  const { vectors } = await session.run({
    table: { type: 'float', shape: [items, width], data: values.itemTable! },
  });
  const data = new Float32Array(items * (width + 1));
  for (let item = 0; item < items; item++) {
    const own = (vectors!.data as Float32Array).subarray(item * width, (item + 1) * width);
    data.set(own, item * (width + 1));
    const bias = values.itemBias!.subarray(4 * item, 4 * item + 4);
    data[(item + 1) * (width + 1) - 1] = bias.reduce((sum, one) => sum + one, 0);
  }
  return float32([items, width + 1], data);
}

function feedsOf({ history: most }: Values, interactions: Interactions, seed: number) {
  const { items, indices } = interactions;
  const counts = new Float64Array(items);
  for (const item of indices) counts[item]!++;
  const users = usersByContent(interactions);
  const owner: number[] = [];
  const item: number[] = [];
  for (const user of users) {
    for (const one of historyOf(interactions, user)) {
      owner.push(user);
      item.push(one);
    }
  }
  return (rows: Int32Array, step: number): Feeds => {
    const random = seededRandom(seed, 2_000_003 + step);
    const n = rows.length;
    const positives = Array.from(rows, (row) => item[row]!);
    const correction = new Float32Array(n * n);
    const rest = Array.from(rows, (row, at) => {
      const all = historyOf(interactions, owner[row]!);
      const met = new Set(all);
      positives.forEach((other, column) => {
        const clash = column !== at && met.has(other);
        const often = Math.log(counts[other]! / indices.length);
        correction[at * n + column] = clash ? -1e9 : -often;
      });
      const others = all.filter((one) => one !== positives[at]);
      return others.length > most ? random.shuffle(others).slice(0, most) : others;
    });
    return {
      ...bags(rest, ({ length }) => 1 / Math.sqrt(length)),
      positive: { type: 'int64', shape: [n], data: BigInt64Array.from(positives, BigInt) },
      own: { type: 'int64', shape: [n], data: BigInt64Array.from(positives.keys(), BigInt) },
      correction: { type: 'float', shape: [n, n], data: correction },
    };
  };
}

function userTower(
  tower: Module,
  { temperature, history }: Values,
  values: ReadonlyMap<string, OnnxTensor>,
): UserTower {
  const people = bindModule(tower).call(...bagInputs());
  const ones = add(multiplyElements(slice(people, 1, 0, 1), 0), 1);
  const vector = concat([multiplyElements(people, 1 / temperature), ones], 1);
  const feeds = (given: readonly Int32Array[]): Feeds => {
    const recent = given.map((one) => one.slice(-history));
    return bags(recent, ({ length }) => 1 / Math.sqrt(length));
  };
  return { vector, values, feeds };
}

export const twoTowerKind: RecommenderKind<Values> = {
  kind: 'twoTower',
  summary: 'A tower for people and one for items, trained on pairs against each other.',
  constraints,
  memory: ({ users, items, interactions }, { width, hidden, batch, history }) =>
    64 * (items * (width + 4) + 2 * width * hidden) +
    16 * batch * (2 * batch + history * (width + 2) + hidden + 4 * width) +
    4 * users * (width + 8) +
    48 * interactions,
  fit: fitTwoTower,
  tensors: ({ users, items }, parameters) => ({
    ...networkShapes(towerOf(items, parameters)),
    itemVectors: { type: 'float32', shape: [items, parameters.width + 1] },
    userVectors: { type: 'float32', shape: [users, parameters.width + 1] },
  }),
  recommend: recommendVectors,
  onnx: vectorsGraph(),
  foldIn: (model, history) => foldInVectors(model, history, () => towerOfModel(model)),
  scoreAll: (model, subject) => scoreVectors(model, subject, () => towerOfModel(model)),
};

function towerOfModel(model: RecommenderModel): UserTower {
  const parameters = model.specification.parameters as Values;
  const tower = towerOf(model.signature.items, parameters);
  return userTower(tower, parameters, networkValues(model, tower));
}
