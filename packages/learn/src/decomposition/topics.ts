import { randomStream } from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples, InvalidModel } from '../error.ts';
import type { FitOptions } from '../fit-options.ts';
import { float64, tensorOf } from '../fitted-model.ts';
import { type SparseMatrix, zeros } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { countsOf } from './topic-counts.ts';
import { expectedLogs, inferDocument } from './topic-posterior.ts';

const constraints = {
  topics: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 10,
    scale: 'log',
    summary: 'How many topics there are.',
  },
  passes: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 10,
    scale: 'log',
    summary: 'How often all documents are read.',
  },
  batchRows: {
    type: 'integer',
    min: 1,
    max: 1_000_000,
    default: 256,
    scale: 'log',
    summary: 'Documents between two updates of the topics.',
  },
  decay: {
    type: 'number',
    min: 0.5,
    above: true,
    max: 1,
    default: 0.7,
    summary: 'How fast later batches count less: (delay + batch)^-decay.',
  },
  delay: {
    type: 'number',
    min: 0,
    max: 1e6,
    default: 10,
    summary: 'How little the first batches count.',
  },
  documentPrior: {
    type: 'number',
    min: 0,
    above: true,
    max: 1e6,
    default: null,
    optional: true,
    summary: "The Dirichlet prior of a document's topics; 1 / topics when null.",
  },
  wordPrior: {
    type: 'number',
    min: 0,
    above: true,
    max: 1e6,
    default: null,
    optional: true,
    summary: "The Dirichlet prior of a topic's words; 1 / topics when null.",
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type Topics = Specification<'topics', Values>;

/**
 * Latent Dirichlet allocation by online variational Bayes (Hoffman, Blei and Bach 2010) on counts of words.
 * `transform` gives each document's shares of topics. Weights are not used. Tensor: `words`, the Dirichlet
 * parameters of the topics (topics x words).
 *
 * @example
 * const model = await fit(topics({ topics: 20 }), { features: counts }, { seed: 1 });
 */
export function topics(parameters: Partial<Values> = {}): Topics {
  return specify('topics', constraints, parameters);
}

export const topicsKind: TabularKind<Values> = {
  kind: 'topics',
  family: 'decomposition',
  roles: ['transformer'],
  summary: 'Documents as shares of topics, topics as shares of words.',
  constraints,
  accepts: ['dense', 'sparse'],
  missing: false,
  target: 'none',
  memory: ({ rows, columns, stored }, parameters) =>
    8 * (4 * parameters.topics * columns + 2 * rows) + 96 * stored + 2 ** 24,
  fit: async ({ parameters }, { features }, options) => {
    const counts = checkedCounts(countsOf(features));
    const words = await learn(counts, parameters, options);
    return {
      tensors: { words: float64([parameters.topics, counts.columns], words) },
      outputs: parameters.topics,
    };
  },
  tensors: ({ columns }, parameters) => ({
    words: { type: 'float64', shape: [parameters.topics, columns] },
  }),
  checkModel(model) {
    if (tensorOf(model, 'words', 'float64').data.every((value) => value > 0)) return;
    throw new InvalidModel('a parameter of a topic is not above 0');
  },
  transform: async (model, features) => {
    const counts = checkedCounts(countsOf(features));
    const { topics: count, documentPrior } = model.specification.parameters;
    const { data } = tensorOf(model, 'words', 'float64');
    const words = expectedLogs(data, counts.columns);
    const out = zeros(counts.rows, count);
    for (let row = 0; row < counts.rows; row++) {
      const gamma = out.values.subarray(row * count, (row + 1) * count);
      inferDocument(counts, row, words, documentPrior ?? 1 / count, gamma);
      const total = gamma.reduce((sum, one) => sum + one, 0);
      for (let k = 0; k < count; k++) gamma[k]! /= total;
    }
    return out;
  },
};

function checkedCounts(counts: SparseMatrix): SparseMatrix {
  const at = counts.values.findIndex((value) => value < 0);
  if (at < 0) return counts;
  throw new InvalidExamples(`a count is ${counts.values[at]}; numbers from 0 are allowed`);
}

async function learn(
  counts: SparseMatrix,
  parameters: Values,
  { seed = 0, signal, onProgress }: FitOptions,
): Promise<Float64Array> {
  const { topics: count, passes, batchRows } = parameters;
  const { rows, columns } = counts;
  const stream = randomStream(seed, 'topics');
  // About 1 each, so that topics are told apart from the first batch on.
  const words = Float64Array.from(
    { length: count * columns },
    () => 0.5 + stream.exponential() / 2,
  );
  const prior = parameters.wordPrior ?? 1 / count;
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  const gamma = new Float64Array(count);
  const batches = Math.ceil(rows / batchRows);
  for (let step = 0; step < passes * batches; step++) {
    throwIfCancelled(signal, 'the fit');
    // A turn of the event loop, so that a signal is seen.
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (step % batches === 0) stream.shuffle(order);
    const first = (step % batches) * batchRows;
    const places = order.subarray(first, first + batchRows);
    const statistics = new Float64Array(words.length);
    const logs = expectedLogs(words, columns);
    for (const row of places) {
      inferDocument(counts, row, logs, parameters.documentPrior ?? 1 / count, gamma, statistics);
    }
    const rate = Math.min(1, (parameters.delay + step + 1) ** -parameters.decay);
    for (let at = 0; at < words.length; at++) {
      const found = prior + (rows / places.length) * statistics[at]!;
      words[at] = (1 - rate) * words[at]! + rate * found;
    }
    onProgress?.({ step: 'batches', done: step + 1, total: passes * batches });
  }
  return words;
}
