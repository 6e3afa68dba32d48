import {
  add,
  type Expression,
  embedding,
  type Feeds,
  input,
  matmul,
  multiplyElements,
  reshape,
  softmax,
  sum,
} from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import type { ParametersOf } from '../constraint.ts';
import { classesOf, type Examples } from '../examples.ts';
import { type Features, featuresAs } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import type { TabularModel } from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { Learned, TabularKind } from '../tabular-kind.ts';
import { layersOf, trainingOf } from './deep-parameters.ts';
import { type GramOptions, hashedGrams } from './hashed-grams.ts';
import { dropoutLayer } from './layers.ts';
import { likeliest, normalised, rowLoss, targetFeeds, targetScale } from './mlp.ts';
import { bindModule, defineModule, type Module } from './module.ts';
import { networkShapes, networkTensors, networkValues, runNetwork } from './network-tensors.ts';
import { trainModule } from './train-module.ts';

const constraints = {
  width: {
    type: 'integer',
    min: 1,
    max: 256,
    default: 8,
    summary: 'A quarter of the length of the vector of each piece.',
  },
  buckets: {
    type: 'integer',
    min: 16,
    max: 4_194_304,
    default: 65_536,
    scale: 'log',
    summary: 'Vectors that pieces share by hash.',
  },
  shortest: {
    type: 'integer',
    min: 1,
    max: 10,
    default: 3,
    summary: 'Characters of the shortest runs within words.',
  },
  longest: {
    type: 'integer',
    min: 0,
    max: 10,
    default: 4,
    summary: 'Characters of the longest runs within words; 0 for words alone.',
  },
  words: { type: 'integer', min: 1, max: 5, default: 2, summary: 'Words of the longest phrases.' },
  pooling: {
    type: 'choice',
    options: ['attention', 'mean'],
    default: 'attention',
    summary: 'Whether pieces count by what they say or all alike.',
  },
  hidden: {
    type: 'integers',
    min: 1,
    max: 4096,
    maxLength: 8,
    default: [],
    summary: 'The widths of layers between the text and its class.',
  },
  dropout: {
    type: 'number',
    min: 0,
    max: 0.95,
    default: 0.2,
    summary: "The share of a text's vector that a step leaves out.",
  },
  epochs: { type: 'integer', min: 1, max: 10_000, default: 8, summary: 'Passes over the texts.' },
  batch: { type: 'integer', min: 1, max: 65_536, default: 64, summary: 'Texts of a step.' },
  learningRate: {
    type: 'number',
    min: 0,
    above: true,
    max: 1,
    default: 0.01,
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
export type TextClassifier = Specification<'textClassifier', Values>;

/**
 * Classes of texts by the vectors of their words, phrases and runs of characters (Joulin et al. 2017), each
 * counting as much as attention says, in any language whose words Unicode can part.
 *
 * @example
 * const model = await fit(textClassifier(), { features: { texts }, target, classes });
 */
export function textClassifier(parameters: Partial<Values> = {}): TextClassifier {
  return specify('textClassifier', constraints, parameters);
}

function networkOf(classes: number, parameters: Values): Module {
  const { width, buckets, hidden, pooling, dropout } = parameters;
  const length = 4 * width;
  return defineModule({
    parameters: {
      table: { shape: [buckets, length], start: { kind: 'normal', deviation: 0.1 } },
      ...(pooling === 'attention' && {
        query: { shape: [length, 1], start: { kind: 'zeros' } as const },
      }),
    },
    parts: {
      thin: dropoutLayer(dropout),
      out: layersOf([length, ...hidden, classes], { activation: 'relu', dropout }),
    },
    call: ({ own, part }, ids, hidden) => {
      const [rows, count] = ids!.shape as [string, string];
      const pieces = embedding(own.table!, ids!);
      const weights = own.query
        ? add(reshape(matmul(pieces, own.query), [rows, count], hidden), hidden!)
        : hidden!;
      const shares = reshape(softmax(weights), [rows, count, 1], hidden);
      return part('out', part('thin', sum(multiplyElements(pieces, shares), [1])));
    },
  });
}

const inputs = (): readonly [Expression, Expression] => [
  input('pieces', ['n', 'l'], 'int64'),
  input('hidden', ['n', 'l']),
];

/** Pieces side by side; places that hold none are hidden. A text of no piece is one of the first. */
function feedsOf(all: readonly (readonly number[])[], length: number): Feeds {
  const shape = [all.length, length];
  const ids = new BigInt64Array(all.length * length);
  const hidden = new Float32Array(ids.length).fill(-1e9);
  all.forEach((pieces, row) => {
    pieces.forEach((piece, at) => {
      ids[row * length + at] = BigInt(piece);
      hidden[row * length + at] = 0;
    });
    if (pieces.length === 0) hidden[row * length] = 0;
  });
  return {
    pieces: { type: 'int64', shape, data: ids },
    hidden: { type: 'float', shape, data: hidden },
  };
}

async function fitTexts(
  { parameters }: Specification<string, Values>,
  examples: Examples,
  options: FitOptions,
): Promise<Learned> {
  const { texts } = featuresAs(examples.features, 'texts');
  const classes = classesOf(examples);
  const network = networkOf(classes, parameters);
  const module = bindModule(network);
  const pieces = texts.map((text) => hashedGrams(text, parameters));
  const targets = targetFeeds(examples, classes, targetScale(examples, classes));
  const { parameters: values } = await trainModule({
    ...options,
    ...trainingOf(parameters, texts.length),
    ...{ module, loss: rowLoss(module.call(...inputs()), classes), name: 'textClassifier' },
    batches: {
      ...{ rows: texts.length, size: parameters.batch },
      feeds: (rows) => {
        const own = Array.from(rows, (row) => pieces[row]!);
        const longest = own.reduce((most, { length }) => Math.max(most, length), 1);
        return { ...feedsOf(own, longest), ...targets(rows) };
      },
    },
    byRow: ['table'],
  });
  return { tensors: networkTensors(network, values) };
}

/** Rows of a run. */
const runTexts = 32;

/** The least power of two, from 8, that so many pieces fit in: it depends on the text alone. */
function lengthFor(count: number): number {
  return Math.max(8, 2 ** Math.ceil(Math.log2(Math.max(1, count))));
}

async function answers(
  model: TabularModel,
  features: Features,
  signal?: AbortSignal,
): Promise<Matrix> {
  const { texts } = featuresAs(features, 'texts');
  const { classes } = model.signature;
  const network = networkOf(classes, model.specification.parameters as Values);
  const graph = () => ({
    outputs: { out: softmax(bindModule(network).call(...inputs())) },
    values: networkValues(model, network),
  });
  const options: GramOptions = model.specification.parameters as Values;
  const pieces = texts.map((text) => hashedGrams(text, options));
  const values = new Float64Array(texts.length * classes);
  for (const [length, rows] of byLength(pieces)) {
    for (let at = 0; at < rows.length; at += runTexts) {
      throwIfCancelled(signal, 'the prediction');
      const chosen = rows.slice(at, at + runTexts);
      const filled = Array.from({ length: runTexts }, (_, k) => pieces[chosen[k] ?? chosen[0]!]!);
      const { out } = await runNetwork(model, graph, feedsOf(filled, length));
      chosen.forEach((row, k) => {
        const own = (out!.data as Float32Array).subarray(k * classes, (k + 1) * classes);
        values.set(own, row * classes);
      });
    }
  }
  return { rows: texts.length, columns: classes, values };
}

function byLength(pieces: readonly (readonly number[])[]): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  pieces.forEach(({ length }, row) => {
    const key = lengthFor(length);
    const known = found.get(key);
    if (known) known.push(row);
    else found.set(key, [row]);
  });
  return found;
}

export const textClassifierKind: TabularKind<Values> = {
  kind: 'textClassifier',
  family: 'text',
  roles: ['classifier'],
  summary: 'Classes of texts by the vectors of their words and runs of characters.',
  constraints,
  accepts: ['texts'],
  missing: false,
  target: 'classes',
  memory: ({ rows, classes }, { buckets, width, hidden, batch }) => {
    const wide = 4 * width + hidden.reduce((sum, size) => sum + size, classes);
    return 16 * buckets * 4 * width + 64 * wide * wide + 128 * batch * 2048 * width + 16_384 * rows;
  },
  fit: fitTexts,
  tensors: ({ classes }, parameters) => networkShapes(networkOf(classes, parameters)),
  predict: async (model, features, { signal }) => likeliest(await answers(model, features, signal)),
  predictProbabilities: async (model, features, { signal }) =>
    normalised(await answers(model, features, signal)),
};
