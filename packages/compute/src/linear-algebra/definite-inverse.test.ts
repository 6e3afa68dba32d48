import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { NotPositiveDefinite } from '../error.ts';
import {
  invertStrips,
  type SymmetricStrips,
  stripRows,
  symmetricStrips,
} from './definite-inverse.ts';

/** A random positive definite matrix, dense, of factors with few columns and a diagonal. */
function definite(n: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  const rows = Array.from({ length: n }, () => Array.from({ length: 5 }, () => random.normal()));
  const dense = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < 5; k++) dense[i * n + j]! += rows[i]![k]! * rows[j]![k]!;
    }
    dense[i * n + i]! += 1 + random.uniform();
  }
  return dense;
}

function strips(dense: Float64Array, n: number): SymmetricStrips {
  const matrix = symmetricStrips(n);
  for (let i = 0; i < n; i++) {
    const strip = Math.floor(i / stripRows);
    const row = (i % stripRows) * stripRows * (strip + 1);
    for (let j = 0; j <= i; j++) matrix.strips[strip]![row + j] = dense[i * n + j]!;
  }
  return matrix;
}

const entry = ({ strips: held }: SymmetricStrips, a: number, b: number): number => {
  const [i, j] = a > b ? [a, b] : [b, a];
  const strip = Math.floor(i / stripRows);
  return held[strip]![(i % stripRows) * stripRows * (strip + 1) + j]!;
};

test('the product with the inverse is the identity, in one strip and in several', async () => {
  for (const n of [1, 100, 128, 129, 300]) {
    const dense = definite(n, n);
    const matrix = strips(dense, n);
    const steps: number[] = [];
    await invertStrips(matrix, { onStep: (done) => steps.push(done) });
    assert.equal(steps.at(-1), Math.ceil(n / 128));
    for (let i = 0; i < n; i += 7) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += entry(matrix, i, k) * dense[k * n + j]!;
        assert.ok(Math.abs(sum - (i === j ? 1 : 0)) < 1e-10, `${n} ${i} ${j} ${sum}`);
      }
    }
  }
});

test('the number of threads changes no bit', async () => {
  const dense = definite(900, 3);
  const found = [];
  for (const threads of [1, 2, 3]) {
    const matrix = strips(dense, 900);
    await invertStrips(matrix, { threads });
    found.push(matrix.strips);
  }
  assert.deepEqual(found[1], found[0]);
  assert.deepEqual(found[2], found[0]);
});

test('a matrix that is not positive definite is refused', async () => {
  const dense = definite(200, 4);
  dense[150 * 200 + 150] = -1;
  await assert.rejects(invertStrips(strips(dense, 200)), NotPositiveDefinite);
});
