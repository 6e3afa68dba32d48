import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Examples,
  fit,
  gammaRegression,
  linearSvm,
  logisticRegression,
  poissonRegression,
  predict,
  ridge,
  type Specification,
  type TabularModel,
  tweedieRegression,
} from '../index.ts';
import type { Matrix, SparseMatrix } from '../matrix.ts';
import { classExamples, countExamples, regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

const regression = regressionExamples(1);
const positive: Examples = { ...regression, target: regression.target!.map((y) => 0.1 + y * y) };

const regressors = [ridge(), poissonRegression(), gammaRegression(), tweedieRegression()];
for (const specification of regressors) {
  const verbs = ['predict'] as const;
  tabularLaws({ specification, examples: positive, verbs, rowOrder: 1e-7, onnx: 1e-4 });
}
for (const classes of [2, 3]) {
  const examples = classExamples(1, classes);
  const verbs = ['predict', 'predictProbabilities', 'scoreRows'] as const;
  const common = { examples, rowOrder: 1e-4, onnx: 1e-3 } as const;
  tabularLaws({ specification: logisticRegression(), verbs, ...common });
  tabularLaws({ specification: linearSvm(), verbs: ['predict', 'scoreRows'], ...common });
}

function sparseOf({ rows, columns, values }: Matrix): SparseMatrix {
  const offsets = new Int32Array(rows + 1);
  const [indices, kept]: [number[], number[]] = [[], []];
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < columns; j++) {
      const value = values[row * columns + j]!;
      if (value === 0) continue;
      indices.push(j);
      kept.push(value);
    }
    offsets[row + 1] = indices.length;
  }
  return {
    ...{ rows, columns, offsets },
    ...{ indices: Int32Array.from(indices), values: Float64Array.from(kept) },
  };
}

const near = (found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void => {
  assert.equal(found.length, wanted.length);
  for (let at = 0; at < found.length; at++) {
    const off = Math.abs(found[at]! - wanted[at]!);
    assert.ok(off <= tolerance * Math.max(1, Math.abs(wanted[at]!)), `${found[at]} ${wanted[at]}`);
  }
};
const numbersOf = (model: TabularModel): number[] => [
  ...model.tensors.coefficients!.data,
  ...model.tensors.intercepts!.data,
];

const counts = countExamples(1);
const everyone: readonly (readonly [Specification, Examples])[] = [
  [ridge({ penalty: 2 }), counts],
  [poissonRegression({ penalty: 0.1 }), counts],
  [logisticRegression({ tolerance: 1e-13 }), counts],
  [logisticRegression({ l1Ratio: 0.7, tolerance: 1e-13 }), counts],
  [linearSvm(), counts],
];
for (const [specification, examples] of everyone) {
  const { kind, parameters } = specification;
  test(`${kind} ${JSON.stringify(parameters)}: sparse rows give what dense rows give`, async () => {
    const dense = await fit(specification, examples);
    const features = sparseOf(examples.features as Matrix);
    const sparse = await fit(specification, { ...examples, features });
    near(numbersOf(sparse), numbersOf(dense), 1e-5);
    near(await predict(sparse, features), await predict(dense, examples.features), 1e-5);
  });

  test(`${kind} ${JSON.stringify(parameters)}: a weight is as many rows`, async () => {
    const { columns, rows, values } = examples.features as Matrix;
    const weights = new Float64Array(rows).map((_, row) => row % 3);
    const places = Array.from(weights).flatMap((weight, row) => new Array(weight).fill(row));
    const repeated = places.flatMap((row) => [...values.slice(row * columns, (row + 1) * columns)]);
    const twice = {
      features: { rows: places.length, columns, values: Float64Array.from(repeated) },
      target: Float64Array.from(places, (row) => examples.target![row]!),
    };
    const weighted = await fit(specification, { ...examples, weights });
    near(numbersOf(weighted), numbersOf(await fit(specification, twice)), 1e-5);
  });
}

test('collinear columns are fitted, and share their coefficient under a penalty', async () => {
  const values = Float64Array.from({ length: 40 }, (_, at) => Math.sin(at >> 1));
  const twins = { rows: 20, columns: 2, values };
  const target = Float64Array.from({ length: 20 }, (_, row) => 3 * Math.sin(row) + 1);
  for (const penalty of [0, 1e-6]) {
    const model = await fit(ridge({ penalty }), { features: twins, target });
    near(await predict(model, twins), target, 1e-5);
    // Without a penalty, how twins share their coefficient is open.
    if (penalty > 0) near(numbersOf(model), [1.5, 1.5, 1], 1e-4);
  }
});

test('separable classes have the finite optimum of the penalised loss', async () => {
  const features = { rows: 4, columns: 1, values: Float64Array.of(-2, -1, 1, 2) };
  const target = Float64Array.of(0, 0, 1, 1);
  const model = await fit(logisticRegression({ tolerance: 1e-14 }), { features, target });
  const [w, b] = numbersOf(model);
  const sigmoid = (x: number) => 1 / (1 + Math.exp(x));
  // The derivative of the loss and half the squared coefficient is 0 there.
  assert.ok(Math.abs(2 * sigmoid(w!) + 4 * sigmoid(2 * w!) - w!) < 1e-7);
  assert.ok(Math.abs(b!) < 1e-7);
});
