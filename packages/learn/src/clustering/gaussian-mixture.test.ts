import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../../compute/build.ts';
import {
  adjustedRandIndex,
  fit,
  gaussianMixture,
  type Matrix,
  predict,
  scoreRows,
} from '../index.ts';
import { classExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

before(build);

const { features, target } = classExamples(1, 3, 240);
const kinds = ['full', 'tied', 'diagonal', 'spherical'] as const;

for (const covariance of ['full', 'diagonal'] as const) {
  tabularLaws({
    specification: gaussianMixture({ components: 3, covariance, rounds: 10 }),
    examples: { features },
    verbs: ['predict', 'predictProbabilities', 'scoreRows'],
    rowOrder: { seeded: 'the first centres are drawn from the rows in their order' },
    onnx: 1e-4,
  });
}

test('one full component is the mean and covariance of the rows, in closed form', async () => {
  const { rows, columns, values } = features as Matrix;
  const model = await fit(gaussianMixture({ regularisation: 0 }), { features });
  const means = model.tensors.means!.data;
  const factor = model.tensors.factors!.data;
  for (let k = 0; k < columns; k++) {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += values[row * columns + k]!;
    assert.ok(Math.abs(sum / rows - means[k]!) < 1e-10);
  }
  // Rows times L^-1 have the identity as their covariance, and the mean log density is then known.
  let logs = 0;
  for (let k = 0; k < columns; k++) logs += Math.log(factor[k * columns + k]!);
  const expected = logs - (columns / 2) * (Math.log(2 * Math.PI) + 1);
  assert.ok(Math.abs((model.facts!.logDensity as number) - expected) < 1e-10);
  const free = columns + (columns * (columns + 1)) / 2;
  assert.ok(
    Math.abs((model.facts!.bic as number) + 2 * rows * expected - free * Math.log(rows)) < 1e-6,
  );
});

test('the log density never falls, and the clouds are found, for each covariance', async () => {
  for (const covariance of kinds) {
    const losses: number[] = [];
    const onProgress = ({ loss }: { loss?: number }): void => void losses.push(loss!);
    const specification = gaussianMixture({ components: 3, covariance, tolerance: 0, rounds: 30 });
    const model = await fit(specification, { features }, { onProgress, seed: 1 });
    losses.slice(1).forEach((loss, at) => {
      // The regularisation of 1e-6 is no part of what is maximised.
      assert.ok(loss <= losses[at]! + 1e-6, `${covariance} ${at}`);
    });
    assert.ok(adjustedRandIndex(await predict(model, features), target!) > 0.95);
    const scores = await scoreRows(model, features);
    const mean = scores.reduce((sum, one) => sum + one, 0) / scores.length;
    assert.ok(Math.abs(mean - (model.facts!.logDensity as number)) < 1e-9);
  }
});
