import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adjustedRandIndex, fit, hdbscan, predict } from '../index.ts';
import { classExamples, normalSource } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

tabularLaws({
  specification: hdbscan({ least: 6 }),
  examples: { features: classExamples(1, 3, 90).features },
  verbs: ['predict'],
  rowOrder: { seeded: 'clusters are numbered by their rows' },
});

test('clusters of different density are found, rows far from all belong to none', async () => {
  const normal = normalSource(8);
  const rows = 240;
  const values = new Float64Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    const wide = row % 2;
    for (const k of [0, 1]) values[2 * row + k] = wide ? 20 + 2 * normal() : 0.2 * normal();
  }
  const far = [400, -300, -500, 80];
  const features = { rows: rows + 2, columns: 2, values: Float64Array.of(...values, ...far) };
  const model = await fit(hdbscan({ least: 20 }), { features });
  const labels = model.tensors.labels!.data as Int32Array;
  assert.deepEqual([...labels.slice(rows)], [-1, -1]);
  const inner = Array.from({ length: rows }, (_, row) => row).filter((row) => labels[row]! >= 0);
  assert.ok(inner.length > 0.85 * rows);
  const truth = inner.map((row) => row % 2);
  assert.equal(
    adjustedRandIndex(
      inner.map((row) => labels[row]!),
      truth,
    ),
    1,
  );
  const strengths = model.tensors.strengths!.data;
  labels.forEach((label, row) => {
    assert.ok(label < 0 ? strengths[row] === 0 : strengths[row]! > 0 && strengths[row]! <= 1);
  });
  assert.deepEqual([...(await predict(model, features))], [...labels]);
  const fresh = { rows: 3, columns: 2, values: Float64Array.of(0.01, 0.02, 20.1, 19.9, 9, 9) };
  const found = await predict(model, fresh);
  assert.deepEqual([...found], [labels[0], labels[1], -1]);
});
