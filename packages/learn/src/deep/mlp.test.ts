import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../../compute/build.ts';
import { accuracy, fit, type Matrix, mlpClassifier, mlpRegressor, predict, r2 } from '../index.ts';
import { classExamples, normalSource, regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

before(build);

const seeded = 'mini-batches are drawn from the order of rows';

tabularLaws({
  specification: mlpRegressor({ hidden: [8], epochs: 5, batch: 32, dropout: 0.1 }),
  examples: regressionExamples(1),
  verbs: ['predict'],
  rowOrder: { seeded },
  onnx: 1e-5,
});

tabularLaws({
  specification: mlpClassifier({ hidden: [8, 4], epochs: 5, activation: 'gelu' }),
  examples: classExamples(2),
  verbs: ['predict', 'predictProbabilities'],
  rowOrder: { seeded },
  onnx: 1e-5,
});

/** Two half circles that a line does not part, with noise of 0.15. */
function moons(seed: number, rows: number) {
  const random = seededRandom(seed);
  const normal = normalSource(seed + 1);
  const values = new Float64Array(2 * rows);
  const target = new Float64Array(rows).map((_, row) => {
    const label = row % 2;
    const angle = Math.PI * random.uniform();
    values[2 * row] = (label ? 1 - Math.cos(angle) : Math.cos(angle)) + 0.15 * normal();
    values[2 * row + 1] = (label ? 0.5 - Math.sin(angle) : Math.sin(angle)) + 0.15 * normal();
    return label;
  });
  return { features: { rows, columns: 2, values }, target };
}

test('two moons are parted, which no line does', async () => {
  const [train, held] = [moons(1, 600), moons(9, 600)];
  const specification = mlpClassifier({ hidden: [32, 32], epochs: 60, learningRate: 0.01 });
  const model = await fit(specification, train, { seed: 1 });
  const found = accuracy(held.target, await predict(model, held.features));
  assert.ok(found > 0.97, String(found));
  const line = await fit(mlpClassifier({ hidden: [], epochs: 60, learningRate: 0.01 }), train);
  assert.ok(accuracy(held.target, await predict(line, held.features)) < 0.92);
});

test('exclusive or is learned', async () => {
  const values = Float64Array.of(0, 0, 0, 1, 1, 0, 1, 1);
  const examples = {
    features: { rows: 4, columns: 2, values },
    target: Float64Array.of(0, 1, 1, 0),
  };
  const specification = mlpClassifier({ hidden: [16], epochs: 300, learningRate: 0.02, batch: 4 });
  const model = await fit(specification, examples, { seed: 2 });
  assert.deepEqual([...(await predict(model, examples.features))], [0, 1, 1, 0]);
});

test('without hidden layers it is least squares', async () => {
  const examples = regressionExamples(4, 400);
  const specification = mlpRegressor({ hidden: [], epochs: 200, decay: 0, learningRate: 0.01 });
  const found = await predict(await fit(specification, examples), examples.features);
  const bent = mlpRegressor({ hidden: [32], epochs: 120, learningRate: 0.01 });
  const better = await predict(await fit(bent, examples), examples.features);
  const [line, curve] = [found, better].map((one) => r2(examples.target!, one));
  // The least squares solution of these rows, by the normal equations below.
  const exact = leastSquaresR2(
    (examples.features as Matrix).values as Float64Array,
    examples.target!,
    5,
  );
  assert.ok(Math.abs(line! - exact) < 1e-4, `${line} ${exact}`);
  assert.ok(curve! > line!, `${curve}`);
});

function leastSquaresR2(x: Float64Array, y: Float64Array, columns: number): number {
  const width = columns + 1;
  const row = (at: number) => [...x.subarray(at * columns, (at + 1) * columns), 1];
  const system = Array.from({ length: width }, () => new Float64Array(width + 1));
  y.forEach((value, at) => {
    const own = row(at);
    own.forEach((a, i) => {
      own.forEach((b, j) => {
        system[i]![j]! += a * b;
      });
      system[i]![width]! += a * value;
    });
  });
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) {
      if (i === j) continue;
      const factor = system[j]![i]! / system[i]![i]!;
      for (let k = i; k <= width; k++) system[j]![k]! -= factor * system[i]![k]!;
    }
  }
  const found = y.map((_, at) =>
    row(at).reduce((sum, a, i) => sum + (a * system[i]![width]!) / system[i]![i]!, 0),
  );
  return r2(y, found);
}

test('held-out rows end a fit that no longer gains, with the best parameters', async () => {
  const normal = normalSource(3);
  const values = Float64Array.from({ length: 60 * 10 }, normal);
  const examples = {
    features: { rows: 60, columns: 10, values },
    target: Float64Array.from({ length: 60 }, normal),
  };
  let epochs = 0;
  const specification = mlpRegressor({
    ...{ hidden: [64], epochs: 200, validationShare: 0.3, patience: 3, learningRate: 0.01 },
  });
  const onProgress = (): void => {
    epochs++;
  };
  const model = await fit(specification, examples, { onProgress });
  assert.ok(epochs < 100, String(epochs));
  // Noise has nothing to learn: what is kept stays close to the mean.
  const found = await predict(model, examples.features);
  assert.ok(found.every(Number.isFinite));
});
