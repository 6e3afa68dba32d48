import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../../compute/build.ts';
import { accuracy, consistencyClassifier, fit, predict } from '../index.ts';
import { classExamples, normalSource } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

before(build);

const all = classExamples(2);
const partial = { ...all, target: all.target!.map((one, row) => (row % 5 < 3 ? one : -1)) };

tabularLaws({
  specification: consistencyClassifier({ hidden: [8], epochs: 4 }),
  examples: partial,
  verbs: ['predict', 'predictProbabilities'],
  rowOrder: { seeded: 'mini-batches are drawn from the order of rows' },
  onnx: 1e-5,
});

test('rows without a class help: two arcs of which three rows each are known', async () => {
  const random = seededRandom(8);
  const normal = normalSource(9);
  const rows = 400;
  const values = new Float64Array(2 * rows);
  const truth = new Float64Array(rows).map((_, row) => {
    const label = row % 2;
    const angle = Math.PI * (row < 6 ? (1 + Math.floor(row / 2)) / 4 : random.uniform());
    values[2 * row] = (label ? 1 - Math.cos(angle) : Math.cos(angle)) + 0.08 * normal();
    values[2 * row + 1] = (label ? 0.5 - Math.sin(angle) : Math.sin(angle)) + 0.08 * normal();
    return label;
  });
  const features = { rows, columns: 2, values };
  const target = truth.map((one, row) => (row < 6 ? one : -1));
  const reach = async (unlabelledWeight: number): Promise<number> => {
    const specification = consistencyClassifier({
      ...{ hidden: [32, 32], epochs: 80, learningRate: 0.005, unlabelledWeight },
      ...{ replaced: 0, noise: 0.25, confidence: 0.8 },
    });
    const model = await fit(specification, { features, target }, { seed: 1 });
    return accuracy(truth, await predict(model, features));
  };
  const [alone, helped] = [await reach(0), await reach(1)];
  assert.ok(helped > alone && helped > 0.95, `${alone} ${helped}`);
});
