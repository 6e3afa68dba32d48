import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constant, fit, predict, predictProbabilities } from '../index.ts';
import { classExamples, regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

tabularLaws({
  specification: constant({ predicts: 'median' }),
  examples: regressionExamples(1),
  verbs: ['predict'],
  rowOrder: 0,
  missing: true,
  onnx: 1e-6,
});
tabularLaws({
  specification: constant({ predicts: 'classes' }),
  examples: classExamples(1),
  verbs: ['predict', 'predictProbabilities'],
  rowOrder: 1e-12,
  missing: true,
  onnx: 1e-6,
});

test('mean, lower median and shares are weighted', async () => {
  const features = { rows: 4, columns: 1, values: new Float64Array(4) };
  const weights = Float64Array.of(1, 1, 1, 3);
  const target = Float64Array.of(1, 2, 3, 8);
  const mean = await fit(constant(), { features, target, weights });
  assert.deepEqual(await predict(mean, features), new Float64Array(4).fill(5));
  const median = await fit(constant({ predicts: 'median' }), { features, target, weights });
  assert.deepEqual(await predict(median, features), new Float64Array(4).fill(3));
  const classes = { features, target: Float64Array.of(0, 0, 1, 1), weights };
  const shares = await fit(constant({ predicts: 'classes' }), classes);
  const { values } = await predictProbabilities(shares, { ...features, rows: 1, values: values1 });
  assert.deepEqual([...values], [2 / 6, 4 / 6]);
  assert.deepEqual(await predict(shares, features), new Float64Array(4).fill(1));
});

const values1 = new Float64Array(1);
