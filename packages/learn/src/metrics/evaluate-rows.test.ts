import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cancelled, seededRandom } from '@backlot/core';
import { constant } from '../baseline/constant.ts';
import { fit } from '../fit.ts';
import { gaussianNaiveBayes } from '../naive-bayes/gaussian-naive-bayes.ts';
import { classExamples, normalSource, regressionExamples } from '../tabular-examples.fixture.ts';
import { compareRows, evaluateRows } from './evaluate-rows.ts';
import { measureOf } from './measure.ts';

test('the interval of a mean loss is that of the normal distribution', async () => {
  const examples = regressionExamples(1, 400);
  const model = await fit(constant(), examples);
  const { measures } = await evaluateRows(model, examples, {
    ...{ seed: 1, measures: ['meanAbsoluteError'], resamples: 2000 },
  });
  const { value, low, high } = measures.meanAbsoluteError!;
  const mean = examples.target!.reduce((sum, y) => sum + y, 0) / 400;
  const losses = examples.target!.map((y) => Math.abs(y - mean));
  const average = losses.reduce((sum, loss) => sum + loss, 0) / 400;
  const variance = losses.reduce((sum, loss) => sum + (loss - average) ** 2, 0) / 399;
  assert.ok(Math.abs(value - average) < 1e-12);
  // 2000 resamples leave about 3% of the half width as noise, more in the tail.
  const half = 1.96 * Math.sqrt(variance / 400);
  assert.ok(Math.abs(high - average - half) < 0.12 * half);
  assert.ok(Math.abs(average - low - half) < 0.12 * half);
});

test('slices hold their own rows; a measure that is not defined there is left out', async () => {
  const examples = classExamples(2, 2, 60);
  const model = await fit(constant({ predicts: 'classes' }), examples);
  const side = Array.from(examples.target!, (label) => (label === 0 ? 'left' : 'right'));
  const { slices, measures } = await evaluateRows(model, examples, { by: { side } });
  assert.equal(slices.side!.left!.rows, 30);
  assert.equal(slices.side!.left!.measures.accuracy!.value, 1);
  assert.equal(slices.side!.right!.measures.accuracy!.value, 0);
  assert.equal(slices.side!.left!.measures.rocAuc, undefined);
  assert.equal(measures.rocAuc!.value, 0.5);
});

test('two models that differ are told apart, two of the same are not', async () => {
  const normal = normalSource(3);
  const target = new Float64Array(300).map(() => Math.exp(normal()));
  const examples = { features: { rows: 300, columns: 1, values: new Float64Array(300) }, target };
  const [mean, median] = [
    await fit(constant(), examples),
    await fit(constant({ predicts: 'median' }), examples),
  ];
  const options = { measures: ['meanAbsoluteError'], seed: 1 } as const;
  const same = await compareRows(mean, mean, examples, options);
  assert.deepEqual(same.measures.meanAbsoluteError, { value: 0, low: 0, high: 0, pValue: 1 });
  const found = (await compareRows(median, mean, examples, options)).measures.meanAbsoluteError!;
  assert.ok(found.value < 0 && found.high < 0 && found.pValue < 0.05);
});

test('the permutation test is exact on a hand-made case', async () => {
  // Of 8 rows one model is right on all and the other on none: 2 of 256 swaps are as far apart.
  const target = Float64Array.of(0, 0, 0, 0, 1, 1, 1, 1);
  const features = { rows: 8, columns: 1, values: target.slice() };
  const zeros = { features, target: Float64Array.of(0, 0, 0, 0, 0, 0, 0, 1) };
  const ones = { features, target: Float64Array.of(1, 1, 1, 1, 1, 1, 1, 0) };
  const [a, b] = [
    await fit(constant({ predicts: 'classes' }), zeros),
    await fit(constant({ predicts: 'classes' }), ones),
  ];
  const all = { features, target: new Float64Array(8) };
  const options = { measures: ['accuracy'], resamples: 20_000, seed: 5 } as const;
  const { value, pValue } = (await compareRows(a, b, all, options)).measures.accuracy!;
  assert.equal(value, 1);
  assert.ok(Math.abs(pValue - 2 / 256) < 0.002, String(pValue));
});

test('arguments out of range are refused', async () => {
  const examples = regressionExamples(1, 20);
  const model = await fit(constant(), examples);
  for (const options of [{ level: 1 }, { resamples: 0 }, { by: { a: ['b'] } }]) {
    await assert.rejects(evaluateRows(model, examples, options), { code: 'E-LEARN-005' });
  }
  await assert.rejects(evaluateRows(model, { features: examples.features }), {
    code: 'E-LEARN-007',
  });
});

test('an evaluation tells how far it is and can be cancelled while it draws', async () => {
  const examples = classExamples(4, 2, 400);
  const model = await fit(gaussianNaiveBayes(), examples);
  const controller = new AbortController();
  const told: number[] = [];
  const pending = evaluateRows(model, examples, {
    signal: controller.signal,
    onProgress: ({ step, done, total }) => {
      assert.deepEqual([step, total], ['resamples', 500]);
      told.push(done);
      if (told.length === 3) setTimeout(() => controller.abort());
    },
    threads: 1,
  });
  await assert.rejects(pending, Cancelled);
  assert.ok(told.length < 20, `${told.length} parts were told before it ended`);
  assert.deepEqual(
    told,
    told.toSorted((a, b) => a - b),
  );
});

test('a measure as a function of weights is the measure of rows that carry them', () => {
  const random = seededRandom(7);
  const target = Float64Array.from({ length: 60 }, (_, row) => row % 2);
  const values = Float64Array.from({ length: 120 }, () => Math.round(8 * random.uniform()) / 8);
  const probabilities = { rows: 60, columns: 2, values };
  const prediction = Float64Array.from(target, (_, row) => (values[2 * row + 1]! > 0.5 ? 1 : 0));
  const weights = Float64Array.from(target, () => random.below(4));
  for (const name of ['rocAuc', 'averagePrecision', 'logLoss', 'brierScore'] as const) {
    const measure = measureOf(name);
    const answers = { target, prediction, probabilities, classes: 2 };
    const found = measure.byWeights!(answers)(weights);
    assert.equal(found, measure.of({ ...answers, weights }), name);
  }
});
