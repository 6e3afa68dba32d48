import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  constant,
  fairness,
  fit,
  partialDependence,
  permutationImportance,
  type TabularModel,
  targetEncoder,
} from '../index.ts';
import { regressionExamples } from '../tabular-examples.fixture.ts';

test('a model that looks at no column has none of importance', async () => {
  const examples = regressionExamples(1, 60);
  const model = await fit(constant(), { ...examples, names: ['a', 'b', 'c', 'd', 'e'] });
  const found = await permutationImportance(model, examples, { measure: 'rootMeanSquaredError' });
  assert.deepEqual(
    found,
    ['a', 'b', 'c', 'd', 'e'].map((column) => ({ column, worse: 0, deviation: 0 })),
  );
  const at = [0, 1];
  const means = await partialDependence(model, examples.features, { column: 2, at });
  assert.ok(Math.abs(means[0]! - means[1]!) < 1e-15);
  await assert.rejects(partialDependence(model, examples.features, { column: 5, at }), {
    code: 'E-LEARN-005',
  });
});

test('an encoder has no predictions to explain', async () => {
  const examples = regressionExamples(1, 20);
  const model: TabularModel = await fit(targetEncoder(), examples);
  await assert.rejects(permutationImportance(model, examples, { measure: 'r2' }), {
    code: 'E-LEARN-008',
  });
});

test('groups that are treated differently are told apart', () => {
  const target = [1, 1, 0, 0, 1, 1, 0, 0];
  const called = [1, 1, 1, 0, 1, 0, 0, 0];
  const groups = ['a', 'a', 'a', 'a', 'b', 'b', 'b', 'b'];
  const report = fairness(target, called, groups);
  assert.deepEqual(report.groups[0], {
    ...{ group: 'a', rows: 4, selected: 0.75, truePositiveRate: 1 },
    ...{ falsePositiveRate: 0.5, precision: 2 / 3 },
  });
  assert.equal(report.parityDifference, 0.5);
  assert.ok(Math.abs(report.parityRatio - 1 / 3) < 1e-15);
  assert.equal(report.oddsDifference, 0.5);
  const even = fairness([1, 0, 1, 0], [1, 0, 1, 0], ['a', 'a', 'b', 'b']);
  assert.deepEqual([even.parityRatio, even.oddsDifference], [1, 0]);
  assert.throws(() => fairness([1], [1], []), { code: 'E-LEARN-005' });
});
