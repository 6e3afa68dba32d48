import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../../compute/build.ts';
import { adjustedRandIndex, fit, kMeans, type Matrix, predict } from '../index.ts';
import { classExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

before(build);

tabularLaws({
  specification: kMeans({ clusters: 3, rounds: 20 }),
  examples: { features: classExamples(1).features },
  verbs: ['predict', 'transform'],
  rowOrder: { seeded: 'the first centres are drawn from the rows in their order' },
  onnx: 1e-5,
});

test('two clusters of nine rows reach the best of all 255 partitions', async () => {
  const random = seededRandom(4);
  for (let trial = 0; trial < 5; trial++) {
    const values = Float64Array.from({ length: 18 }, () => random.normal());
    const features = { rows: 9, columns: 2, values };
    const model = await fit(kMeans({ clusters: 2, restarts: 20, tolerance: 0 }), { features });
    const found = model.facts!.inertia as number;
    assert.ok(Math.abs(found - bestPartition(features)) < 1e-5, `${found}`);
  }
});

function bestPartition({ rows, columns, values }: Matrix): number {
  let best = Infinity;
  for (let mask = 1; mask < 2 ** (rows - 1); mask++) {
    let total = 0;
    for (const side of [0, 1]) {
      const own = Array.from({ length: rows }, (_, row) => row).filter(
        (row) => ((mask >> row) & 1) === side,
      );
      for (let k = 0; k < columns; k++) {
        const column = own.map((row) => values[row * columns + k]!);
        const mean = column.reduce((sum, one) => sum + one, 0) / own.length;
        total += column.reduce((sum, one) => sum + (one - mean) ** 2, 0);
      }
    }
    best = Math.min(best, total);
  }
  return best;
}

test('the loss never rises, and the last is the inertia of the labels', async () => {
  const { features } = classExamples(2, 4, 900);
  const losses: number[] = [];
  const onProgress = ({ loss }: { loss?: number }): void => void losses.push(loss!);
  const specification = kMeans({ clusters: 12, tolerance: 0 });
  const model = await fit(specification, { features }, { onProgress });
  assert.ok(losses.length > 3);
  losses.slice(1).forEach((loss, at) => {
    assert.ok(loss <= losses[at]! * (1 + 1e-6));
  });
  const centres = model.tensors.centres!.data;
  const labels = await predict(model, features);
  const { columns, values } = features as Matrix;
  let inertia = 0;
  values.forEach((value, at) => {
    const label = labels[Math.floor(at / columns)]!;
    inertia += (value - centres[label * columns + (at % columns)]!) ** 2;
  });
  assert.ok(Math.abs(inertia / (model.facts!.inertia as number) - 1) < 1e-6);
});

test('a weight of two is the row twice, and well-separated clouds are found', async () => {
  const { features, target } = classExamples(3, 3, 300);
  const specification = kMeans({ clusters: 3, restarts: 5, tolerance: 0 });
  const found = await fit(specification, { features });
  const labels = await predict(found, features);
  assert.ok(adjustedRandIndex(labels, target!) > 0.97);
  const weights = new Float64Array(300).fill(2);
  const heavy = await fit(specification, { features, weights });
  assert.ok(
    Math.abs((heavy.facts!.inertia as number) / (found.facts!.inertia as number) - 2) < 1e-5,
  );
});
