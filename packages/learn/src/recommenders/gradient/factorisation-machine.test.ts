import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainScore } from '../../../../compute/src/factorisation/machine-sweep.ts';
import {
  type Examples,
  factorisationMachineClassifier,
  factorisationMachineRegressor,
  fit,
  logisticRegression,
  predict,
  predictProbabilities,
  ridge,
  type TabularModel,
} from '../../index.ts';
import { type Matrix, type SparseMatrix, zeros } from '../../matrix.ts';
import { classExamples, normalSource, regressionExamples } from '../../tabular-examples.fixture.ts';
import { tabularLaws } from '../../tabular-laws.fixture.ts';
import { machinesOf } from './machine-model.ts';

tabularLaws({
  specification: factorisationMachineRegressor({ factors: 3, maxIterations: 40 }),
  examples: regressionExamples(1),
  verbs: ['predict'],
  rowOrder: 1e-6,
  onnx: 1e-4,
});
for (const classes of [2, 3]) {
  tabularLaws({
    specification: factorisationMachineClassifier({ factors: 2, maxIterations: 40 }),
    examples: classExamples(1, classes),
    verbs: ['predict', 'predictProbabilities', 'scoreRows'],
    rowOrder: 1e-6,
    onnx: 1e-3,
  });
}

const meanOf = (values: Float64Array): number =>
  values.reduce((sum, one) => sum + one, 0) / values.length;

/** The part of the variance that is explained. */
function explained(found: Float64Array, target: Float64Array): number {
  const middle = meanOf(target);
  const rest = meanOf(target.map((y, row) => (y - found[row]!) ** 2));
  return 1 - rest / meanOf(target.map((y) => (y - middle) ** 2));
}

/** One of `each` users, films and days in every row, and a target of their vectors' products and noise. */
function plantedPairs(seed: number, rows: number, each = 30): Examples {
  const normal = normalSource(3);
  const vectors = Array.from({ length: 3 * each }, () => [normal(), normal()]);
  const draw = normalSource(seed);
  const features = zeros(rows, 3 * each);
  const target = new Float64Array(rows).map((_, row) => {
    const own = [0, 1, 2].map((part) => {
      const place = part * each + (Math.floor(Math.abs(draw()) * 1e6) % each);
      features.values[row * 3 * each + place] = 1;
      return vectors[place]!;
    });
    const product = (a: number, b: number) => own[a]![0]! * own[b]![0]! + own[a]![1]! * own[b]![1]!;
    return 2 + product(0, 1) + product(0, 2) + product(1, 2) + 0.1 * draw();
  });
  return { features, target };
}

test('planted pairs are found where a linear model finds next to nothing', async () => {
  const [train, held] = [plantedPairs(1, 3000), plantedPairs(2, 1000)];
  const score = async (specification: Parameters<typeof fit>[0]) =>
    explained(await predict(await fit(specification, train), held.features), held.target!);
  const found = await score(factorisationMachineRegressor({ factors: 4, factorPenalty: 1 }));
  const linear = await score(ridge({ penalty: 1 }));
  assert.ok(found > 0.97 && linear < 0.3, `${found} ${linear}`);
});

test('classes that hang on pairs alone are told apart', async () => {
  const classesOf = ({ features, target }: Examples): Examples => ({
    features,
    target: target!.map((y) => Number(y > 2)),
  });
  const [train, held] = [classesOf(plantedPairs(1, 4000)), classesOf(plantedPairs(2, 1000))];
  const accuracy = async (specification: Parameters<typeof fit>[0]) => {
    const found = await predict(await fit(specification, train), held.features);
    return meanOf(found.map((label, row) => Number(label === held.target![row])));
  };
  const pairs = await accuracy(factorisationMachineClassifier({ factors: 4, factorPenalty: 1 }));
  const linear = await accuracy(logisticRegression());
  assert.ok(pairs > 0.9 && pairs > linear + 0.15, `${pairs} ${linear}`);
});

test('the sums over factors are the sums over pairs', async () => {
  const examples = regressionExamples(4);
  const model = await fit(factorisationMachineRegressor({ factors: 5 }), examples);
  const found = await predict(model, examples.features);
  const { intercepts, coefficients, factors } = machinesOf(model);
  const records = [
    Float64Array.of(intercepts[0]!),
    ...Array.from(coefficients, (w, j) =>
      Float64Array.of(w, ...factors.subarray(5 * j, 5 * j + 5)),
    ),
  ];
  const { values } = examples.features as Matrix;
  found.forEach((score, row) => {
    const wanted = plainScore(values.subarray(row * 5, row * 5 + 5), records);
    assert.ok(Math.abs(score - wanted) < 1e-10 * Math.max(1, Math.abs(wanted)));
  });
});

