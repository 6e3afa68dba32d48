import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../../compute/build.ts';
import {
  accuracy,
  calibratedClassifier,
  type Examples,
  fit,
  gaussianNaiveBayes,
  logisticRegression,
  matrixFromRows,
  positiveUnlabelled,
  predict,
  predictProbabilities,
} from '../index.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

before(build);

/** Two clouds four apart of which positives are known with one probability, whatever their numbers. */
function simulated(seed: number, rows: number, prior: number, frequency: number) {
  const random = seededRandom(seed);
  const truth = Float64Array.from({ length: rows }, () => Number(random.uniform() < prior));
  const features = matrixFromRows(
    Array.from(truth, (label) => [random.normal() + 4 * label, random.normal()]),
  );
  const target = truth.map((label) => (label === 1 && random.uniform() < frequency ? 1 : -1));
  const examples: Examples = { features, target };
  return { examples, truth };
}

for (const method of ['scale', 'weights'] as const) {
  tabularLaws({
    specification: positiveUnlabelled({ estimator: gaussianNaiveBayes(), method, folds: 3 }),
    examples: simulated(1, 120, 0.4, 0.5).examples,
    verbs: ['predict', 'predictProbabilities'],
    rowOrder: { seeded: 'the folds are drawn from the rows in their order' },
    onnx: 1e-5,
  });
}

const estimator = calibratedClassifier({ estimator: logisticRegression(), method: 'isotonic' });

for (const method of ['scale', 'weights'] as const) {
  for (const [prior, frequency] of [
    [0.4, 0.3],
    [0.2, 0.6],
  ] as const) {
    test(`${method}: prior ${prior} and frequency ${frequency} are found, and the classes`, async () => {
      const { examples, truth } = simulated(2, 4000, prior, frequency);
      const model = await fit(positiveUnlabelled({ estimator, method }), examples, { seed: 1 });
      const { prior: found, labelFrequency } = model.facts as Record<string, number>;
      const share = truth.reduce((sum, one) => sum + one, 0) / truth.length;
      // Classes four apart overlap in 2.3 % of the rows, which draws the frequency down by about as much.
      assert.ok(Math.abs(found! - share) < 0.03, `prior ${found}, true ${share}`);
      assert.ok(Math.abs(labelFrequency! - frequency) < 0.04, String(labelFrequency));
      const right = accuracy(truth, await predict(model, examples.features));
      // Known classes would give 97.7 %; taking the unlabelled for negatives, about 1 - prior x (1 - frequency).
      assert.ok(right > 0.96, String(right));
      const { values: shares } = await predictProbabilities(model, examples.features);
      const values = Float64Array.from(shares);
      const mean = values.reduce((sum, p, at) => sum + (at % 2 ? p : 0), 0) / truth.length;
      assert.ok(Math.abs(mean - share) < 0.05, `mean ${mean}`);
    });
  }
}

test('known negatives, and no unlabelled rows, are refused', async () => {
  const { examples } = simulated(3, 60, 0.5, 0.5);
  const specification = positiveUnlabelled({ estimator: gaussianNaiveBayes() });
  const { features, target } = examples;
  for (const wrong of [
    target!.map((label, row) => (row === 0 ? 0 : label)),
    target!.map((label, row) => (row === 0 ? 2 : label)),
    target!.map(() => 1),
  ]) {
    await assert.rejects(fit(specification, { features, target: wrong }), { code: 'E-LEARN-007' });
  }
});
