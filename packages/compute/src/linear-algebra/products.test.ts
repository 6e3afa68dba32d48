import assert from 'node:assert/strict';
import { test } from 'node:test';
import { multiplyDense, multiplyDenseTransposed } from './dense-product.ts';
import { gap, plainProduct, randomMatrix, transpose } from './random-matrix.fixture.ts';
import { randomSparse } from './random-sparse.fixture.ts';
import { multiplySparse, multiplySparseTransposed, transposeSparse } from './sparse-matrix.ts';

for (const width of [1, 3, 4, 9]) {
  test(`products with ${width} vectors are those of the definition`, () => {
    const { sparse, dense } = randomSparse(23, 17, 0.3, width);
    const x = randomMatrix(17, width, 1).values;
    const y = randomMatrix(23, width, 2).values;
    const across = transpose(dense.values, 23, 17);
    const wanted = plainProduct(dense.values, x, 23, 17, width);
    const wantedAcross = plainProduct(across, y, 17, 23, width);
    assert.ok(gap(multiplyDense(dense, x, width), wanted) < 1e-14);
    assert.ok(gap(multiplyDenseTransposed(dense, y, width), wantedAcross) < 1e-14);
    assert.ok(gap(multiplySparse(sparse, x, width), wanted) < 1e-14);
    assert.ok(gap(multiplySparseTransposed(sparse, y, width), wantedAcross) < 1e-14);
    const turned = transposeSparse(sparse);
    assert.ok(gap(multiplySparse(turned, y, width), wantedAcross) < 1e-14);
    assert.deepEqual(transposeSparse(turned), sparse);
  });
}

test('a matrix without entries', () => {
  const { sparse } = randomSparse(3, 2, 0, 1);
  assert.deepEqual([...multiplySparse(sparse, Float64Array.of(1, 2))], [0, 0, 0]);
  assert.deepEqual([...transposeSparse(sparse).offsets], [0, 0, 0, 0].slice(0, 3));
});
