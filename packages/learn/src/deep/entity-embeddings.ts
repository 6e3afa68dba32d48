import {
  concat,
  type Expression,
  embedding,
  type Feeds,
  input,
  type OnnxTensor,
  softmax,
} from '@backlot/compute';
import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples, InvalidModel } from '../error.ts';
import { classesOf, type Examples } from '../examples.ts';
import { type Features, type Field, type Frame, featuresAs } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import { type Fact, factOf, type TabularModel, tensorOf } from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { Learned, TabularKind } from '../tabular-kind.ts';
import { type ColumnScale, columnScale, scaledRows } from './column-scale.ts';
import { deepConstraints, layersOf, trainingOf } from './deep-parameters.ts';
import {
  checkScale,
  likeliest,
  normalised,
  rowLoss,
  scaleOf,
  scaleShapes,
  scaleTensors,
  targetFeeds,
  targetScale,
} from './mlp.ts';
import { bindModule, defineModule, type Module } from './module.ts';
import {
  inBatches,
  networkShapes,
  networkTensors,
  networkValues,
  runNetwork,
} from './network-tensors.ts';
import { trainModule } from './train-module.ts';

type Values = ParametersOf<typeof deepConstraints>;
export type EmbeddingRegressor = Specification<'embeddingRegressor', Values>;
export type EmbeddingClassifier = Specification<'embeddingClassifier', Values>;

/**
 * A network for tables of numbers and words: each word of a column has a vector that is learned with the
 * rest (Guo and Berkhahn 2016). Words that were not seen, and absent ones, share a vector; an absent
 * number is the mean.
 *
 * @example
 * const model = await fit(embeddingRegressor({ hidden: [128] }), { features: frame, target });
 */
export function embeddingRegressor(parameters: Partial<Values> = {}): EmbeddingRegressor {
  return specify('embeddingRegressor', deepConstraints, parameters);
}

/** A class from numbers and words, as `embeddingRegressor`. */
export function embeddingClassifier(parameters: Partial<Values> = {}): EmbeddingClassifier {
  return specify('embeddingClassifier', deepConstraints, parameters);
}

/** By column: its words, or null where it holds numbers. */
type Vocabulary = readonly (readonly string[] | null)[];

/** The length of a vector for so many words. */
function widthFor(words: number): number {
  return Math.min(50, Math.ceil((words + 1) / 2));
}

function networkOf(vocabulary: Vocabulary, outputs: number, parameters: Values): Module {
  const tables = vocabulary.flatMap((words, column) =>
    words ? [[`table${column}`, [words.length + 1, widthFor(words.length)]] as const] : [],
  );
  const numbers = vocabulary.filter((words) => !words).length;
  const width = tables.reduce((sum, [, [, size]]) => sum + size!, numbers);
  const start = { kind: 'normal', deviation: 0.1 } as const;
  return defineModule({
    parameters: Object.fromEntries(tables.map(([name, shape]) => [name, { shape, start }])),
    parts: { layers: layersOf([width, ...parameters.hidden, outputs], parameters) },
    call: ({ own, part }, ...inputs) => {
      const plain = numbers > 0 ? inputs.slice(0, 1) : [];
      const words = inputs.slice(plain.length);
      const vectors = tables.map(([name], at) => embedding(own[name]!, words[at]!));
      return part('layers', concat([...plain, ...vectors], 1));
    },
  });
}

function inputsOf(vocabulary: Vocabulary): readonly Expression[] {
  const numbers = vocabulary.filter((words) => !words).length;
  const words = vocabulary.flatMap((one, column) =>
    one ? [input(`words${column}`, ['n'], 'int64')] : [],
  );
  return [...(numbers > 0 ? [input('numbers', ['n', numbers])] : []), ...words];
}

function vocabularyOf({ fields }: Frame): Vocabulary {
  return fields.map((field) => {
    if (!('words' in field)) return null;
    const words = new Set(field.words);
    words.delete(null);
    return [...(words as Set<string>)].sort();
  });
}

/** The columns of numbers as a matrix. */
function numbersOf({ rows, fields }: Frame): Matrix {
  const columns = fields.filter((field) => 'numbers' in field);
  const values = new Float64Array(rows * columns.length);
  columns.forEach(({ numbers }, column) => {
    for (let row = 0; row < rows; row++) values[row * columns.length + column] = numbers[row]!;
  });
  return { rows, columns: columns.length, values };
}

/** Feeds for rows of a frame. */
function frameFeeds(
  frame: Frame,
  vocabulary: Vocabulary,
  scale: ColumnScale,
): (rows: Int32Array) => Feeds {
  const numbers = numbersOf(frame);
  const indices = frame.fields.map((field, column) => indicesOf(field, vocabulary[column]!));
  return (rows) => {
    const feeds: Record<string, OnnxTensor> = {};
    if (numbers.columns > 0) {
      const shape = [rows.length, numbers.columns];
      feeds.numbers = { type: 'float', shape, data: scaledRows(numbers, scale, rows) };
    }
    indices.forEach((own, column) => {
      if (!own) return;
      const data = BigInt64Array.from(rows, (row) => own[row]!);
      feeds[`words${column}`] = { type: 'int64', shape: [rows.length], data };
    });
    return feeds;
  };
}

