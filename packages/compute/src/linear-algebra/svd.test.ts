import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digits, gap, plainProduct, randomMatrix, transpose } from './random-matrix.fixture.ts';
import { type Svd, svd } from './svd.ts';

function rebuilt(found: Svd): Float64Array {
  const k = found.values.length;
  const scaled = found.left.map((value, at) => value * found.values[at % k]!);
  return plainProduct(scaled, found.right, found.rows, k, found.columns);
}

/** How far rows (count x n) are from orthonormal. */
function skew(vectors: Float64Array, count: number, n: number): number {
  const product = plainProduct(vectors, transpose(vectors, count, n), count, n, count);
  for (let i = 0; i < count; i++) product[i * count + i]! -= 1;
  return gap(product, new Float64Array(count * count));
}

for (const [rows, columns] of [
  [1, 1],
  [8, 1],
  [1, 8],
  [30, 30],
  [80, 12],
  [12, 80],
  [0, 2],
  [2, 0],
] as const) {
  test(`residual and orthogonality: ${rows} x ${columns}`, () => {
    const matrix = randomMatrix(rows, columns, rows * 100 + columns);
    const found = svd(matrix);
    const k = Math.min(rows, columns);
    assert.equal(found.values.length, k);
    assert.ok(gap(rebuilt(found), matrix.values) < 3e-14);
    assert.ok(skew(found.right, k, columns) < 1e-14);
    assert.ok(skew(transpose(found.left, rows, k), k, rows) < 1e-14);
    for (let j = 1; j < k; j++) assert.ok(found.values[j]! <= found.values[j - 1]!);
  });
}

test('rank deficiency: zero values with orthonormal vectors', () => {
  const matrix = { rows: 6, columns: 4, values: new Float64Array(24) };
  for (let row = 0; row < 6; row++) matrix.values.set([row, 2 * row, 0, 0], row * 4);
  const found = svd(matrix);
  assert.ok(Math.abs(found.values[0]! - Math.sqrt(5 * 55)) < 1e-13);
  assert.ok(found.values[1]! < 1e-14);
  assert.ok(skew(found.right, 4, 4) < 1e-14);
  assert.ok(skew(transpose(found.left, 6, 4), 4, 6) < 1e-14);
  assert.deepEqual([...svd({ rows: 2, columns: 2, values: new Float64Array(4) }).values], [0, 0]);
});

test('small singular values keep relative digits where columns define them', () => {
  // Columns of an orthogonal matrix with scales over 200 powers of ten: the scales are the values.
  const matrix = randomMatrix(20, 5, 3);
  const q = transpose(svd(matrix).left, 20, 5);
  const scales = [1e100, 1e20, 1, 1e-30, 1e-100];
  const values = transpose(q, 5, 20).map((value, at) => value * scales[at % 5]!);
  assert.ok(digits(svd({ rows: 20, columns: 5, values }).values, scales) > 14);
});

test('Hilbert 6 x 6 agrees with 50-digit arithmetic', () => {
  const values = Float64Array.from(
    { length: 36 },
    (_, at) => 1 / (Math.floor(at / 6) + (at % 6) + 1),
  );
  // mpmath 1.4 with 50 digits: eigenvalues of the Hilbert matrix.
  const wanted = hilbert6;
  const found = svd({ rows: 6, columns: 6, values }).values;
  assert.ok(gap(found, wanted) < 1e-15 * wanted[0]!);
});

const hilbert6 = [
  1.618899858924339, 0.24236087057520955, 0.016321521319875822, 0.0006157483541826576,
  1.2570757122625194e-5, 1.0827994845655498e-7,
];

test('the signs: the largest entry of each right vector is positive', () => {
  const { right } = svd(randomMatrix(9, 4, 8));
  for (let i = 0; i < 4; i++) {
    const row = Array.from(right.subarray(4 * i, 4 * i + 4));
    assert.ok(Math.max(...row) >= -Math.min(...row));
  }
});
