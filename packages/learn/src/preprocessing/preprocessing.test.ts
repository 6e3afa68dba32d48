import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  binner,
  type Examples,
  type Features,
  fit,
  imputer,
  type Matrix,
  matrixFromRows,
  minMaxScaler,
  oneHotEncoder,
  ordinalEncoder,
  robustScaler,
  rowNormaliser,
  type Specification,
  standardScaler,
  targetEncoder,
  transform,
} from '../index.ts';
import { regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

const withoutTarget = (): Examples => ({ features: regressionExamples(4, 60).features });

for (const [specification, onnx, missing, rowOrder] of [
  [standardScaler(), 1e-5, true, 1e-12],
  [minMaxScaler(), 1e-5, true, 0],
  [robustScaler({ tail: 0.1 }), 1e-5, true, 0],
  [imputer({ with: 'median', indicators: true }), 1e-6, true, 0],
  [binner({ bins: 4 }), 0, true, 0],
  [rowNormaliser(), 1e-6, false, 0],
  [rowNormaliser({ norm: 'l1' }), 1e-6, false, 0],
  [rowNormaliser({ norm: 'max' }), 1e-6, false, 0],
] as const) {
  tabularLaws({
    ...{ specification, missing, rowOrder, verbs: ['transform'], examples: withoutTarget() },
    ...(onnx !== undefined && { onnx }),
  });
}

const words = ['pop', 'jazz', 'folk', 'pop', 'pop', null, 'jazz', 'rock', 'pop', 'folk'];
const frame = {
  rows: 10,
  fields: [
    { name: 'genre', words },
    { name: 'year', numbers: Float64Array.of(1, 2, 1, 2, 1, 2, Number.NaN, 1, 2, 1) },
  ],
};
const target = Float64Array.of(1, 0, 1, 1, 0, 0, 1, 1, 0, 1);

for (const [specification, examples] of [
  [oneHotEncoder({ most: 3 }), { features: frame }],
  [oneHotEncoder({ sparse: true }), { features: frame }],
  [targetEncoder(), { features: frame, target }],
] as const) {
  tabularLaws({
    ...{ specification, examples, verbs: ['transform'], rowOrder: 1e-12, missing: true },
  });
}
tabularLaws({
  specification: ordinalEncoder(),
  examples: {
    features: { rows: 10, fields: [{ name: 'genre', words: words.map((one) => one ?? 'none') }] },
  },
  ...{ verbs: ['transform'], rowOrder: 0, missing: true },
});

async function made(
  specification: Specification,
  examples: Examples,
  features = examples.features,
) {
  const found = (await transform(await fit(specification, examples), features)) as Matrix;
  return Array.from({ length: found.rows }, (_, row) => [
    ...found.values.slice(row * found.columns, (row + 1) * found.columns),
  ]);
}

const column = (...values: readonly number[]): Features =>
  matrixFromRows(values.map((value) => [value]));

test('columns are scaled by what their training rows were', async () => {
  const features = column(2, 4, 4, 6);
  const standard = await made(standardScaler(), { features }, column(2, 7));
  standard.flat().forEach((value, at) => {
    assert.ok(Math.abs(value - [-Math.SQRT2, 3 / Math.SQRT2][at]!) < 1e-15 * 4);
  });
  assert.deepEqual(await made(minMaxScaler(), { features }, column(2, 5, 8)), [[0], [0.75], [1.5]]);
  assert.deepEqual(await made(robustScaler(), { features }, column(4, 5)), [[0], [1]]);
  assert.deepEqual(await made(standardScaler(), { features: column(3, 3) }), [[0], [0]]);
  const weights = Float64Array.of(1, 0, 0, 1);
  assert.deepEqual(await made(standardScaler(), { features, weights }, column(4, 6)), [[0], [1]]);
});

test('far from zero a scaler keeps its digits', async () => {
  const base = 1e9;
  const features = column(base, base + 1, base + 2);
  const found = await made(standardScaler(), { features });
  const expected = Math.sqrt(1.5);
  found.flat().forEach((value, at) => {
    assert.ok(Math.abs(value - (at - 1) * expected) < 1e-12);
  });
});

test('missing numbers are filled, and told', async () => {
  const features = column(1, Number.NaN, 3, 3);
  const fills = { mean: 7 / 3, median: 3, mostFrequent: 3, constant: 9 } as const;
  for (const [name, fill] of Object.entries(fills)) {
    const specification = imputer({ with: name as 'mean', constant: 9 });
    const found = await made(specification, { features });
    assert.ok(Math.abs(found[1]![0]! - fill) < 1e-15, name);
  }
  const told = await made(imputer({ indicators: true }), { features });
  assert.deepEqual(
    told.map((row) => row[1]),
    [0, 1, 0, 0],
  );
  const none = column(Number.NaN, Number.NaN);
  assert.deepEqual(await made(imputer({ constant: 5 }), { features: none }), [[5], [5]]);
});

test('bins hold as many rows each, or are as wide', async () => {
  const features = column(1, 2, 3, 4, 5, 6, 7, 100);
  const equal = await made(binner({ bins: 4 }), { features });
  assert.deepEqual(equal.flat(), [0, 0, 1, 1, 2, 2, 3, 3]);
  const wide = await made(
    binner({ bins: 3, edges: 'uniform' }),
    { features },
    column(0, 34, 67, 1000),
  );
  assert.deepEqual(wide.flat(), [0, 1, 2, 2]);
});

test('rows have length 1 in each norm, also huge and tiny ones', async () => {
  const features = matrixFromRows([
    [3, 4],
    [-3e200, 4e200],
    [3e-200, 4e-200],
    [0, 0],
  ]);
  const rows = await made(rowNormaliser(), { features });
  for (const [a, b] of rows.slice(0, 3)) {
    assert.ok(Math.abs(Math.abs(a!) - 0.6) < 1e-15 && Math.abs(b! - 0.8) < 1e-15);
  }
  assert.deepEqual(rows[3], [0, 0]);
  assert.deepEqual((await made(rowNormaliser({ norm: 'max' }), { features }))[0], [0.75, 1]);
});

test('categories get columns or codes; rare, missing and new ones none', async () => {
  const hot = await made(oneHotEncoder({ leastRows: 2 }), { features: frame });
  // folk, jazz, pop; 1, 2.
  assert.deepEqual(hot.slice(0, 8), [
    [0, 0, 1, 1, 0],
    [0, 1, 0, 0, 1],
    [1, 0, 0, 1, 0],
    [0, 0, 1, 0, 1],
    [0, 0, 1, 1, 0],
    [0, 0, 0, 0, 1],
    [0, 1, 0, 0, 0],
    [0, 0, 0, 1, 0],
  ]);
  const other = {
    rows: 2,
    fields: [
      { name: 'genre', words: ['opera', 'rock'] },
      { name: 'year', numbers: Float64Array.of(2, 3) },
    ],
  };
  assert.deepEqual(await made(ordinalEncoder(), { features: frame }, other), [
    [Number.NaN, 1],
    [3, Number.NaN],
  ]);
});

test('targets are encoded by their mean, drawn to the mean of all', async () => {
  const found = await made(targetEncoder({ smoothing: 2 }), { features: frame, target });
  const pop = (1 + 1 + 0 + 0 + 2 * 0.6) / 6;
  assert.ok(Math.abs(found[0]![0]! - pop) < 1e-15);
  assert.ok(Math.abs(found[5]![0]! - 0.6) < 1e-15);
  const three = { features: frame, target: target.map((label, row) => (row === 0 ? 2 : label)) };
  const classes = await made(targetEncoder({ target: 'classes', smoothing: 0 }), three);
  assert.deepEqual(classes[0]!.slice(0, 3), [0.5, 0.25, 0.25]);
});
