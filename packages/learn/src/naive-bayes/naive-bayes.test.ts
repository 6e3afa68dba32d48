import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bernoulliNaiveBayes,
  complementNaiveBayes,
  fit,
  gaussianNaiveBayes,
  InvalidExamples,
  matrixFromRows,
  multinomialNaiveBayes,
  predictProbabilities,
} from '../index.ts';
import { classExamples, countExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

const verbs = ['predict', 'predictProbabilities', 'scoreRows'] as const;
tabularLaws({
  ...{ specification: gaussianNaiveBayes(), examples: classExamples(1), verbs, rowOrder: 1e-7 },
  onnx: 1e-6,
});
for (const specification of [multinomialNaiveBayes(), complementNaiveBayes()]) {
  tabularLaws({ specification, examples: countExamples(1), verbs, rowOrder: 1e-9, onnx: 1e-3 });
}

tabularLaws({
  ...{ specification: bernoulliNaiveBayes({ threshold: 1 }), examples: countExamples(1), verbs },
  ...{ rowOrder: 1e-9, onnx: 1e-3 },
});

const few = {
  features: matrixFromRows([
    [2, 1, 0],
    [1, 0, 1],
    [0, 3, 1],
  ]),
  target: Float64Array.of(0, 0, 1),
};

test('probabilities of counts are those worked out by hand', async () => {
  const one = matrixFromRows([[1, 1, 0]]);
  // Class 0 holds words 3, 1, 1 and 3 added: 4/8, 2/8; class 1 holds 0, 3, 1: 1/7, 4/7.
  const present = [(2 / 3) * (4 / 8) * (2 / 8), (1 / 3) * (1 / 7) * (4 / 7)];
  const { values } = await predictProbabilities(await fit(multinomialNaiveBayes(), few), one);
  assert.ok(Math.abs(values[0]! - present[0]! / (present[0]! + present[1]!)) < 1e-14);
  const absent = [1 / ((1 / 7) * (4 / 7)), 1 / ((4 / 8) * (2 / 8))];
  const other = await predictProbabilities(await fit(complementNaiveBayes(), few), one);
  assert.ok(Math.abs(other.values[0]! - absent[0]! / (absent[0]! + absent[1]!)) < 1e-14);
});

test('normal densities are those of the closed form, weights counted as rows', async () => {
  const features = matrixFromRows([[0], [2], [5], [7]]);
  const target = Float64Array.of(0, 0, 1, 1);
  const weights = Float64Array.of(3, 1, 1, 1);
  const model = await fit(gaussianNaiveBayes({ smoothing: 1e-12 }), { features, target, weights });
  assert.deepEqual([...model.tensors.means!.data], [0.5, 6]);
  const { values } = await predictProbabilities(model, matrixFromRows([[3]]));
  const density = (x: number, mean: number, variance: number): number =>
    Math.exp(-((x - mean) ** 2) / 2 / variance) / Math.sqrt(variance);
  const joint = [(4 / 6) * density(3, 0.5, 0.75), (2 / 6) * density(3, 6, 1)];
  assert.ok(Math.abs(values[0]! - joint[0]! / (joint[0]! + joint[1]!)) < 1e-9);
});

test('negative counts are refused', async () => {
  const features = matrixFromRows([[1], [-1]]);
  const examples = { features, target: Float64Array.of(0, 1) };
  await assert.rejects(fit(multinomialNaiveBayes(), examples), InvalidExamples);
});

// scikit-learn 1.9.1: BernoulliNB(alpha=0.7, binarize=0.5).fit(X, y, sample_weight), predict_proba.
test('probabilities of columns had and lacked are those of scikit-learn, dense and sparse', async () => {
  const features = matrixFromRows([
    [2, 1, 0, 0.2],
    [1, 0, 1, 0.6],
    [0, 3, 1, 0.9],
    [0, 0, 0, 0.1],
    [1, 1, 1, 0.7],
    [0, 2, 0, 0.55],
  ]);
  const target = Float64Array.of(0, 0, 1, 2, 2, 1);
  const weights = Float64Array.of(1, 2, 1, 1, 0.5, 3);
  const specification = bernoulliNaiveBayes({ smoothing: 0.7, threshold: 0.5 });
  const model = await fit(specification, { features, target, weights });
  const asked = [
    [1, 0, 0, 0.5],
    [0, 1, 1, 0.51],
    [0.3, 0.2, 5, 0],
  ];
  const wanted = [
    0.6382008507941845, 0.016487860154114124, 0.3453112890517012, 0.0721771932573996,
    0.863062801057088, 0.06476000568551227, 0.3261636136093892, 0.08651238460622583,
    0.5873240017843849,
  ];
  const sparse = {
    ...{ rows: 3, columns: 4, offsets: Int32Array.of(0, 2, 5, 8) },
    indices: Int32Array.of(0, 3, 1, 2, 3, 0, 1, 2),
    values: Float64Array.of(1, 0.5, 1, 1, 0.51, 0.3, 0.2, 5),
  };
  for (const form of [matrixFromRows(asked), sparse]) {
    const { values } = await predictProbabilities(model, form);
    wanted.forEach((value, at) => {
      assert.ok(Math.abs(values[at]! - value) < 1e-13, `${at}: ${values[at]}`);
    });
  }
});
