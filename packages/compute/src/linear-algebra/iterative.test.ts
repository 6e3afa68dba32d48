import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conjugateGradient } from './conjugate-gradient.ts';
import { multiplyDense } from './dense-product.ts';
import { leastSquares } from './least-squares.ts';
import { denseOperator, sparseOperator } from './linear-operator.ts';
import { lsmr } from './lsmr.ts';
import { gap, plainProduct, randomMatrix, transpose } from './random-matrix.fixture.ts';
import { randomSparse } from './random-sparse.fixture.ts';
import { norm } from './vector.ts';

/** The second difference with weights on the diagonal: -1, 2 + weight, -1. */
function chain(weights: Float64Array) {
  return (x: Float64Array, out: Float64Array): void => {
    for (let k = 0; k < x.length; k++) {
      out[k] = (2 + weights[k]!) * x[k]! - (x[k - 1] ?? 0) - (x[k + 1] ?? 0);
    }
  };
}

test('conjugate gradients solve, and a good preconditioner saves steps', () => {
  const weights = Float64Array.from({ length: 200 }, (_, k) => 10 ** ((4 * (k % 20)) / 19));
  const wanted = randomMatrix(200, 1, 1).values;
  const right = new Float64Array(200);
  chain(weights)(wanted, right);
  const options = { multiply: chain(weights), right, tolerance: 1e-12 };
  const plain = conjugateGradient(options);
  const better = conjugateGradient({
    ...options,
    precondition: (residual, out) => {
      for (let k = 0; k < 200; k++) out[k] = residual[k]! / (2 + weights[k]!);
    },
  });
  for (const found of [plain, better]) {
    assert.ok(found.converged);
    // The residual is 1e-12 of a right side of about 1e4, and the smallest eigenvalue is about 1.
    assert.ok(gap(found.solution, wanted) < 1e-7);
  }
  assert.ok(better.iterations * 3 < plain.iterations);
  const warm = conjugateGradient({ ...options, start: wanted });
  assert.equal(warm.iterations, 0);
});

test('n steps solve n equations, and an indefinite matrix is not converged', () => {
  const multiply = (x: Float64Array, out: Float64Array) => {
    out.set(plainProduct([4, 1, 1, 3], x, 2, 2, 1));
  };
  const found = conjugateGradient({ multiply, right: Float64Array.of(1, 2) });
  assert.equal(found.iterations, 2);
  assert.ok(gap(found.solution, [1 / 11, 7 / 11]) < 1e-15);
  const indefinite = (x: Float64Array, out: Float64Array) => {
    out.set([x[0]!, -x[1]!]);
  };
  assert.ok(!conjugateGradient({ multiply: indefinite, right: Float64Array.of(0, 1) }).converged);
});

for (const [rows, columns] of [
  [60, 12],
  [12, 60],
  [20, 20],
  [1, 1],
] as const) {
  test(`LSMR finds what QR finds: ${rows} x ${columns}`, () => {
    const matrix = randomMatrix(rows, columns, rows);
    const right = randomMatrix(rows, 1, 4).values;
    const found = lsmr(denseOperator(matrix), { right, tolerance: 1e-14, maxIterations: 500 });
    const wanted = leastSquares(matrix, right);
    assert.ok(gap(found.solution, wanted.coefficients) < 1e-9);
    assert.ok(Math.abs(found.residualNorm - Math.sqrt(wanted.residualSquares[0]!)) < 1e-9);
  });
}

test('damping is ridge regression: rows of the damping below the matrix', () => {
  const { sparse, dense } = randomSparse(50, 8, 0.4, 5);
  const right = randomMatrix(50, 1, 6).values;
  const found = lsmr(sparseOperator(sparse), { right, damping: 0.7 });
  const values = new Float64Array(58 * 8);
  values.set(dense.values);
  for (let k = 0; k < 8; k++) values[(50 + k) * 8 + k] = 0.7;
  const below = new Float64Array(58);
  below.set(right);
  const wanted = leastSquares({ rows: 58, columns: 8, values }, below);
  assert.ok(found.converged);
  assert.ok(gap(found.solution, wanted.coefficients) < 1e-10);
  assert.ok(Math.abs(found.residualNorm - Math.sqrt(wanted.residualSquares[0]!)) < 1e-10);
});

test('the stated norms are those of the residual', () => {
  const matrix = randomMatrix(40, 10, 7);
  const right = randomMatrix(40, 1, 8).values;
  const found = lsmr(denseOperator(matrix), { right, maxIterations: 4 });
  assert.equal(found.converged, false);
  const fitted = multiplyDense(matrix, found.solution);
  const residual = right.map((value, at) => value - fitted[at]!);
  const across = plainProduct(transpose(matrix.values, 40, 10), residual, 10, 40, 1);
  assert.ok(Math.abs(norm(residual) - found.residualNorm) < 1e-12);
  assert.ok(Math.abs(norm(across) - found.normalResidual) < 1e-12);
  const zero = lsmr(denseOperator(matrix), { right: new Float64Array(40) });
  assert.deepEqual([zero.converged, zero.iterations, norm(zero.solution)], [true, 0, 0]);
});
