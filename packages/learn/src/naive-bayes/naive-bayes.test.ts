import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
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
