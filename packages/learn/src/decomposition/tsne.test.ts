import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../../compute/build.ts';
import { fit, type Matrix, transform, tsne } from '../index.ts';
import { classExamples, normalSource } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';
import { affinitiesOf, perplexityWeights } from './affinities.ts';
import { gradientOf } from './tsne.ts';

before(build);

tabularLaws({
  specification: tsne({ perplexity: 5, rounds: 20 }),
  examples: { features: classExamples(1, 3, 60).features },
  verbs: ['transform'],
  rowOrder: { seeded: 'the first places are drawn in the order of rows' },
});

test('weights have the perplexity that was asked for', () => {
  const squared = Float64Array.from({ length: 60 }, (_, at) => (at + 1) ** 1.5);
  for (const perplexity of [2, 10, 40]) {
    const weights = perplexityWeights(squared, perplexity);
    const entropy = weights.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
    assert.ok(Math.abs(entropy - Math.log(perplexity)) < 1e-5);
  }
});

test('the exact gradient is the difference of the divergence; the coarse one is near it', async () => {
  const normal = normalSource(2);
  const rows = 40;
  const matrix = { rows, columns: 3, values: Float64Array.from({ length: 120 }, normal) };
  const affinities = await affinitiesOf(matrix, 5, { threads: 1 });
  const total = affinities.values.reduce((sum, one) => sum + one, 0);
  assert.ok(Math.abs(total - 1) < 1e-12);
  const places = Float64Array.from({ length: 2 * rows }, normal);
  const [gradient, spare] = [new Float64Array(2 * rows), new Float64Array(2 * rows)];
  gradientOf(places, affinities, 1, 0, gradient);
  for (const at of [0, 13, 46, 79]) {
    const step = 1e-5;
    const [up, down] = [places.slice(), places.slice()];
    up[at]! += step;
    down[at]! -= step;
    const slope =
      (gradientOf(up, affinities, 1, 0, spare) - gradientOf(down, affinities, 1, 0, spare)) /
      (2 * step);
    assert.ok(Math.abs(slope - gradient[at]!) < 1e-7);
  }
  gradientOf(places, affinities, 1, 0.5, spare);
  const size = Math.hypot(...gradient);
  assert.ok(Math.hypot(...gradient.map((value, at) => value - spare[at]!)) < 0.05 * size);
});

test('rows of a cloud stay together, and fitted rows keep their places', async () => {
  const { features, target } = classExamples(3, 3, 150);
  const model = await fit(tsne({ perplexity: 15, rounds: 300 }), { features });
  const places = (await transform(model, features)) as Matrix;
  assert.deepEqual([...places.values], [...model.tensors.places!.data]);
  let agreeing = 0;
  for (let row = 0; row < 150; row++) {
    let [least, nearest] = [Infinity, 0];
    for (let other = 0; other < 150; other++) {
      const gap = Math.hypot(
        places.values[2 * row]! - places.values[2 * other]!,
        places.values[2 * row + 1]! - places.values[2 * other + 1]!,
      );
      if (other !== row && gap < least) [least, nearest] = [gap, other];
    }
    agreeing += Number(target![row] === target![nearest]);
  }
  assert.ok(agreeing > 0.97 * 150, `${agreeing}`);
});