/** 0 for words that are not known, else 1 more than the place of the word. */
function indicesOf(field: Field, words: readonly string[] | null): BigInt64Array | undefined {
  const given = 'words' in field ? field.words : undefined;
  if (!given !== !words) {
    const wanted = words ? 'words' : 'numbers';
    throw new InvalidExamples(`column ${field.name} does not hold ${wanted}, as the training rows`);
  }
  if (!given) return undefined;
  const places = new Map<string | null, bigint>(words!.map((word, at) => [word, BigInt(at + 1)]));
  return BigInt64Array.from(given, (word) => places.get(word) ?? 0n);
}

async function fitFrame(
  { kind, parameters }: Specification<string, Values>,
  examples: Examples,
  options: FitOptions,
): Promise<Learned> {
  const frame = featuresAs(examples.features, 'frame');
  const classes = kind === 'embeddingClassifier' ? classesOf(examples) : 0;
  const vocabulary = vocabularyOf(frame);
  const network = networkOf(vocabulary, classes || 1, parameters);
  const module = bindModule(network);
  const scale = columnScale(numbersOf(frame), examples.weights);
  const ofTarget = targetScale(examples, classes);
  const [features, targets] = [
    frameFeeds(frame, vocabulary, scale),
    targetFeeds(examples, classes, ofTarget),
  ];
  const { parameters: values } = await trainModule({
    ...options,
    ...trainingOf(parameters, frame.rows),
    ...{ module, loss: rowLoss(module.call(...inputsOf(vocabulary)), classes), name: kind },
    batches: {
      ...{ rows: frame.rows, size: parameters.batch },
      feeds: (rows) => ({ ...features(rows), ...targets(rows) }),
    },
  });
  return {
    facts: { vocabulary },
    tensors: { ...networkTensors(network, values), ...scaleTensors(scale, ofTarget) },
  };
}

/** The vocabulary among facts that nobody vouches for. */
function readVocabulary(facts: Readonly<Record<string, Fact>>, columns: number): Vocabulary {
  const given = Object.hasOwn(facts, 'vocabulary') ? facts.vocabulary : undefined;
  const fits =
    Array.isArray(given) &&
    given.length === columns &&
    given.every((own) => {
      return own === null || (Array.isArray(own) && own.every((word) => typeof word === 'string'));
    });
  if (!fits) throw new InvalidModel('its vocabulary is no list of words by column');
  return given as Vocabulary;
}

async function answers(model: TabularModel, features: Features): Promise<Matrix> {
  const frame = featuresAs(features, 'frame');
  const { classes, columns } = model.signature;
  const vocabulary = readVocabulary({ vocabulary: factOf(model, 'vocabulary') }, columns);
  const network = networkOf(vocabulary, classes || 1, model.specification.parameters as Values);
  const feeds = frameFeeds(frame, vocabulary, scaleOf(model));
  const graph = () => {
    const out = bindModule(network).call(...inputsOf(vocabulary));
    return {
      outputs: { out: classes > 0 ? softmax(out) : out },
      values: networkValues(model, network),
    };
  };
  const width = classes || 1;
  const values = new Float64Array(frame.rows * width);
  await inBatches(frame.rows, async (places, count) => {
    const { out } = await runNetwork(model, graph, feeds(places));
    values.set((out!.data as Float32Array).subarray(0, count * width), places[0]! * width);
  });
  return { rows: frame.rows, columns: width, values };
}

const shared = {
  family: 'deep',
  constraints: deepConstraints,
  accepts: ['frame'],
  missing: true,
  fit: fitFrame,
  checkModel: checkScale,
} as const;

/** Every row could hold a word of its own; a vector has at most 50 numbers. */
function memoryOf(rows: number, columns: number, outputs: number, { hidden, batch }: Values) {
  const sizes = [50 * columns, ...hidden, outputs];
  const weights = sizes.slice(1).reduce((sum, size, at) => sum + size * (sizes[at]! + 1), 0);
  const wide = sizes.reduce((sum, size) => sum + size, 0);
  return 32 * weights + 64 * batch * wide + 1024 * rows * columns + 2 ** 20;
}

function tensorsOf(
  columns: number,
  outputs: number,
  parameters: Values,
  facts: Readonly<Record<string, Fact>>,
) {
  const vocabulary = readVocabulary(facts, columns);
  return {
    ...networkShapes(networkOf(vocabulary, outputs, parameters)),
    ...scaleShapes(vocabulary.filter((words) => !words).length),
  };
}

export const embeddingRegressorKind: TabularKind<Values> = {
  ...shared,
  kind: 'embeddingRegressor',
  roles: ['regressor'],
  summary: 'A network for a number from columns of numbers and words.',
  target: 'numbers',
  memory: ({ rows, columns }, parameters) => memoryOf(rows, columns, 1, parameters),
  tensors: ({ columns }, parameters, facts) => tensorsOf(columns, 1, parameters, facts),
  predict: async (model, features) => {
    const [middle, deviation] = tensorOf(model, 'targetScale', 'float64').data;
    const { values } = await answers(model, features);
    return Float64Array.from(values, (value) => value * deviation! + middle!);
  },
};

export const embeddingClassifierKind: TabularKind<Values> = {
  ...shared,
  kind: 'embeddingClassifier',
  roles: ['classifier'],
  summary: 'A network for a class from columns of numbers and words.',
  target: 'classes',
  memory: ({ rows, columns, classes }, parameters) => memoryOf(rows, columns, classes, parameters),
  tensors: ({ columns, classes }, parameters, facts) =>
    tensorsOf(columns, classes || 1, parameters, facts),
  predict: async (model, features) => likeliest(await answers(model, features)),
  predictProbabilities: async (model, features) => normalised(await answers(model, features)),
};
