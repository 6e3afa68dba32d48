import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotPositiveDefinite } from '../error.ts';
import { cholesky, choleskyInverse, choleskyLogDeterminant, choleskySolve } from './cholesky.ts';
import { gap, plainProduct, randomMatrix, transpose } from './random-matrix.fixture.ts';

function definite(n: number, seed: number): Float64Array {
  const { values } = randomMatrix(n, n + 2, seed);
  const matrix = plainProduct(values, transpose(values, n, n + 2), n, n + 2, n);
  for (let i = 0; i < n; i++) matrix[i * n + i]! += 0.1;
  return matrix;
}

for (const n of [0, 1, 2, 5, 31, 32, 33, 65, 100]) {
  test(`L L' is the matrix and solves hold, n = ${n}`, () => {
    const matrix = definite(n, n);
    const factor = cholesky(matrix, n);
    const back = plainProduct(factor.lower, transpose(factor.lower, n, n), n, n, n);
    // Rounding grows with the diagonal, about n + 2, and n terms.
    assert.ok(gap(back, matrix) <= 1e-14 * (n + 2) * 2);
    const wanted = randomMatrix(n, 1, 7).values;
    const found = choleskySolve(factor, plainProduct(matrix, wanted, n, n, 1));
    assert.ok(gap(found, wanted) < 1e-9);
    const identity = plainProduct(matrix, choleskyInverse(factor), n, n, n);
    for (let i = 0; i < n; i++) identity[i * n + i]! -= 1;
    assert.ok(gap(identity, new Float64Array(n * n)) < 1e-9);
  });
}

test('the Lehmer matrix of 3 has the factor that its closed form gives', () => {
  const lehmer = Float64Array.of(1, 1 / 2, 1 / 3, 1 / 2, 1, 2 / 3, 1 / 3, 2 / 3, 1);
  const { lower } = cholesky(lehmer, 3);
  const wanted = [1, 0, 0, 0.5, Math.sqrt(3) / 2, 0, 1 / 3, Math.sqrt(3) / 3, Math.sqrt(5) / 3];
  assert.ok(gap(lower, wanted) < 1e-15);
  assert.ok(Math.abs(choleskyLogDeterminant(cholesky(lehmer, 3)) - Math.log(5 / 12)) < 1e-15);
});

test('a matrix that is not positive definite is refused with its row', () => {
  const bad = definite(40, 3);
  bad[35 * 40 + 35] = -1;
  const refusal = (pivot: number) => (error: unknown) =>
    error instanceof NotPositiveDefinite && error.pivot === pivot;
  assert.throws(() => cholesky(bad, 40), refusal(35));
  assert.throws(() => cholesky(Float64Array.of(1, 2, 2, 4), 2), refusal(1));
  assert.throws(() => cholesky(Float64Array.of(Number.NaN), 1), refusal(0));
  assert.throws(() => cholesky(Float64Array.of(Infinity), 1), refusal(0));
});
