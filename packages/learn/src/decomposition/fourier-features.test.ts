import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fit, fourierFeatures, type Matrix, transform } from '../index.ts';
import { regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

const { features } = regressionExamples(1, 40);
tabularLaws({
  specification: fourierFeatures({ outputs: 6 }),
  examples: { features },
  verbs: ['transform'],
  rowOrder: 0,
  onnx: 1e-5,
});

test('inner products are about the kernel', async () => {
  const { columns, values } = features as Matrix;
  const outputs = 40_000;
  const model = await fit(fourierFeatures({ outputs, rate: 0.1 }), { features }, { seed: 5 });
  const out = (await transform(model, features)) as Matrix;
  for (const [a, b] of [
    [0, 1],
    [2, 2],
    [3, 17],
  ] as const) {
    let [product, squared] = [0, 0];
    for (let j = 0; j < outputs; j++) {
      product += out.values[a * outputs + j]! * out.values[b * outputs + j]!;
    }
    for (let k = 0; k < columns; k++) {
      squared += (values[a * columns + k]! - values[b * columns + k]!) ** 2;
    }
    // A product of two waves has a deviation of at most 1; five standard errors.
    assert.ok(Math.abs(product - Math.exp(-0.1 * squared)) < 5 / Math.sqrt(outputs));
  }
});
