import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../build.ts';
import { multiplyDense } from './dense-product.ts';
import { centredOperator, denseOperator, sparseOperator } from './linear-operator.ts';
import { orthonormalColumns, qr } from './qr.ts';
import { gap, plainProduct, randomMatrix, transpose } from './random-matrix.fixture.ts';
import { randomSparse } from './random-sparse.fixture.ts';
import { productsOperator, randomisedSvd, randomisedSvdAsync } from './randomised-svd.ts';
import { openSparseProducts } from './sparse-products.ts';
import { svd } from './svd.ts';

before(build);

/** Singular values that fall by a third, as data have. */
function falling(rows: number, columns: number) {
  const left = svd(randomMatrix(rows, columns, 1)).left;
  const right = svd(randomMatrix(columns, columns, 2)).right;
  const scaled = left.map((value, at) => value * 0.7 ** (at % columns));
  return { rows, columns, values: plainProduct(scaled, right, rows, columns, columns) };
}

test('the leading values and vectors agree with the whole decomposition', () => {
  const matrix = falling(120, 40);
  const whole = svd(matrix);
  const found = randomisedSvd(denseOperator(matrix), { rank: 6, seed: 5 });
  assert.ok(gap(found.values, whole.values.subarray(0, 6)) < 1e-13);
  assert.ok(gap(found.right, whole.right.subarray(0, 6 * 40)) < 1e-11);
  const leading = Float64Array.from(found.left, (_, at) => {
    return whole.left[Math.floor(at / 6) * 40 + (at % 6)]!;
  });
  assert.ok(gap(found.left, leading) < 1e-11);
});

test('an exact low rank is found exactly, and a rank beyond the matrix is cut', () => {
  const a = randomMatrix(50, 3, 6).values;
  const b = randomMatrix(3, 30, 7).values;
  const matrix = { rows: 50, columns: 30, values: plainProduct(a, b, 50, 3, 30) };
  const found = randomisedSvd(denseOperator(matrix), { rank: 3, seed: 1, powerIterations: 0 });
  const scaled = found.left.map((value, at) => value * found.values[at % 3]!);
  assert.ok(gap(plainProduct(scaled, found.right, 50, 3, 30), matrix.values) < 1e-13);
  assert.equal(randomisedSvd(denseOperator(matrix), { rank: 99, seed: 1 }).values.length, 30);
});

test('sparse and centred operators stand for the dense matrix', () => {
  const { sparse, dense } = randomSparse(80, 25, 0.2, 3);
  const means = multiplyDense(
    { rows: 25, columns: 80, values: transpose(dense.values, 80, 25) },
    new Float64Array(80).fill(1 / 80),
  );
  const centred = { ...dense, values: dense.values.map((value, at) => value - means[at % 25]!) };
  const found = randomisedSvd(centredOperator(sparseOperator(sparse), means), {
    rank: 25,
    seed: 2,
  });
  assert.ok(gap(found.values, svd(centred).values) < 1e-13 * 20);
});

test('the same seed gives the same bytes, another seed other ones', () => {
  const operator = denseOperator(randomMatrix(60, 50, 9));
  const options = { rank: 4, powerIterations: 1 };
  const first = randomisedSvd(operator, { ...options, seed: 1 });
  assert.deepEqual(randomisedSvd(operator, { ...options, seed: 1 }), first);
  assert.notDeepEqual(randomisedSvd(operator, { ...options, seed: 2 }).values, first.values);
});

test('products of kernel threads give what the plain operator gives, at even and odd widths', async () => {
  const { sparse } = randomSparse(500, 120, 0.4, 7);
  for (const rank of [5, 8]) {
    const plain = randomisedSvd(sparseOperator(sparse), { rank, seed: 3 });
    for (const threads of [1, 2]) {
      await using products = await openSparseProducts(sparse, { threads });
      const found = await randomisedSvdAsync(productsOperator(products), { rank, seed: 3 });
      assert.ok(gap(found.values, plain.values) < 1e-12);
      assert.ok(gap(found.right, plain.right) < 1e-9);
    }
  }
});

test('singular values that fall by ten powers of ten keep their digits', () => {
  const n = 40;
  const q = orthonormalColumns(qr(randomMatrix(60, n, 4), { pivot: false }));
  const p = orthonormalColumns(qr(randomMatrix(n, n, 5), { pivot: false }));
  const wanted = Float64Array.from({ length: n }, (_, k) => 10 ** (-k / 2));
  const values = new Float64Array(60 * n);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < 60; i++) {
      for (let j = 0; j < n; j++) values[i * n + j]! += q[k * 60 + i]! * wanted[k]! * p[k * n + j]!;
    }
  }
  const found = randomisedSvd(denseOperator({ rows: 60, columns: n, values }), {
    rank: 20,
    seed: 1,
  });
  found.values.forEach((value, k) => {
    assert.ok(Math.abs(value / wanted[k]! - 1) < 1e-5, `${k}: ${value}`);
  });
});
