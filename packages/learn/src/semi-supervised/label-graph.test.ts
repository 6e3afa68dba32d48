import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../../compute/build.ts';
import {
  fit,
  labelPropagation,
  labelSpreading,
  type Matrix,
  matrixFromRows,
  predict,
  predictProbabilities,
  type Specification,
  spreadLabels,
} from '../index.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';
import { partialExamples, twoMoons } from './partial-examples.fixture.ts';

before(build);

for (const specification of [
  labelPropagation({ neighbours: 8 }),
  labelSpreading({ graph: 'kernel', rate: 0.3 }),
]) {
  tabularLaws({
    ...{ specification, examples: partialExamples(1) },
    ...{ verbs: ['predict', 'predictProbabilities'], rowOrder: 1e-6 },
  });
}

/** Three known of twelve rows, from sines, so that scikit-learn can be given the same. */
const rows = Array.from({ length: 12 }, (_, i) => [2 * Math.sin(1.7 * i), 1.5 * Math.cos(2.3 * i)]);
const target = Float64Array.from(rows, (_, i) => (i < 3 ? i : -1));
const strangers = matrixFromRows([
  [0.5, 0.25],
  [-1.5, 1.0],
]);

function assertNear(found: ArrayLike<number>, expected: readonly number[], tolerance: number) {
  assert.equal(found.length, expected.length);
  expected.forEach((value, at) => {
    const gap = Math.abs(found[at]! - value);
    assert.ok(gap < tolerance, `${at}: ${found[at]}, expected ${value}`);
  });
}

// scikit-learn 1.9.1, kernel='rbf', gamma=0.7, tol=1e-14: label_distributions_ of rows 0 and 3 to 7, then
// predict_proba of the strangers, printed with 12 digits.
const references: readonly [Specification, readonly number[], readonly number[]][] = [
  [
    labelPropagation({ graph: 'kernel', rate: 0.7, tolerance: 1e-12 }),
    [
      ...[1, 0, 0],
      ...[0.433029673339, 0.030989260277, 0.535981066384],
      ...[0.099906562934, 0.648855505206, 0.25123793186],
      ...[0.415358793028, 0.370904776631, 0.213736430342],
      ...[0.350814464848, 0.032781908586, 0.616403626566],
      ...[0.157906278473, 0.067381807138, 0.774711914389],
    ],
    [0.341671536469, 0.273722861201, 0.38460560233, 0.433753365418, 0.030713831138, 0.535532803445],
  ],
  [
    labelSpreading({ graph: 'kernel', rate: 0.7, spread: 0.8, tolerance: 1e-12 }),
    [
      ...[0.745035088059, 0.07513527445, 0.179829637491],
      ...[0.446903157448, 0.10673384106, 0.446363001492],
      ...[0.140776119979, 0.622278096272, 0.23694578375],
      ...[0.371343618847, 0.385013092843, 0.24364328831],
      ...[0.379813689192, 0.112662321701, 0.507523989107],
      ...[0.23857780431, 0.15117764672, 0.61024454897],
    ],
    [
      0.341493660427, 0.306842230891, 0.351664108681, 0.437063028703, 0.108565283285,
      0.454371688013,
    ],
  ],
];

for (const [specification, fitted, predicted] of references) {
  test(`${specification.kind} has the probabilities of scikit-learn`, async () => {
    const model = await fit(specification, { features: matrixFromRows(rows), target });
    const { values } = spreadLabels(model);
    assertNear([...values.slice(0, 3), ...values.slice(9, 24)], fitted, 1e-10);
    assertNear((await predictProbabilities(model, strangers)).values, predicted, 1e-10);
  });
}

/** The mean of the nearest-rows graph and its transpose, by brute force. */
function plainGraph(k: number): number[][] {
  const gap = (i: number, j: number): number =>
    (rows[i]![0]! - rows[j]![0]!) ** 2 + (rows[i]![1]! - rows[j]![1]!) ** 2;
  const chosen = rows.map((_, i) => {
    const others = rows.map((_, j) => j).filter((j) => j !== i);
    return others.sort((a, b) => gap(i, a) - gap(i, b)).slice(0, k);
  });
  const joins = (i: number, j: number): number => (chosen[i]!.includes(j) ? 0.5 : 0);
  return rows.map((_, i) => rows.map((_, j) => joins(i, j) + joins(j, i)));
}

/** The solution of a small dense system, by elimination with pivots. */
function solved(matrix: readonly number[][], right: readonly number[]): number[] {
  const work = matrix.map((row, i) => [...row, right[i]!]);
  for (let c = 0; c < work.length; c++) {
    const best = work
      .slice(c)
      .reduce((most, row) => (Math.abs(row[c]!) > Math.abs(most[c]!) ? row : most));
    work.splice(work.indexOf(best), 1);
    work.splice(c, 0, best);
    for (const row of work) {
      if (row === best) continue;
      const factor = row[c]! / best[c]!;
      for (let j = c; j < row.length; j++) row[j]! -= factor * best[j]!;
    }
  }
  return work.map((row, c) => row.at(-1)! / row[c]!);
}

