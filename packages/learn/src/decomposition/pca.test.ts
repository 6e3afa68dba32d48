import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../../compute/build.ts';
import { fit, type Matrix, pca, transform, truncatedSvd } from '../index.ts';
import {
  classExamples,
  countExamples,
  normalSource,
  regressionExamples,
} from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

before(build);

const { features } = regressionExamples(1);
tabularLaws({
  specification: pca({ components: 3, whiten: true }),
  examples: { features },
  verbs: ['transform'],
  rowOrder: 1e-3,
  onnx: 1e-4,
});
tabularLaws({
  specification: truncatedSvd({ components: 3 }),
  examples: { features: countExamples(1).features },
  verbs: ['transform'],
  rowOrder: { seeded: 'the random products are of the rows in their order' },
  onnx: 1e-4,
});

test('sparse rows on kernel threads have the directions of the rows written out', async () => {
  const normal = normalSource(9);
  const [rows, columns] = [600, 80];
  const values = Float64Array.from({ length: rows * columns }, (_, at) =>
    (at * at) % 7 < 4 ? normal() * (1 + (at % 3)) : 0,
  );
  const filled = Array.from(values.keys()).filter((at) => values[at] !== 0);
  const offsets = new Int32Array(rows + 1);
  for (const at of filled) offsets[Math.floor(at / columns) + 1]!++;
  for (let row = 0; row < rows; row++) offsets[row + 1]! += offsets[row]!;
  assert.ok(filled.length > 20_000);
  const sparse = {
    ...{ rows, columns, offsets, indices: Int32Array.from(filled, (at) => at % columns) },
    values: Float64Array.from(filled, (at) => values[at]!),
  };
  const specification = truncatedSvd({ components: 5 });
  const dense = await fit(specification, { features: { rows, columns, values } });
  const models = [1, 2].map((threads) => fit(specification, { features: sparse }, { threads }));
  const [one, two] = await Promise.all(models);
  assert.deepEqual(one!.tensors, two!.tensors);
  one!.tensors.components!.data.forEach((value, at) => {
    assert.ok(Math.abs(value - dense.tensors.components!.data[at]!) < 1e-9);
  });
});

test('both solvers find the axes of a covariance that is known', async () => {
  const normal = normalSource(4);
  const [rows, columns] = [40_000, 4];
  const deviations = [0.5, 4, 1, 2];
  const values = Float32Array.from({ length: rows * columns }, (_, at) => {
    return 7 + deviations[at % columns]! * normal();
  });
  for (const solver of ['exact', 'randomised'] as const) {
    const model = await fit(pca({ components: 3, solver }), {
      features: { rows, columns, values },
    });
    const { variances, components } = model.tensors;
    [16, 4, 1].forEach((variance, j) => {
      // Five standard errors of a normal variance.
      assert.ok(Math.abs(variances!.data[j]! / variance - 1) < 5 * Math.sqrt(2 / rows));
    });
    [1, 3, 2].forEach((axis, j) => {
      assert.ok(components!.data[j * columns + axis]! > 0.999);
    });
    assert.ok(Math.abs((model.facts!.totalVariance as number) - 21.25) < 0.5);
  }
});

test('the solvers agree, whitened scores are uncorrelated with variance one', async () => {
  const one = classExamples(5, 4, 500).features as Matrix;
  const model = await fit(pca({ whiten: true }), { features: one });
  const other = await fit(pca({ solver: 'randomised' }), { features: one });
  model.tensors.variances!.data.forEach((value, at) => {
    assert.ok(Math.abs(value / other.tensors.variances!.data[at]! - 1) < 1e-6);
  });
  const scores = (await transform(model, one)) as Matrix;
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++) {
      let sum = 0;
      for (let row = 0; row < 500; row++) {
        sum += scores.values[row * 4 + i]! * scores.values[row * 4 + j]!;
      }
      assert.ok(Math.abs(sum / 499 - Number(i === j)) < 1e-5);
    }
  }
});

test('a weight of three is the row three times', async () => {
  const small = { rows: 3, columns: 2, values: Float64Array.of(0, 1, 2, 5, -1, 3) };
  const thrice = { rows: 5, columns: 2, values: Float64Array.of(0, 1, 2, 5, 2, 5, 2, 5, -1, 3) };
  const weights = Float64Array.of(1, 3, 1);
  const weighed = await fit(pca(), { features: small, weights });
  const repeated = await fit(pca(), { features: thrice });
  weighed.tensors.variances!.data.forEach((value, at) => {
    assert.ok(Math.abs(value - repeated.tensors.variances!.data[at]!) < 1e-5);
  });
});
