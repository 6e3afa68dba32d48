import { throwIfCancelled } from '@backlot/core';
import type { ParametersOf } from '../constraint.ts';
import { InvalidModel } from '../error.ts';
import { classesOf } from '../examples.ts';
import { takeRows } from '../features.ts';
import { int32, partOf, type TabularModel, tensorOf } from '../fitted-model.ts';
import { turn } from '../recommenders/rank-rows.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { confidentRows } from './confident-rows.ts';
import { checkClassifier, knownClasses, knownShares, labelledExamples } from './known-classes.ts';

const constraints = {
  estimator: {
    type: 'estimator',
    default: { kind: 'constant', parameters: { predicts: 'classes' } },
    summary: 'The classifier that labels rows for itself; it must give probabilities.',
  },
  threshold: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0.9,
    summary: 'The least probability with which a row is believed.',
  },
  rounds: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: 10,
    summary: 'How often rows are added at most.',
  },
  most: {
    type: 'integer',
    min: 1,
    max: 1e9,
    default: null,
    optional: true,
    summary: 'The most rows added in a round, the surest ones; all when null.',
  },
  balanced: {
    type: 'flag',
    default: false,
    summary: 'Whether rows that are added keep the shares of the known classes.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type SelfTraining = Specification<'selfTraining', Values>;

/**
 * Self-training (Yarowsky 1995): a classifier is fitted to the rows whose class is known, labels those that it
 * is sure of, and is fitted again with them, until no row is added. The target is a class's index, or -1
 * where it is not known. The model's tensor `rounds` says by row when its label came: 0 given, -1 never.
 *
 * @example
 * const model = await fit(selfTraining({ estimator: logisticRegression(), threshold: 0.95 }), examples);
 */
export function selfTraining(parameters: Partial<Values> = {}): SelfTraining {
  return specify('selfTraining', constraints, parameters);
}

export const selfTrainingKind: TabularKind<Values> = {
  kind: 'selfTraining',
  family: 'semi-supervised',
  roles: ['classifier'],
  summary: 'A classifier that is fitted again with the labels it was sure of.',
  constraints,
  accepts: ['dense', 'sparse', 'texts', 'frame'],
  missing: true,
  target: 'partial',
  memory: (size, { estimator }, parts) =>
    parts.memoryOf(estimator, size) + 32 * size.stored + size.rows * (16 * size.classes + 160),
  fit: async ({ parameters }, examples, options, verbs) => {
    const { estimator, rounds, threshold, most, balanced } = parameters;
    checkClassifier('selfTraining', 'estimator', estimator, verbs);
    const labels = knownClasses(examples);
    const shares = balanced ? knownShares(labels, classesOf(examples)) : null;
    const added = labels.map((label) => (label < 0 ? -1 : 0));
    const { onProgress, ...quiet } = options;
    for (let round = 1; ; round++) {
      throwIfCancelled(options.signal, 'the fit');
      onProgress?.({ step: 'rounds', done: round - 1, total: rounds });
      await turn();
      const model = await verbs.fit(estimator, labelledExamples(examples, labels), quiet);
      const open = Array.from(labels.keys()).filter((row) => labels[row]! < 0);
      const sure =
        round > rounds || open.length === 0
          ? []
          : confidentRows(
              await verbs.predictProbabilities(model, takeRows(examples.features, open), quiet),
              { threshold, most, shares },
            );
      if (sure.length === 0) return learned(model, labels, added);
      for (const { row, label } of sure) {
        labels[open[row]!] = label;
        added[open[row]!] = round;
      }
    }
  },
  tensors: () => ({
    labels: { type: 'int32', shape: [-1] },
    rounds: { type: 'int32', shape: [-1] },
  }),
  checkModel: (model) => {
    const [labels, rounds] = ['labels', 'rounds'].map((name) => tensorOf(model, name, 'int32'));
    const { columns, classes } = partOf(model, 'classifier').signature;
    const same = columns === model.signature.columns && classes === model.signature.classes;
    if (same && labels!.data.length === rounds!.data.length) return;
    throw new InvalidModel('its classifier or its labels do not fit it');
  },
  predict: (model, features, options, verbs) =>
    verbs.predict(partOf(model, 'classifier'), features, options),
  predictProbabilities: (model, features, options, verbs) =>
    verbs.predictProbabilities(partOf(model, 'classifier'), features, options),
  onnx: (model, graphOf) => graphOf(partOf(model, 'classifier')),
};

function learned(classifier: TabularModel, labels: Int32Array, added: Int32Array) {
  return {
    parts: { classifier },
    tensors: { labels: int32([labels.length], labels), rounds: int32([added.length], added) },
  };
}