test('label spreading over nearest rows is (I - a S)^-1 Y', async () => {
  const [neighbours, spread] = [3, 0.9];
  const weights = plainGraph(neighbours);
  const degrees = weights.map((row) => row.reduce((sum, one) => sum + one, 0));
  const matrix = weights.map((row, i) =>
    row.map((w, j) => (i === j ? 1 : 0) - (spread * w) / Math.sqrt(degrees[i]! * degrees[j]!)),
  );
  const columns = [0, 1, 2].map((label) =>
    solved(
      matrix,
      Array.from(target, (one) => (one === label ? 1 : 0)),
    ),
  );
  const specification = labelSpreading({ neighbours, spread, tolerance: 1e-12 });
  const model = await fit(specification, { features: matrixFromRows(rows), target });
  const expected = rows.flatMap((_, i) => {
    const total = columns.reduce((sum, column) => sum + column[i]!, 0);
    return columns.map((column) => column[i]! / total);
  });
  assertNear(spreadLabels(model).values, expected, 1e-10);
  assert.ok((model.facts!.iterations as number) <= 13);
});

test('label propagation over nearest rows gives every unknown row the mean of its neighbours', async () => {
  const weights = plainGraph(3);
  const specification = labelPropagation({ neighbours: 3, tolerance: 1e-12 });
  const model = await fit(specification, { features: matrixFromRows(rows), target });
  const { values } = spreadLabels(model);
  rows.forEach((_, i) => {
    const degree = weights[i]!.reduce((sum, one) => sum + one, 0);
    const mean = [0, 1, 2].map((label) =>
      target[i]! >= 0
        ? Number(target[i] === label)
        : weights[i]!.reduce((sum, w, j) => sum + (w * values[3 * j + label]!) / degree, 0),
    );
    assertNear(values.slice(3 * i, 3 * i + 3), mean, 1e-10);
  });
});

for (const specification of [
  labelPropagation({ neighbours: 8 }),
  labelSpreading({ neighbours: 8 }),
  labelPropagation({ graph: 'kernel', rate: 50 }),
  labelSpreading({ graph: 'kernel', rate: 50 }),
]) {
  test(`${specification.kind}, ${specification.parameters.graph}: two labels fill two moons`, async () => {
    const { features, truth } = twoMoons(4);
    const known = truth.map((label, row) => (row < 2 ? label : -1));
    const model = await fit(specification, { features, target: known });
    const right = (await predict(model, features)).filter((label, row) => label === truth[row]);
    assert.ok(right.length >= 0.95 * features.rows, `${right.length} of ${features.rows}`);
    const more = twoMoons(14, 300);
    const found = await predict(model, more.features);
    const good = found.filter((label, row) => label === more.truth[row]);
    assert.ok(good.length >= 0.95 * 300, `${good.length} of 300 new rows`);
  });
}

test('a part of the graph that no label reaches has the shares of the known classes', async () => {
  // Three far groups; the third holds no label. Two of three labels are of class 0.
  const far = matrixFromRows([0, 0.1, 0.2, 50, 50.1, 50.2, 99, 99.1, 99.2].map((x) => [x, 0]));
  const labels = Float64Array.of(0, 0, -1, 1, -1, -1, -1, -1, -1);
  for (const make of [labelPropagation, labelSpreading]) {
    const model = await fit(make({ neighbours: 2 }), { features: far, target: labels });
    const { values } = spreadLabels(model);
    assertNear(values.slice(4, 6), [1, 0], 1e-7);
    assertNear(values.slice(8, 12), [0, 1, 0, 1], 1e-7);
    assertNear(values.slice(12), [2 / 3, 1 / 3, 2 / 3, 1 / 3, 2 / 3, 1 / 3], 1e-12);
  }
});

test('rows that are all the same, and rows that only one class is known of, are allowed', async () => {
  const same: Matrix = { rows: 8, columns: 1, values: new Float64Array(8) };
  const labels = Float64Array.of(1, 0, 1, -1, -1, -1, -1, -1);
  const model = await fit(labelPropagation({ neighbours: 20 }), { features: same, target: labels });
  assertNear(spreadLabels(model).values.slice(6, 8), [1 / 3, 2 / 3], 1e-7);
  const one = { features: same, target: labels.map((label) => (label === 1 ? 1 : -1)) };
  const sure = await predictProbabilities(await fit(labelSpreading(), one), same);
  assertNear(sure.values.slice(0, 2), [0, 1], 1e-12);
});

test('no label at all, and too few steps, are refused', async () => {
  const { features } = partialExamples(2);
  const none = { features, target: new Float64Array(150).fill(-1), classes: ['a', 'b'] };
  await assert.rejects(fit(labelPropagation(), none), { code: 'E-LEARN-007' });
  const hasty = labelSpreading({ maxIterations: 1, tolerance: 1e-12 });
  await assert.rejects(fit(hasty, partialExamples(2)), { code: 'E-LEARN-009' });
});
