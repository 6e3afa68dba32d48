import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type Examples,
  elasticNet,
  fit,
  gammaRegression,
  lasso,
  leastSquares,
  linearSvm,
  logisticRegression,
  matrixFromRows,
  poissonRegression,
  ridge,
  type Specification,
  type TabularModel,
  tweedieRegression,
} from '../index.ts';
import { regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

const common = { examples: regressionExamples(1), verbs: ['predict'], onnx: 1e-4 } as const;
tabularLaws({ specification: leastSquares(), rowOrder: 1e-10, ...common });
tabularLaws({ specification: elasticNet({ penalty: 0.1 }), rowOrder: 1e-6, ...common });
tabularLaws({
  specification: elasticNet({ steps: 10, folds: 3 }),
  rowOrder: { seeded: 'the seed says which rows are left out together' },
  ...common,
});

const rows = 60;
const values = Float64Array.from({ length: rows * 4 }, (_, at) => {
  const [i, j] = [Math.floor(at / 4), at % 4];
  return Math.sin(1 + 3 * i * (j + 1) + j * j) * (j + 1) + j * 5;
});
const y = Float64Array.from({ length: rows }, (_, i) => {
  return values[4 * i]! * 2 - values[4 * i + 3]! * 0.5 + Math.cos(2 * i) + 3;
});
const features = { rows, columns: 4, values };
const sorted = y.toSorted();
const at = (part: number): number => {
  const place = part * (rows - 1);
  const low = Math.floor(place);
  return sorted[low]! + (place - low) * (sorted[low + 1]! - sorted[low]!);
};
const upper = y.map((value, i) => (Number(value > at(0.5)) + Number(i % 7 === 0)) % 2);
const thirds = y.map((value) => Number(value >= at(0.33)) + Number(value >= at(0.66)));
const size = y.map(Math.abs);
const weights = Float64Array.from({ length: rows }, (_, i) => 1 + (i % 3));
const exact = { tolerance: 1e-15 };

/** scikit-learn 1.9.1 at tolerance 1e-12, coefficients then intercepts; its C is 1 / penalty. */
const references: readonly (readonly [
  Specification,
  Omit<Examples, 'features'>,
  readonly number[],
  number,
])[] = [
  [
    ridge({ penalty: 2 }),
    { target: y, weights },
    [1.956613971, 0.011676792, 0.00842253, -0.507195842, 2.992827838],
    1e-8,
  ],
  [
    ridge({ penalty: 2, intercept: false }),
    { target: y },
    [1.92314392, 0.116554856, 0.111871147, -0.416780978, 0],
    1e-8,
  ],
  [
    elasticNet({ penalty: 0.1, l1Ratio: 0.5 }),
    { target: y },
    [1.743271164, 0, 0, -0.496278026, 2.952307135],
    1e-5,
  ],
  [lasso({ penalty: 0.2 }), { target: y }, [1.604182247, 0, 0, -0.480310444, 2.71336425], 1e-5],
  [
    logisticRegression({ penalty: 0.5, ...exact }),
    { target: upper, weights },
    [0.971609988, -0.439729027, -0.061538481, -0.267514903, 7.31699806],
    1e-7,
  ],
  [
    logisticRegression({ penalty: 0.5, intercept: false, ...exact }),
    { target: upper },
    [0.79436317, -0.170447762, 0.176255961, -0.061405501, 0],
    1e-7,
  ],
  [
    logisticRegression({ penalty: 2, ...exact }),
    { target: thirds },
    [
      ...[-1.611216473, 0.214098065, 0.090251242, 0.603606998],
      ...[0.0504297, 0.228797297, 0.13857498, -0.055040604],
      ...[1.560786773, -0.442895362, -0.228826222, -0.548566394],
      ...[-11.44671162, -1.13964842, 12.58636004],
    ],
    1e-5,
  ],
  [
    logisticRegression({ penalty: 1 / 0.3, l1Ratio: 1, ...exact }),
    { target: upper },
    [0.287813799, -0.240853637, 0, -0.178130842, 3.956907361],
    1e-5,
  ],
  [
    poissonRegression({ penalty: 0.1, ...exact }),
    { target: size, weights },
    [-0.434968167, -0.000406488, 0.020977873, 0.11571355, -0.539765879],
    1e-7,
  ],
  [
    gammaRegression({ penalty: 0.1, ...exact }),
    { target: size.map((value) => value + 0.1) },
    [-0.421785833, -0.016323314, 0.030780221, 0.128023002, -0.733378114],
    1e-7,
  ],
  [
    tweedieRegression({ penalty: 0.1, ...exact }),
    { target: size },
    [-0.44796928, -0.009811322, 0.027191068, 0.124562007, -0.696544354],
    1e-7,
  ],
  // scipy 1.17.1, BFGS on the same objective: scikit-learn's LinearSVC penalises its intercept.
  [
    linearSvm({ penalty: 1.5 }),
    { target: upper },
    [0.37153591, -0.161967786, 0.001360553, -0.095578934, 2.264544353],
    1e-6,
  ],
];

const numbersOf = (model: TabularModel): number[] => [
  ...model.tensors.coefficients!.data,
  ...model.tensors.intercepts!.data,
];

for (const [specification, rest, wanted, tolerance] of references) {
  const { kind, parameters } = specification;
  test(`${kind} ${JSON.stringify(parameters)} has the reference's coefficients`, async () => {
    const found = numbersOf(await fit(specification, { features, ...rest }));
    found.forEach((value, place) => {
      const off = Math.abs(value - wanted[place]!);
      assert.ok(off <= tolerance * Math.max(1, Math.abs(wanted[place]!)), `${found}`);
    });
  });
}

test('the hinge reaches the objective of an exact solver', async () => {
  const model = await fit(linearSvm({ penalty: 1 / 0.7, loss: 'hinge' }), {
    features,
    target: upper,
  });
  const [a, b, c, d, e] = numbersOf(model) as [number, number, number, number, number];
  let objective = 0.5 * (a * a + b * b + c * c + d * d);
  for (let i = 0; i < rows; i++) {
    const [p, q, r, s] = values.subarray(4 * i, 4 * i + 4) as unknown as number[];
    const score = a * p! + b * q! + c * r! + d * s! + e;
    objective += 0.7 * Math.max(0, 1 - (2 * upper[i]! - 1) * score);
  }
  // scikit-learn 1.9.1, SVC with a linear kernel, tol 1e-9; ours may be 60 x 0.7 x 5e-5 above.
  assert.ok(objective >= 28.3661929 && objective < 28.36619291 + 2.1e-3, String(objective));
});

test('a penalty chosen on folds keeps its path, and the chosen point is on it', async () => {
  const model = await fit(lasso({ steps: 20 }), { features, target: y }, { seed: 2 });
  const path = model.tensors.pathCoefficients!.data;
  assert.deepEqual([...path.subarray(0, 4)], [0, 0, 0, 0]);
  const chosen = [...model.tensors.penalties!.data].indexOf(model.facts!.penalty as number);
  const own = [...path.subarray(chosen * 4, chosen * 4 + 4)];
  assert.deepEqual(own, [...model.tensors.coefficients!.data]);
  const errors = [...model.tensors.pathErrors!.data];
  assert.equal(Math.min(...errors), errors[chosen]);
});

const folder = join(import.meta.dirname, '../../../../../shared/data/nist-strd');
const digits = { Norris: 12, Longley: 10 } as const;

for (const [name, least] of Object.entries(digits)) {
  if (!existsSync(folder)) continue;
  test(`${name} of the NIST StRD to ${least} digits, standard errors too`, async () => {
    const lines = readFileSync(join(folder, `${name}.dat`), 'utf8').split('\n');
    const certified = lines
      .map((line) => /^\s+B\d\s+(\S+)\s+(\S+)\s*$/.exec(line))
      .filter((match) => match !== null)
      .map((match) => [Number(match[1]), Number(match[2])] as const);
    const start = lines.findIndex((line) => /^Data: +y/.test(line));
    const numbers = lines
      .slice(start + 1)
      .map((line) => line.trim().split(/\s+/).map(Number))
      .filter((row) => row.length === certified.length);
    const examples = {
      features: matrixFromRows(numbers.map((row) => row.slice(1))),
      target: Float64Array.from(numbers, (row) => row[0]!),
    };
    const model = await fit(leastSquares(), examples);
    const found = numbersOf(model);
    const errors = model.tensors.standardErrors!.data;
    certified.forEach(([estimate, error], j) => {
      const place = j === 0 ? found.length - 1 : j - 1;
      assert.ok(Math.abs(found[place]! / estimate - 1) < 10 ** -least, `B${j} ${found[place]}`);
      assert.ok(Math.abs(errors[place]! / error - 1) < 10 ** -least, `B${j} ${errors[place]}`);
    });
  });
}

test('dependent columns get the shortest solution, more columns than rows are fitted', async () => {
  const twins = matrixFromRows([1, 2, 4, 7].map((x) => [x, x]));
  const model = await fit(leastSquares(), {
    features: twins,
    target: Float64Array.of(3, 5, 9, 15),
  });
  assert.equal(model.facts!.rank, 2);
  numbersOf(model).forEach((value) => {
    assert.ok(Math.abs(value - 1) < 1e-12);
  });
  const wide = matrixFromRows([
    [1, 0, 2, 1],
    [0, 1, 1, 3],
  ]);
  const target = Float64Array.of(2, 5);
  const under = await fit(leastSquares(), { features: wide, target });
  assert.ok((under.facts!.residualSquares as number) < 1e-20);
  assert.deepEqual([...under.tensors.standardErrors!.data], [0, 0, 0, 0, 0]);
});
