import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import {
  chain,
  columns,
  constant,
  type Examples,
  fit,
  gaussianNaiveBayes,
  imputer,
  type Matrix,
  oneHotEncoder,
  predict,
  rowNormaliser,
  standardScaler,
  targetEncoder,
  transform,
} from '../index.ts';
import { classExamples, regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

tabularLaws({
  specification: chain(imputer(), standardScaler(), constant()),
  examples: regressionExamples(1, 60),
  ...{ verbs: ['predict'], rowOrder: 1e-12, missing: true, onnx: 1e-6 },
});
tabularLaws({
  specification: chain(
    columns(
      { columns: ['3', '0'], estimator: standardScaler() },
      { columns: ['1'], estimator: chain(imputer(), rowNormaliser()) },
    ),
    gaussianNaiveBayes(),
  ),
  examples: classExamples(4),
  ...{ verbs: ['predict', 'predictProbabilities', 'scoreRows'], rowOrder: 1e-7 },
  ...{ missing: true, onnx: 1e-4 },
});

const mixed = (rows: number): Examples => {
  const random = seededRandom(1);
  const pick = (all: readonly string[]): string => all[random.below(all.length)]!;
  return {
    features: {
      rows,
      fields: [
        { name: 'age', numbers: Float64Array.from({ length: rows }, () => random.normal()) },
        { name: 'kind', words: Array.from({ length: rows }, () => pick(['song', 'film', 'book'])) },
        { name: 'size', numbers: Float64Array.from({ length: rows }, () => random.uniform()) },
      ],
    },
    target: Float64Array.from({ length: rows }, () => random.uniform()),
  };
};

const prepare = columns(
  { columns: ['size', 'age'], estimator: standardScaler() },
  { columns: ['kind'], estimator: oneHotEncoder() },
);

tabularLaws({
  ...{ specification: prepare, examples: { features: mixed(40).features }, verbs: ['transform'] },
  ...{ rowOrder: 1e-12, missing: true },
});
tabularLaws({
  specification: columns({ columns: ['0', '3'], estimator: standardScaler() }),
  examples: { features: regressionExamples(2, 40).features },
  ...{ verbs: ['transform'], rowOrder: 1e-12, missing: true, onnx: 1e-5 },
});

test('each step is fitted to what the ones before made', async () => {
  const examples = regressionExamples(3, 50);
  const model = await fit(chain(standardScaler(), standardScaler(), standardScaler()), examples);
  const last = model.parts!['02']!;
  const { factors, shifts } = last.tensors;
  // The rows come in scaled already.
  for (const value of factors!.data) assert.ok(Math.abs(value - 1) < 1e-12);
  for (const value of shifts!.data) assert.ok(Math.abs(value) < 1e-12);
});

test('branches stand side by side in their order, sparse when one is', async () => {
  const examples = mixed(20);
  const made = (await transform(await fit(prepare, examples), examples.features)) as Matrix;
  assert.equal(made.columns, 5);
  const scaled = chain(columns({ columns: ['age'], estimator: standardScaler() }), constant());
  assert.equal((await predict(await fit(scaled, examples), examples.features)).length, 20);
  const sparse = columns(
    { columns: ['age'], estimator: standardScaler() },
    { columns: ['kind'], estimator: oneHotEncoder({ sparse: true }) },
  );
  const found = await transform(await fit(sparse, examples), examples.features);
  assert.ok('offsets' in found && found.columns === 4 && found.offsets[20]! <= 40);
});

test('a chain in a branch gets its columns as its first step takes them', async () => {
  const examples = mixed(20);
  const inner = chain(imputer(), standardScaler());
  const model = await fit(columns({ columns: ['age', 'size'], estimator: inner }), examples);
  const plain = columns({ columns: ['age', 'size'], estimator: standardScaler() });
  const expected = await transform(await fit(plain, examples), examples.features);
  assert.deepEqual(await transform(model, examples.features), expected);
});

test('training rows are encoded without their own target', async () => {
  // Every row has a category of its own: the target of a row can only come from the row itself.
  const rows = 30;
  const names = Array.from({ length: rows }, (_, row) => `item ${row}`);
  const target = Float64Array.from({ length: rows }, (_, row) => row % 2);
  const features = { rows, fields: [{ name: 'item', words: names }] };
  const encoder = targetEncoder({ smoothing: 0 });
  const leaky = (await transform(await fit(encoder, { features, target }), features)) as Matrix;
  assert.deepEqual(leaky.values, target);
  const model = await fit(chain(encoder, standardScaler()), { features, target });
  const [factor] = model.parts!['01']!.tensors.factors!.data;
  // Out of fold all rows have the mean of the other folds, so that there is next to nothing to scale.
  assert.ok(factor! > 5, String(factor));
});

test('columns that are not there and empty compositions are refused', async () => {
  const examples = mixed(10);
  const unknown = columns({ columns: ['weight'], estimator: standardScaler() });
  await assert.rejects(fit(unknown, examples), { code: 'E-LEARN-007' });
  const wordy = columns({ columns: ['kind'], estimator: standardScaler() });
  await assert.rejects(fit(wordy, examples), { code: 'E-LEARN-007' });
  await assert.rejects(fit(columns(), examples), { code: 'E-LEARN-003' });
  await assert.rejects(fit(chain(), examples), { code: 'E-LEARN-003' });
});
