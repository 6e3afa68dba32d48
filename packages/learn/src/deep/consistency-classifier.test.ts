import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../../compute/build.ts';
import { accuracy, consistencyClassifier, fit, InvalidExamples, predict } from '../index.ts';
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

test('rows without a class help: clouds in twenty columns of which six rows each are known', async () => {
  const normal = normalSource(8);
  const [rows, columns] = [600, 20];
  const values = new Float64Array(columns * rows);
  const truth = new Float64Array(rows).map((_, row) => {
    const label = row % 2;
    for (let at = 0; at < columns; at++) values[row * columns + at] = normal() + label - 0.5;
    return label;
  });
  const features = { rows, columns, values };
  const target = truth.map((one, row) => (row < 12 ? one : -1));
  const reach = async (unlabelledWeight: number): Promise<number> => {
    const specification = consistencyClassifier({
      ...{ hidden: [32], epochs: 30, unlabelledWeight },
    });
    const model = await fit(specification, { features, target }, { seed: 1 });
    return accuracy(truth, await predict(model, features));
  };
  const [alone, helped] = [await reach(0), await reach(1)];
  // The best that any rule reaches is the normal distribution function of sqrt(20) / 2, or 98.7%.
  assert.ok(helped > alone + 0.005 && helped > 0.98, `${alone} ${helped}`);
});

test('examples of which no class is known are refused', async () => {
  const target = all.target!.map(() => -1);
  const examples = { ...all, target, classes: ['a', 'b', 'c'] };
  await assert.rejects(fit(consistencyClassifier(), examples), InvalidExamples);
});
