import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../../compute/build.ts';
import { fit, nmf, pca, transform, truncatedSvd } from '../index.ts';
import type { Matrix } from '../matrix.ts';
import { referenceRows } from '../reference-rows.fixture.ts';
import { countExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

before(build);

// All numbers here are of scikit-learn 1.9.0 on the same rows.
const features = referenceRows();

for (const divergence of ['squares', 'kullbackLeibler'] as const) {
  tabularLaws({
    specification: nmf({ components: 2, divergence, rounds: 30 }),
    examples: { features: countExamples(1).features },
    verbs: ['transform'],
    rowOrder: { seeded: 'the first factors are drawn in the order of rows' },
  });
}

test('principal components have the same variances and directions', async () => {
  const expected = [3.6666114698033003, 3.2489507102087836, 0.3540362312037539];
  const directions = [
    [-0.5120686063461288, -0.32959798793060147, 0.7931903357623772],
    [-0.6711384116977077, 0.729844945680426, -0.12999841386960956],
    [0.5360587418731381, 0.5989086087349511, 0.5949365543018456],
  ];
  for (const solver of ['exact', 'randomised'] as const) {
    const { tensors } = await fit(pca({ solver }), { features });
    expected.forEach((variance, j) => {
      // The exact solver multiplies floats.
      assert.ok(Math.abs(tensors.variances!.data[j]! / variance - 1) < 1e-6);
      directions[j]!.forEach((value, k) => {
        assert.ok(Math.abs(tensors.components!.data[3 * j + k]! - value) < 1e-5);
      });
    });
  }
});

test('the truncated decomposition has the same singular values', async () => {
  const { tensors } = await fit(truncatedSvd({ components: 2 }), { features });
  [27.033524129380584, 14.706191157100216].forEach((value, j) => {
    assert.ok(Math.abs(tensors.singularValues!.data[j]! / value - 1) < 1e-8);
  });
});

test('non-negative factors reach the same divergence, and transform lessens it no further', async () => {
  for (const [divergence, error] of [
    ['squares', 13.847964379942217],
    ['kullbackLeibler', 9.746394590520014],
  ] as const) {
    const settings = { components: 2, divergence, rounds: 20_000, tolerance: 1e-12 };
    const found: number[] = [];
    for (const seed of [1, 2, 3]) {
      const model = await fit(nmf(settings), { features }, { seed });
      // Theirs is the root of twice the divergence.
      found.push(Math.sqrt(2 * (model.facts!.divergence as number)));
      const w = (await transform(model, features)) as Matrix;
      assert.ok(w.values.every((value) => value >= 0));
    }
    assert.ok(Math.min(...found) < error * (1 + 1e-4), `${divergence} ${found}`);
  }
});
