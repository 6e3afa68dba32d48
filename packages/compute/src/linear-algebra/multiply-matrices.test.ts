import assert from 'node:assert/strict';
import { test } from 'node:test';
import { multiplyMatrices } from './multiply-matrices.ts';
import { gap, plainProduct, randomMatrix } from './random-matrix.fixture.ts';

for (const [rows, depth, columns] of [
  [3, 4, 5],
  [1, 1, 1],
  [300, 260, 240],
] as const) {
  test(`${rows} x ${depth} x ${columns}: the product by its definition, in doubles and floats`, async () => {
    const [a, b] = [randomMatrix(rows, depth, 1), randomMatrix(depth, columns, 2)];
    const wanted = plainProduct(a.values, b.values, rows, depth, columns);
    const found = await multiplyMatrices(a, b, { threads: 2 });
    assert.deepEqual([found.rows, found.columns], [rows, columns]);
    assert.ok(found.values instanceof Float64Array);
    assert.ok(gap(found.values, wanted) < 1e-11);
    const single = (matrix: typeof a) => ({ ...matrix, values: Float32Array.from(matrix.values) });
    const floats = await multiplyMatrices(single(a), single(b));
    assert.ok(floats.values instanceof Float32Array);
    assert.ok(gap(floats.values, wanted) < 1e-3);
    const mixed = await multiplyMatrices(single(a), b);
    assert.ok(mixed.values instanceof Float64Array && gap(mixed.values, wanted) < 1e-4);
  });
}

test('shapes that do not meet are a bug that stops', async () => {
  const a = randomMatrix(3, 4, 1);
  await assert.rejects(multiplyMatrices(a, a), /as many columns/);
});
