import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import {
  decodeModel,
  type Examples,
  encodeModel,
  fit,
  gradientBoosting,
  type Matrix,
  ndcg,
  predict,
  predictProbabilities,
  rocAuc,
  scoreRows,
} from '../index.ts';
import { classExamples, normalSource, regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';
import { LambdaGradients } from './lambda-gradients.ts';

const small = { rounds: 12, minRows: 5, leaves: 6 };
const rowOrder = 1e-9;

tabularLaws({
  ...{ specification: gradientBoosting(small), examples: regressionExamples(1), rowOrder },
  ...{ verbs: ['predict', 'scoreRows'], missing: true, onnx: 1e-4 },
});
tabularLaws({
  specification: gradientBoosting({ ...small, objective: 'classes' }),
  examples: classExamples(1),
  ...{ verbs: ['predict', 'predictProbabilities'], rowOrder, missing: true, onnx: 1e-4 },
});
tabularLaws({
  specification: gradientBoosting({ ...small, objective: 'classes' }),
  examples: classExamples(2, 2),
  ...{
    verbs: ['predict', 'predictProbabilities', 'scoreRows'],
    rowOrder,
    missing: true,
    onnx: 1e-4,
  },
});
for (const objective of ['poisson', 'quantile'] as const) {
  const { features, target } = regressionExamples(3);
  const counts = target!.map((value) => Math.max(0, Math.round(value)));
  tabularLaws({
    specification: gradientBoosting({ ...small, objective, quantile: 0.8 }),
    examples: { features, target: counts },
    ...{ verbs: ['predict'], rowOrder, missing: true, onnx: 1e-4 },
  });
}

test('one stump is the best split by hand, its values the means of what is left', async () => {
  const values = Float64Array.of(1, 2, 3, 4, 5, 6);
  const target = Float64Array.of(0, 0, 1, 9, 9, 10);
  const features = { rows: 6, columns: 1, values };
  const specification = gradientBoosting({ rounds: 1, learningRate: 1, leaves: 2, minRows: 1 });
  const found = await predict(await fit(specification, { features, target }), features);
  // Gradients are whole numbers of 18 bits.
  [1 / 3, 1 / 3, 1 / 3, 28 / 3, 28 / 3, 28 / 3].forEach((value, row) => {
    assert.ok(Math.abs(found[row]! - value) < 1e-3, `${found}`);
  });
});

test('weights count as repeated rows', async () => {
  const { features, target } = regressionExamples(4, 120);
  const { values, columns } = features as Matrix;
  const weights = target!.map((_, row) => (row % 3 === 0 ? 2 : 1));
  const places = Array.from(weights.keys()).flatMap((row) =>
    weights[row] === 2 ? [row, row] : [row],
  );
  const repeated = Float64Array.from(
    places.flatMap((row) => [...values.subarray(row * columns, (row + 1) * columns)]),
  );
  const specification = gradientBoosting({ ...small, minRows: 1, minHessian: 8 });
  const weighted = await fit(specification, { features, target: target!, weights });
  const twice = await fit(specification, {
    features: { rows: places.length, columns, values: repeated },
    target: Float64Array.from(places, (row) => target![row]!),
  });
  const [a, b] = [await predict(weighted, features), await predict(twice, features)];
  a.forEach((value, row) => {
    assert.ok(Math.abs(value - b[row]!) < 0.02);
  });
});

test('missing numbers and unknown categories go where they gained most', async () => {
  const random = seededRandom(5);
  const rows = 600;
  const values = new Float64Array(rows * 2);
  const target = new Float64Array(rows).map((_, row) => {
    const category = random.below(6);
    const number = random.uniform() < 0.3 ? Number.NaN : random.uniform();
    values.set([number, category], row * 2);
    return (Number.isNaN(number) ? 5 : number) + [0, 9, 0, 9, 0, 9][category]!;
  });
  const features = { rows, columns: 2, values };
  const model = await fit(gradientBoosting({ rounds: 60, categorical: [1], minRows: 5 }), {
    features,
    target,
  });
  const probes = { rows: 3, columns: 2, values: Float64Array.of(Number.NaN, 0, 0.5, 3, 0.5, 77) };
  const [absent, odd, unknown] = await predict(model, probes);
  assert.ok(Math.abs(absent! - 5) < 0.5 && Math.abs(odd! - 9.5) < 0.5);
  assert.ok(unknown! > -1 && unknown! < 11);
});

test('a monotone column never lowers what is predicted', async () => {
  const normal = normalSource(6);
  const rows = 500;
  const values = Float64Array.from({ length: rows * 2 }, normal);
  const target = new Float64Array(rows).map(
    (_, row) => Math.sin(2 * values[2 * row]!) + values[2 * row]! + 0.5 * normal(),
  );
  const specification = gradientBoosting({ rounds: 50, monotone: [1, 0], minRows: 5 });
  const model = await fit(specification, { features: { rows, columns: 2, values }, target });
  for (let trial = 0; trial < 20; trial++) {
    const other = normal();
    const line = Float64Array.from({ length: 2 * 60 }, (_, at) =>
      at % 2 === 0 ? -3 + at / 20 : other,
    );
    const found = await predict(model, { rows: 60, columns: 2, values: line });
    assert.ok(found.every((value, row) => row === 0 || value >= found[row - 1]! - 1e-12));
  }
});

test('it stops early, samples rows and columns, and learns a quantile', async () => {
  const { features, target } = regressionExamples(7, 800);
  const specification = gradientBoosting({
    rounds: 400,
    validation: 0.2,
    patience: 10,
    rowShare: 0.7,
    columnShare: 0.6,
  });
  const model = await fit(specification, { features, target: target! }, { seed: 1 });
  const rounds = model.facts!.rounds as number;
  assert.ok(rounds > 10 && rounds < 400, String(rounds));
  const upper = await fit(gradientBoosting({ objective: 'quantile', quantile: 0.9, rounds: 60 }), {
    features,
    target: target!,
  });
  const found = await predict(upper, features);
  const below = found.filter((value, row) => target![row]! <= value).length / 800;
  assert.ok(Math.abs(below - 0.9) < 0.04, String(below));
});

test('probabilities order the classes of a curved problem', async () => {
  const normal = normalSource(8);
  const values = Float64Array.from({ length: 3000 * 2 }, normal);
  const target = new Float64Array(3000).map((_, row) => {
    return Math.hypot(values[2 * row]!, values[2 * row + 1]!) + 0.2 * normal() > 1.2 ? 1 : 0;
  });
  const features = { rows: 3000, columns: 2, values };
  const model = await fit(gradientBoosting({ objective: 'classes', rounds: 60 }), {
    features,
    target,
  });
  const { values: shares } = await predictProbabilities(model, features);
  assert.ok(
    rocAuc(
      target,
      target.map((_, row) => shares[2 * row + 1]!),
    ) > 0.97,
  );
});

test('pulls of a query are those worked out pair by pair', () => {
  const target = Float64Array.of(2, 0, 1);
  const scores = Float64Array.of(0.1, 0.5, -0.2);
  const [gradients, hessians] = [new Float64Array(3), new Float64Array(3)];
  const pulls = new LambdaGradients({ target, groups: Int32Array.of(3) });
  pulls.write(scores, gradients, hessians);
  const ideal = 3 + 1 / Math.log2(3);
  const discount = [1 / Math.log2(3), 1, 1 / 2];
  const expected = [0, 0, 0];
  let total = 0;
  for (const [high, low] of [
    [0, 1],
    [0, 2],
    [2, 1],
  ] as const) {
    const apart = scores[high]! - scores[low]!;
    const gain = 2 ** target[high]! - 2 ** target[low]!;
    const change =
      (gain * Math.abs(discount[high]! - discount[low]!)) / ideal / (0.01 + Math.abs(apart));
    const pull = change / (1 + Math.exp(apart));
    expected[high]! -= pull;
    expected[low]! += pull;
    total += 2 * pull;
  }
  expected.forEach((value, row) => {
    assert.ok(Math.abs(gradients[row]! - (value * Math.log2(1 + total)) / total) < 1e-12);
    assert.ok(hessians[row]! > 0);
  });
});

test('many rows are answered as each is alone, on any number of threads', async () => {
  const examples = classExamples(11);
  const { rows, columns, values } = examples.features as Matrix;
  const specification = gradientBoosting({ ...small, rounds: 40, objective: 'classes' });
  const model = await fit(specification, examples);
  const repeats = 6000;
  const drawn = Float64Array.from({ length: repeats * columns }, (_, at) => {
    return at % 97 === 0 ? Number.NaN : values[(at * 31) % (rows * columns)]!;
  });
  const all = { rows: repeats, columns, values: drawn };
  const found = await predictProbabilities(model, all, { threads: 1 });
  assert.deepEqual(await predictProbabilities(model, all, { threads: 2 }), found);
  for (const row of [0, 1, 7, 2999, 5999]) {
    const alone = drawn.slice(row * columns, (row + 1) * columns);
    const { values: one } = await predictProbabilities(model, { ...all, rows: 1, values: alone });
    assert.deepEqual(one, found.values.slice(row * one.length, (row + 1) * one.length));
  }
});

test('rows with categories are answered alike, many at once and alone', async () => {
  const random = seededRandom(12);
  const rows = 900;
  const values = Float64Array.from({ length: rows * 3 }, (_, at) => {
    if (random.uniform() < 0.1) return Number.NaN;
    return at % 3 === 0 ? random.normal() : random.below(at % 3 === 1 ? 70 : 3) - 1;
  });
  const target = Float64Array.from({ length: rows }, (_, row) => {
    return ((values[row * 3 + 1]! * 7) % 5) + values[row * 3]! * values[row * 3 + 2]! || 0;
  });
  const features = { rows, columns: 3, values };
  const specification = gradientBoosting({ rounds: 30, categorical: [1, 2], minRows: 3 });
  const model = await fit(specification, { features, target });
  // Numbers where categories were, and categories that were not there.
  const drawn = values.map((value, at) => (at % 11 === 0 ? at / 7 : value));
  const found = await predict(model, { ...features, values: drawn });
  for (let row = 0; row < rows; row++) {
    const alone = { rows: 1, columns: 3, values: drawn.slice(row * 3, row * 3 + 3) };
    assert.equal((await predict(model, alone))[0], found[row]);
  }
});

test('where only missing categories go left, all others go right', async () => {
  const values = Float64Array.from({ length: 60 }, (_, row) => [Number.NaN, -1, 2][row % 3]!);
  const target = Float64Array.from({ length: 60 }, (_, row) => (row % 3 === 0 ? 9 : 1));
  const features = { rows: 60, columns: 1, values };
  const specification = { rounds: 1, leaves: 2, learningRate: 1, minRows: 1, categorical: [0] };
  const model = await fit(gradientBoosting(specification), { features, target });
  const found = await predict(model, { rows: 3, columns: 1, values: values.subarray(0, 3) });
  [9, 1, 1].forEach((value, row) => {
    assert.ok(Math.abs(found[row]! - value) < 1e-3, `${found}`);
  });
});

test('a split that two others lead to is refused', async () => {
  const model = await fit(gradientBoosting(small), regressionExamples(13));
  const left = model.tensors.left!;
  const at = left.data.findIndex((child) => child > 0);
  const right = model.tensors.right!.data.slice() as Int32Array;
  right[at] = left.data[at]!;
  const tensors = { ...model.tensors, right: { ...left, data: right } };
  assert.deepEqual(decodeModel(encodeModel(model)), model);
  assert.throws(() => decodeModel(encodeModel({ ...model, tensors })), { code: 'E-LEARN-004' });
});

test('a ranking is learned by group', async () => {
  const random = seededRandom(9);
  const groups = new Int32Array(60).fill(10);
  const values = Float64Array.from({ length: 600 * 3 }, () => random.normal());
  const target = new Float64Array(600).map((_, row) => {
    const score = values[3 * row]! - values[3 * row + 1]! + 0.3 * random.normal();
    return score > 1.5 ? 3 : score > 0.5 ? 2 : score > -0.5 ? 1 : 0;
  });
  const examples: Examples = { features: { rows: 600, columns: 3, values }, target, groups };
  const model = await fit(
    gradientBoosting({ objective: 'ranking', rounds: 40, minRows: 5 }),
    examples,
  );
  const scores = await scoreRows(model, examples.features);
  assert.ok(ndcg({ target, scores, groups }, 5) > 0.9);
  const { groups: _, ...rest } = examples;
  await assert.rejects(fit(gradientBoosting({ objective: 'ranking' }), rest), {
    code: 'E-LEARN-007',
  });
});
