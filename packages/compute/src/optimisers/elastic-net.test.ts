import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DenseMatrix } from '../linear-algebra/dense-matrix.ts';
import { multiplyDense, multiplyDenseTransposed } from '../linear-algebra/dense-product.ts';
import { leastSquares } from '../linear-algebra/least-squares.ts';
import { gap, randomMatrix } from '../linear-algebra/random-matrix.fixture.ts';
import { randomSparse } from '../linear-algebra/random-sparse.fixture.ts';
import { centredSparse } from './centred-sparse.ts';
import { denseColumns, sparseColumns } from './design-columns.ts';
import {
  elasticNet,
  elasticNetFromProducts,
  elasticNetSparse,
  type NormalProducts,
} from './elastic-net.ts';

function products(x: DenseMatrix, y: Float64Array): NormalProducts {
  const gram = multiplyDenseTransposed(x, Float64Array.from(x.values), x.columns);
  const targetSquares = y.reduce((sum, value) => sum + value * value, 0);
  return { gram, correlations: multiplyDenseTransposed(x, y), targetSquares };
}

/** The largest violation of the optimality conditions. */
function violation(x: DenseMatrix, y: Float64Array, w: Float64Array, l1: number, l2: number) {
  const fitted = multiplyDense(x, w);
  const slopes = multiplyDenseTransposed(
    x,
    y.map((value, at) => value - fitted[at]!),
  );
  let worst = 0;
  for (let j = 0; j < w.length; j++) {
    const slope = slopes[j]! - l2 * w[j]!;
    const off = w[j] === 0 ? Math.abs(slope) - l1 : Math.abs(slope - Math.sign(w[j]!) * l1);
    worst = Math.max(worst, off);
  }
  return worst;
}

/** A design of sines, and scikit-learn 1.9.1's ElasticNet on it (no intercept, tol 1e-15). */
const waves = {
  rows: 30,
  columns: 6,
  values: Float64Array.from({ length: 180 }, (_, at) => {
    const [i, j] = [Math.floor(at / 6), at % 6];
    return Math.sin(1 + 3 * i * (j + 1) + j * j);
  }),
};
const heights = Float64Array.from({ length: 30 }, (_, i) => {
  const [first, fourth, fifth] = [0, 3, 4].map((j) => waves.values[i * 6 + j]!);
  return Math.cos(2 * i) + first! * 2 - fourth! + 0.5 * fifth!;
});
for (const { alpha, ratio, positive, wanted } of [
  {
    ...{ alpha: 0.1, ratio: 1, positive: false },
    wanted: [1.812402298817498, 0, 0, -0.821750717078287, 0.2627648151812, 0],
  },
  {
    ...{ alpha: 0.2, ratio: 0.5, positive: false },
    wanted: [1.4832126736027438, 0, 0, -0.6833613106141463, 0.21240421898528214, 0],
  },
  {
    ...{ alpha: 0.05, ratio: 0.9, positive: true },
    wanted: [1.9324251258255276, 0, 0, 0, 0.34855477787960865, 0.10264922000888466],
  },
]) {
  test(`agrees with scikit-learn at alpha ${alpha}, l1_ratio ${ratio}, positive ${positive}`, () => {
    const [l1, l2] = [30 * alpha * ratio, 30 * alpha * (1 - ratio)];
    const options = { l1, l2, positive, tolerance: 1e-14 };
    for (const found of [
      elasticNet(denseColumns(waves), heights, options),
      elasticNetFromProducts(products(waves, heights), options),
    ]) {
      assert.ok(found.converged);
      assert.ok(gap(found.coefficients, wanted) < 1e-7);
      assert.equal(found.coefficients[2], 0);
    }
  });
}

for (const [rows, columns] of [
  [60, 15],
  [25, 80],
  [1, 1],
] as const) {
  for (const [l1, l2] of [
    [3, 0],
    [2, 1.5],
    [0, 2],
    [0.05, 0],
  ] as const) {
    test(`optimality and a true gap: ${rows} x ${columns}, l1 ${l1}, l2 ${l2}`, () => {
      const x = randomMatrix(rows, columns, rows + columns);
      const y = randomMatrix(rows, 1, 3).values;
      const design = denseColumns(x);
      const found = elasticNet(design, y, { l1, l2, tolerance: 1e-15, maxPasses: 100_000 });
      assert.ok(violation(x, y, found.coefficients, l1, l2) < 1e-5);
      const rough = elasticNet(design, y, { l1, l2, tolerance: 1e-3 });
      assert.ok(rough.converged && rough.passes <= found.passes);
      assert.ok(rough.objective - found.objective <= rough.dualityGap + 1e-12);
      const warm = elasticNet(design, y, { l1, l2, start: found.coefficients });
      assert.equal(warm.passes, 0);
    });
  }
}

