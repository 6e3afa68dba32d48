import type { OnnxGraph } from '@backlot/compute';
import { seededRandom, throwIfCancelled } from '@backlot/core';
import { pickColumns } from '../composition/columns.ts';
import type { BranchData, ParametersOf } from '../constraint.ts';
import { InvalidModel, InvalidParameter } from '../error.ts';
import { classesOf, type Examples } from '../examples.ts';
import { type Features, takeRows } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import { int32, partOf, type TabularModel, tensorOf } from '../fitted-model.ts';
import { classOutputs, GraphBuilder } from '../graph-builder.ts';
import type { Matrix } from '../matrix.ts';
import { turn } from '../recommenders/rank-rows.ts';
import { type Specification, specify } from '../specification.ts';
import type { ApplyOptions, TabularKind, Verbs } from '../tabular-kind.ts';
import {
  type ConfidenceRule,
  type ConfidentRow,
  confidentRows,
  likeliestClasses,
} from './confident-rows.ts';
import { checkClassifier, knownClasses, knownShares, labelledExamples } from './known-classes.ts';

const constraints = {
  views: {
    type: 'branches',
    maxLength: 2,
    default: [],
    summary: 'Two groups of columns and the classifier of each, which must give probabilities.',
  },
  most: {
    type: 'integer',
    min: 1,
    max: 1e9,
    default: 10,
    summary: 'The most rows that each view labels in a round, in the shares of the known classes.',
  },
  rounds: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: 30,
    summary: 'How often rows are added at most.',
  },
  threshold: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0,
    summary: 'The least probability with which a row is believed.',
  },
  pool: {
    type: 'integer',
    min: 1,
    max: 1e9,
    default: null,
    optional: true,
    summary: 'Unlabelled rows, drawn by the seed, that a round chooses from; all when null.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type CoTraining = Specification<'coTraining', Values>;

/**
 * Co-training (Blum and Mitchell 1998): two classifiers see different columns of the same rows, each labels the
 * rows that it is surest of, and both are fitted again with them. A row on which the two disagree in a round
 * is left alone. Their probabilities are multiplied. It helps where either view is enough to tell the classes
 * and what one view errs in the other does not. The target is a class's index, or -1 where it is not known;
 * columns are named as in `columns`. The model's tensor `rounds` says when a label came: 0 given, -1 never.
 *
 * @example
 * const views = [
 *   { columns: ['title', 'summary'], estimator: words },
 *   { columns: ['links'], estimator: links },
 * ];
 * const model = await fit(coTraining({ views, most: 4 }), examples);
 */
export function coTraining(parameters: Partial<Values> = {}): CoTraining {
  return specify('coTraining', constraints, parameters);
}

export const coTrainingKind: TabularKind<Values> = {
  kind: 'coTraining',
  family: 'semi-supervised',
  roles: ['classifier'],
  summary: 'Two classifiers of different columns that label rows for each other.',
  constraints,
  accepts: ['dense', 'frame'],
  missing: true,
  target: 'partial',
  memory: (size, { views }, parts) =>
    views.reduce(
      (sum, { estimator }) => sum + parts.memoryOf(estimator, size) + 16 * size.stored,
      16 * size.stored + size.rows * (32 * size.classes + 240),
    ),
  fit: async ({ parameters }, examples, options, verbs) => {
    const { views, rounds, most, threshold, pool } = parameters;
    checkViews(views, verbs);
    const given = views.map((view) => pickColumns(examples, view, verbs.acceptsOf(view.estimator)));
    const labels = knownClasses(examples);
    const rule = { threshold, most, shares: knownShares(labels, classesOf(examples)) };
    const added = labels.map((label) => (label < 0 ? -1 : 0));
    const order = Array.from(labels.keys()).filter((row) => labels[row]! < 0);
    if (pool !== null) seededRandom(options.seed ?? 0).shuffle(order);
    const { onProgress, ...quiet } = options;
    for (let round = 1; ; round++) {
      throwIfCancelled(options.signal, 'the fit');
      onProgress?.({ step: 'rounds', done: round - 1, total: rounds });
      await turn();
      const models = await fitViews(views, given, labels, quiet, verbs);
      const open = order.filter((row) => labels[row]! < 0).slice(0, pool ?? order.length);
      const sure =
        round > rounds || open.length === 0
          ? new Map<number, number>()
          : agreed(await chosen(models, given, open, rule, quiet, verbs));
      if (sure.size === 0) return learned(models, labels, added);
      for (const [row, label] of sure) {
        labels[row] = label;
        added[row] = round;
      }
    }
  },
  tensors: () => ({
    labels: { type: 'int32', shape: [-1] },
    rounds: { type: 'int32', shape: [-1] },
  }),
  checkModel,
  predict: async (model, features, options, verbs) =>
    likeliestClasses(await multiplied(model, features, options, verbs)),
  predictProbabilities: (model, features, options, verbs) =>
    multiplied(model, features, options, verbs),
  onnx: viewsGraph,
};

function viewsGraph(model: TabularModel, graphOf: (part: TabularModel) => OnnxGraph): OnnxGraph {
  const { columns, names, classes } = model.signature;
  const known = names ?? Array.from({ length: columns }, (_, column) => String(column));
  const builder = new GraphBuilder(columns);
  const { views } = model.specification.parameters as Values;
  const both = ['first', 'second'].map((name, at) => {
    const places = views[at]!.columns.map((column) => known.indexOf(column));
    const picked = builder.integers([places.length], places);
    const given = builder.node('Gather', ['features', picked], { axis: { int: 1 } });
    const found = builder.inline(graphOf(partOf(model, name)), given).probabilities!;
    return builder.cast(found, 'double');
  });
  // The least double keeps rows whole that both views rule out: all classes are as likely there.
  const least = builder.doubles([], [Number.MIN_VALUE]);
  const product = builder.node('Add', [builder.node('Mul', both), least]);
  const axis = builder.integers([1], [1]);
  const total = builder.node('ReduceSum', [product, axis], { keepdims: { int: 1 } });
  const found = builder.cast(builder.node('Div', [product, total]), 'float');
  return builder.finish('coTraining', classOutputs(builder, found, classes));
}

function checkViews(views: readonly BranchData[], verbs: Verbs): void {
  if (views.length !== 2) {
    throw new InvalidParameter('coTraining', 'views', `holds ${views.length}; two are needed`);
  }
  for (const { estimator } of views) checkClassifier('coTraining', 'views', estimator, verbs);
}

async function fitViews(
  views: readonly BranchData[],
  given: readonly Examples[],
  labels: Int32Array,
  options: FitOptions,
  verbs: Verbs,
): Promise<TabularModel[]> {
  const models: TabularModel[] = [];
  for (const [at, { estimator }] of views.entries()) {
    models.push(await verbs.fit(estimator, labelledExamples(given[at]!, labels), options));
  }
  return models;
}

/** What each view is surest of among the open rows, by their places in the examples. */
async function chosen(
  models: readonly TabularModel[],
  given: readonly Examples[],
  open: readonly number[],
  rule: ConfidenceRule,
  options: FitOptions,
  verbs: Verbs,
): Promise<ConfidentRow[]> {
  const all: ConfidentRow[] = [];
  for (const [at, model] of models.entries()) {
    const rows = takeRows(given[at]!.features, open);
    const found = confidentRows(await verbs.predictProbabilities(model, rows, options), rule);
    all.push(...found.map((one) => ({ ...one, row: open[one.row]! })));
  }
  return all;
}

/** The labels of rows on which nobody disagrees. */
function agreed(all: readonly ConfidentRow[]): ReadonlyMap<number, number> {
  const labels = new Map<number, number>();
  const torn = new Set<number>();
  for (const { row, label } of all) {
    if (labels.has(row) && labels.get(row) !== label) torn.add(row);
    labels.set(row, label);
  }
  for (const row of torn) labels.delete(row);
  return labels;
}

function learned(models: readonly TabularModel[], labels: Int32Array, added: Int32Array) {
  return {
    parts: { first: models[0]!, second: models[1]! },
    tensors: { labels: int32([labels.length], labels), rounds: int32([added.length], added) },
  };
}

function checkModel(model: TabularModel): void {
  const { views } = model.specification.parameters as Values;
  const [labels, rounds] = ['labels', 'rounds'].map((name) => tensorOf(model, name, 'int32'));
  const fits = ['first', 'second'].every((name, at) => {
    const { columns, classes } = partOf(model, name).signature;
    return columns === views[at]?.columns.length && classes === model.signature.classes;
  });
  if (fits && views.length === 2 && labels!.data.length === rounds!.data.length) return;
  throw new InvalidModel('its views or its labels do not fit it');
}

async function multiplied(
  model: TabularModel & { readonly specification: Specification<string, Values> },
  features: Features,
  options: ApplyOptions,
  verbs: Verbs,
): Promise<Matrix> {
  const { views } = model.specification.parameters;
  const { names } = model.signature;
  const [first, second] = await Promise.all(
    ['first', 'second'].map((name, at) => {
      const accepts = verbs.acceptsOf(views[at]!.estimator);
      const view = pickColumns({ features, ...(names && { names }) }, views[at]!, accepts);
      return verbs.predictProbabilities(partOf(model, name), view.features, options);
    }),
  );
  const { rows, columns } = first!;
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    let total = 0;
    for (let at = row * columns; at < (row + 1) * columns; at++) {
      values[at] = first!.values[at]! * second!.values[at]!;
      total += values[at]!;
    }
    // Two views that rule out each other's classes leave all of them as likely.
    for (let at = row * columns; at < (row + 1) * columns; at++) {
      values[at] = total > 0 ? values[at]! / total : 1 / columns;
    }
  }
  return { rows, columns, values };
}
