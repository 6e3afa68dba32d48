import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGraph } from '@backlot/compute';
import { fit, isolationForest, type Matrix, predict, scoreRows, toOnnx } from '../index.ts';
import { classExamples, normalSource } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';
import { meanPath } from './isolation-trees.ts';

tabularLaws({
  specification: isolationForest({ trees: 10, sample: 32, contamination: 0.1 }),
  examples: { features: classExamples(1).features },
  verbs: ['predict', 'scoreRows'],
  rowOrder: { seeded: 'each tree draws rows by their places' },
  onnx: 1e-5,
});

test('the mean path is twice the harmonic number less a share, from n - 1 on', () => {
  for (const n of [100, 256, 5000]) {
    let harmonic = 0;
    for (let k = 1; k < n; k++) harmonic += 1 / k;
    // The logarithm stands for the harmonic number but for 1 / (2 n).
    assert.ok(Math.abs(meanPath(n) - (2 * harmonic - (2 * (n - 1)) / n)) < 1.1 / n + 1e-12);
  }
});

test('rows on a line: the mean path of a full tree is that of a random search tree', async () => {
  // Splits uniform in a gap of equal spacing are splits of a random binary search tree's insertions.
  const rows = 8;
  const values = Float64Array.from({ length: rows }, (_, row) => row);
  const features = { rows, columns: 1, values };
  const model = await fit(isolationForest({ trees: 8000, sample: rows }), { features });
  const scores = await scoreRows(model, features);
  const paths = scores.map((score) => -Math.log2(-score) * meanPath(rows));
  const expected = expectedPaths(rows, 3);
  // Trees are cut at depth 3; the mean of 8,000 paths has a standard error below 0.02.
  paths.forEach((path, row) => {
    assert.ok(Math.abs(path - expected[row]!) < 0.08, `${row}`);
  });
});

/** By recursion over the first split, uniform over the gaps. */
function expectedPaths(rows: number, depth: number): number[] {
  if (rows <= 1 || depth === 0) return new Array(rows).fill(meanPath(rows));
  const sums = new Array<number>(rows).fill(0);
  for (let left = 1; left < rows; left++) {
    const parts = [...expectedPaths(left, depth - 1), ...expectedPaths(rows - left, depth - 1)];
    parts.forEach((path, row) => {
      sums[row]! += (1 + path) / (rows - 1);
    });
  }
  return sums;
}

test('a single row is neither usual nor not, in ONNX too', async () => {
  const features = { rows: 1, columns: 2, values: Float64Array.of(1, 2) };
  const model = await fit(isolationForest({ trees: 3 }), { features });
  assert.deepEqual([...(await scoreRows(model, features))], [-0.5]);
  await using session = await openGraph(toOnnx(model));
  const data = Float32Array.of(1, 2);
  const found = await session.run({ features: { type: 'float', shape: [1, 2], data } });
  assert.equal(Number(found.scores!.data[0]), -0.5);
});

test('far rows score lowest, and contamination marks their share', async () => {
  const normal = normalSource(2);
  const values = Float64Array.from({ length: 500 * 3 }, (_, at) => normal() + (at < 30 ? 9 : 0));
  const features: Matrix = { rows: 500, columns: 3, values };
  const model = await fit(isolationForest({ contamination: 0.02 }), { features });
  const labels = await predict(model, features);
  assert.ok(labels.slice(0, 10).every((label) => label === -1));
  assert.equal(labels.filter((label) => label === -1).length, 10);
});
