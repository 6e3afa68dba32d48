import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cancelled } from '@backlot/core';
import { constant } from '../baseline/constant.ts';
import { gaussianNaiveBayes } from '../naive-bayes/gaussian-naive-bayes.ts';
import { classExamples, regressionExamples } from '../tabular-examples.fixture.ts';
import { crossValidate } from './cross-validate.ts';
import { learningCurve } from './learning-curve.ts';

const measure = 'meanSquaredError';

test('with all rows every split scores as a fit on it does', async () => {
  const examples = classExamples(3, 3, 90);
  const options = { measure: 'accuracy', seed: 4 } as const;
  const direct = await crossValidate(gaussianNaiveBayes(), examples, options);
  const curve = await learningCurve(gaussianNaiveBayes(), examples, { ...options, sizes: [1] });
  assert.deepEqual([curve.measure, curve.higherIsBetter, curve.level], ['accuracy', true, 0.95]);
  const [point] = curve.points;
  assert.equal(point!.rows, 72);
  assert.deepEqual(point!.test.scores, direct.scores);
  assert.equal(point!.test.mean, direct.mean);
});

test('the interval is of t with the variance of splits that share rows', async () => {
  const examples = regressionExamples(2, 50);
  const { points } = await learningCurve(constant(), examples, { measure, sizes: [20], seed: 1 });
  const { scores, mean, low, high } = points[0]!.test;
  const average = scores.reduce((sum, score) => sum + score, 0) / 5;
  const variance = scores.reduce((sum, score) => sum + (score - average) ** 2, 0) / 4;
  // The 0.975 quantile of t with 4 degrees of freedom, from tables; ten rows are tested, twenty trained on.
  const half = 2.7764451 * Math.sqrt((1 / 5 + 10 / 20) * variance);
  assert.equal(scores.length, 5);
  assert.ok(Math.abs(mean - average) < 1e-12);
  assert.ok(Math.abs(high - mean - half) < 1e-6 * half);
  assert.ok(Math.abs(mean - low - half) < 1e-6 * half);
});

test('a size is fitted on the first rows of one order, and tested on the same rows', async () => {
  // Targets are powers of two: the mean of the rows trained on tells which they were.
  const rows = 20;
  const target = Float64Array.from({ length: rows }, (_, row) => 2 ** row + 0.5);
  const features = { rows, columns: 1, values: new Float64Array(rows) };
  const plan = { kind: 'holdout', share: 0.2 } as const;
  const sizes = [2, 5, 16];
  const options = { measure: 'meanAbsoluteError', sizes, plan, seed: 9 } as const;
  const means: number[] = [];
  for (const size of sizes) {
    const { points } = await learningCurve(
      constant(),
      { features, target },
      { ...options, sizes: [size] },
    );
    means.push(points[0]!.test.mean);
  }
  const { points } = await learningCurve(constant(), { features, target }, options);
  assert.deepEqual(
    points.map((point) => point.test.mean),
    means,
    'a size does not depend on the others',
  );
  assert.deepEqual(
    points.map((point) => point.rows),
    sizes,
  );
  for (const { test: one } of points) assert.deepEqual([one.low, one.high], [one.mean, one.mean]);
});

test('every beginning holds the classes in their shares', async () => {
  const { features } = classExamples(1, 2, 200);
  const target = Float64Array.from({ length: 200 }, (_, row) => (row % 10 === 0 ? 1 : 0));
  const { points } = await learningCurve(
    constant({ predicts: 'classes' }),
    { features, target },
    { measure: 'logLoss', sizes: [20, 40, 80] },
  );
  const entropy = -(0.9 * Math.log(0.9) + 0.1 * Math.log(0.1));
  for (const { train } of points) {
    for (const score of train.scores) assert.ok(Math.abs(score - entropy) < 1e-12);
  }
});

test('groups are added whole', async () => {
  const groups = Int32Array.from({ length: 20 }, (_, group) => 2 + (group % 3));
  const rows = groups.reduce((sum, size) => sum + size, 0);
  const examples = { ...regressionExamples(6, rows), groups };
  const { points } = await learningCurve(constant(), examples, {
    ...{ measure, sizes: [5, 20], folds: 4 },
  });
  for (const [at, least] of [5, 20].entries()) {
    const found = points[at]!.rows;
    assert.ok(found >= least && found < least + 4, `${found} rows for ${least}`);
  }
});

test('sizes that cannot be are refused; a curve tells where it is and can be cancelled', async () => {
  const examples = regressionExamples(2, 50);
  for (const sizes of [[], [0], [-1], [10, 5], [0.5, 20], [2.5], [41]]) {
    await assert.rejects(learningCurve(constant(), examples, { measure, sizes }), {
      code: 'E-LEARN-005',
    });
  }
  const controller = new AbortController();
  const told: number[] = [];
  const pending = learningCurve(constant(), examples, {
    ...{ measure, sizes: [10, 20], signal: controller.signal },
    onProgress: ({ done, total }) => {
      told.push(done / total);
      if (done === 3) controller.abort();
    },
  });
  await assert.rejects(pending, Cancelled);
  assert.deepEqual(told, [0.1, 0.2, 0.3]);
});