test('factors held at 0 leave ridge and logistic regression', async () => {
  const none = { factorPenalty: 1e12, tolerance: 1e-15, maxIterations: 5000 };
  const regression = regressionExamples(2);
  const [machine, plain] = await Promise.all([
    fit(factorisationMachineRegressor({ ...none, linearPenalty: 3 }), regression),
    fit(ridge({ penalty: 3 }), regression),
  ]);
  const [left, right] = await Promise.all(
    [machine, plain].map((model) => predict(model, regression.features)),
  );
  // The first sweep's factors of 0.1 are gone to 1e-12 beside a penalty of 1e12.
  left!.forEach((value, row) => {
    assert.ok(Math.abs(value - right![row]!) < 1e-6, `${value} ${right![row]}`);
  });
  const classes = classExamples(5, 2);
  const [one, other] = await Promise.all([
    fit(factorisationMachineClassifier({ ...none, linearPenalty: 2 }), classes),
    fit(logisticRegression({ penalty: 2 }), classes),
  ]);
  const [a, b] = await Promise.all(
    [one, other].map((model) => predictProbabilities(model, classes.features)),
  );
  a!.values.forEach((value, at) => {
    assert.ok(Math.abs(value - b!.values[at]!) < 1e-5, `${value} ${b!.values[at]}`);
  });
});

/** sum of losses and penalties of the regressor's own words. */
function objective(model: TabularModel, examples: Examples, moved: Float64Array, at: number) {
  const { intercepts, coefficients, factors } = machinesOf(model);
  const width = factors.length / coefficients.length;
  const [w, v] = [coefficients.slice(), factors.slice()];
  if (at < w.length) w[at]! += moved[0]!;
  else v[at - w.length]! += moved[0]!;
  const records = [
    Float64Array.of(intercepts[0]!),
    ...Array.from(w, (one, j) => Float64Array.of(one, ...v.subarray(width * j, width * j + width))),
  ];
  const { rows, columns, values } = examples.features as Matrix;
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const score = plainScore(values.subarray(row * columns, (row + 1) * columns), records);
    total += (examples.weights?.[row] ?? 1) * 0.5 * (examples.target![row]! - score) ** 2;
  }
  const squares = (all: Float64Array) => all.reduce((sum, one) => sum + one * one, 0);
  return total + 0.5 * 2 * squares(w) + 0.5 * 5 * squares(v);
}

test('where the sweeps end, differences of the objective are 0; it fell at each of them', async () => {
  const weights = Float64Array.from({ length: 160 }, (_, row) => 0.5 + (row % 3));
  const examples = { ...regressionExamples(3), weights };
  const losses: number[] = [];
  const hyper = { factors: 2, linearPenalty: 2, factorPenalty: 5, maxIterations: 4000 };
  const model = await fit(factorisationMachineRegressor({ ...hyper, tolerance: 0 }), examples, {
    onProgress: ({ loss }) => losses.push(loss!),
  });
  for (let at = 1; at < losses.length; at++)
    assert.ok(losses[at]! <= losses[at - 1]! * (1 + 1e-12));
  for (let at = 0; at < 5 + 10; at++) {
    const up = objective(model, examples, Float64Array.of(1e-4), at);
    const down = objective(model, examples, Float64Array.of(-1e-4), at);
    assert.ok(Math.abs(up - down) / 2e-4 < 1e-3, `${at}: ${(up - down) / 2e-4}`);
    const here = objective(model, examples, Float64Array.of(0), at);
    assert.ok(here <= up && here <= down);
  }
});

test('sparse rows give what the same rows written out give', async () => {
  const examples = plantedPairs(5, 300, 6);
  const { rows, columns, values } = examples.features as Matrix;
  const places = [...values.keys()].filter((at) => values[at] !== 0);
  const sparse: SparseMatrix = {
    ...{ rows, columns },
    offsets: Int32Array.from({ length: rows + 1 }, (_, row) => 3 * row),
    indices: Int32Array.from(places, (at) => at % columns),
    values: Float64Array.from(places, (at) => values[at]!),
  };
  const specification = factorisationMachineRegressor({ factors: 3 });
  const dense = await fit(specification, examples);
  const other = await fit(specification, { ...examples, features: sparse });
  assert.deepEqual(other.tensors, dense.tensors);
  const [left, right] = [await predict(dense, examples.features), await predict(dense, sparse)];
  left.forEach((value, row) => {
    assert.ok(Math.abs(value - right[row]!) < 1e-10);
  });
});
