import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainGram } from './gram.ts';
import { distance, normals } from './random-arrays.fixture.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

test('the eigenvectors are orthonormal and rebuild the matrix', () => {
  for (const n of [1, 2, 3, 8, 40, 90]) {
    const random = normals(n * n, n);
    const matrix = Float64Array.from(random, (_, at) => random[Math.min(at, turned(at, n))]!);
    const { values, vectors } = symmetricEigen(matrix, n);
    const rebuilt = matrix.map((_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return values.reduce(
        (s, value, v) => s + value * vectors[v * n + i]! * vectors[v * n + j]!,
        0,
      );
    });
    assert.ok(distance(rebuilt, matrix) < 1e-12);
    const columns = vectors.map((_, at) => vectors[turned(at, n)]!);
    const identity = matrix.map((_, at) => (at % (n + 1) === 0 ? 1 : 0));
    const products = identity.map((_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return values.reduce((s, _, k) => s + columns[k * n + i]! * columns[k * n + j]!, 0);
    });
    assert.ok(distance(products, identity) < 1e-12);
    assert.deepEqual(values, values.slice().sort());
  }
});

function turned(at: number, n: number): number {
  return (at % n) * n + Math.floor(at / n);
}

test('a singular matrix and a diagonal one have the eigenvalues known of them', () => {
  const ones = new Float64Array(64).fill(1);
  const { values } = symmetricEigen(ones, 8);
  assert.ok(Math.abs(values[7]! - 8) < 1e-12 && Math.abs(values[6]!) < 1e-12);
  const diagonal = Float64Array.from([3, 0, 0, 0, -1, 0, 0, 0, 2]);
  assert.deepEqual([...symmetricEigen(diagonal, 3).values], [-1, 2, 3]);
  assert.ok(distance(plainGram(Float32Array.of(1, 2), 1, 2), [1, 2, 2, 4]) === 0);
});