test('without l1 it is ridge regression', () => {
  const x = randomMatrix(20, 4, 5);
  const y = randomMatrix(20, 1, 6).values;
  const found = elasticNet(denseColumns(x), y, { l1: 0, l2: 2.25, tolerance: 1e-15 });
  const values = new Float64Array(24 * 4);
  values.set(x.values);
  for (let j = 0; j < 4; j++) values[(20 + j) * 4 + j] = 1.5;
  const below = new Float64Array(24);
  below.set(y);
  const wanted = leastSquares({ rows: 24, columns: 4, values }, below);
  assert.ok(found.converged);
  assert.ok(gap(found.coefficients, wanted.coefficients) < 1e-7);
});

test('orthonormal columns have the closed form of soft thresholds', () => {
  const identity = Float64Array.from({ length: 9 }, (_, at) => (at % 4 === 0 ? 1 : 0));
  const design = denseColumns({ rows: 3, columns: 3, values: identity });
  const found = elasticNet(design, Float64Array.of(3, -2, 0.5), { l1: 1, l2: 1 });
  assert.deepEqual([...found.coefficients], [1, -0.5, 0]);
});

test('from the penalty that silences every column on, all are zero at once', () => {
  const x = randomMatrix(40, 10, 7);
  const y = randomMatrix(40, 1, 8).values;
  const l1 = Math.max(...multiplyDenseTransposed(x, y).map(Math.abs));
  const silent = elasticNet(denseColumns(x), y, { l1: l1 * (1 + 1e-12) });
  assert.deepEqual([silent.passes, silent.converged], [0, true]);
  const heard = elasticNet(denseColumns(x), y, { l1: l1 * 0.99 });
  assert.equal(heard.coefficients.filter((value) => value !== 0).length, 1);
});

test('sparse columns, centred or not, give what the dense matrix gives', () => {
  const { sparse, dense } = randomSparse(70, 20, 0.2, 9);
  const y = randomMatrix(70, 1, 10).values;
  const means = multiplyDenseTransposed(dense, new Float64Array(70).fill(1 / 70));
  const centred = { ...dense, values: dense.values.map((value, at) => value - means[at % 20]!) };
  const options = { l1: 1, l2: 0.5, tolerance: 1e-14 };
  for (const [columns, same] of [
    [sparseColumns(sparse), dense],
    [sparseColumns(sparse, means), centred],
  ] as const) {
    const found = elasticNet(columns, y, options);
    const wanted = elasticNet(denseColumns(same), y, options);
    assert.ok(gap(found.coefficients, wanted.coefficients) < 1e-6);
    assert.ok(Math.abs(found.objective - wanted.objective) < 1e-11);
  }
});

for (const centred of [true, false]) {
  for (const weighted of [true, false]) {
    test(`sparse rows, centred ${centred}, weighted ${weighted}, are the same problem written out`, () => {
      const { sparse, dense } = randomSparse(60, 25, 0.25, 12);
      const y = randomMatrix(60, 1, 13).values.map((value) => value + 3);
      const weights = Float64Array.from({ length: 60 }, (_, row) => (weighted ? row % 3 : 1));
      const total = weights.reduce((sum, value) => sum + value, 0);
      const meanOf = (values: Float64Array): number =>
        centred ? values.reduce((sum, value, row) => sum + value * weights[row]!, 0) / total : 0;
      const columns = Array.from({ length: 25 }, (_, j) =>
        Float64Array.from({ length: 60 }, (_, row) => dense.values[row * 25 + j]!),
      );
      const means = columns.map(meanOf);
      const values = dense.values.map(
        (value, at) => (value - means[at % 25]!) * Math.sqrt(weights[Math.floor(at / 25)]!),
      );
      const target = y.map((value, row) => (value - meanOf(y)) * Math.sqrt(weights[row]!));
      const options = { l1: 2, l2: 0.5, tolerance: 1e-14 };
      const wanted = elasticNet(denseColumns({ rows: 60, columns: 25, values }), target, options);
      const design = centredSparse(sparse, y, weighted ? weights : undefined, centred);
      const found = elasticNetSparse(design, options);
      assert.ok(found.converged && gap(found.coefficients, wanted.coefficients) < 1e-6);
      assert.ok(Math.abs(found.objective - wanted.objective) < 1e-10);
    });
  }
}

test('along a path the strong rule saves work and never changes the solution', () => {
  const { sparse } = randomSparse(80, 1500, 0.1, 21);
  const y = randomMatrix(80, 1, 22).values;
  const design = centredSparse(sparse, y, undefined, true);
  let l1 = design.correlations.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let start = new Float64Array(1500);
  for (let step = 0; step < 12; step++) {
    const next = 0.8 * l1;
    const options = { l1: next, tolerance: 1e-13, maxPasses: 100_000 };
    const cold = elasticNetSparse(design, options);
    const warm = elasticNetSparse(design, { ...options, start, startL1: l1 });
    assert.ok(warm.converged && cold.converged);
    assert.ok(Math.abs(warm.objective - cold.objective) <= 1e-10 * cold.objective);
    // A rule that is told nonsense leaves the result as it is.
    const fooled = elasticNetSparse(design, { ...options, startL1: 0 });
    assert.ok(Math.abs(fooled.objective - cold.objective) <= 1e-10 * cold.objective);
    start = Float64Array.from(warm.coefficients);
    l1 = next;
  }
});
