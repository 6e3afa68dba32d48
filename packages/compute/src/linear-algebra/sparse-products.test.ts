import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../build.ts';
import { gap, randomMatrix } from './random-matrix.fixture.ts';
import { randomSparse } from './random-sparse.fixture.ts';
import { multiplySparse, multiplySparseTransposed } from './sparse-matrix.ts';
import {
  kernelSparseProducts,
  openSparseProducts,
  plainSparseProducts,
  type SparseProducts,
} from './sparse-products.ts';

before(build);

async function all(products: SparseProducts, width: number, own: boolean) {
  const { rows, columns } = products;
  const make = (length: number): Float64Array =>
    own ? products.vector(length) : new Float64Array(length);
  const [x, y] = [make(columns * width), make(rows * width)];
  x.set(randomMatrix(columns, width, 5).values);
  y.set(randomMatrix(rows, width, 6).values);
  const found = [make(rows * width), make(columns * width), make(columns * width)];
  // Twice, so that nothing is left of the first time.
  for (let round = 0; round < 2; round++) {
    await products.multiply(x, width, found[0]!);
    await products.multiplyTransposed(y, width, found[1]!);
    await products.squaresTransposed(y, width, found[2]!);
  }
  return found.map((each) => Float64Array.from(each));
}

for (const width of [1, 2, 4, 6, 8, 14, 24]) {
  test(`the kernels give the twin's bytes, in floats and doubles, width ${width}`, async () => {
    const { sparse } = randomSparse(300, 90, 0.1, width);
    for (const values of [sparse.values, Float32Array.from(sparse.values)]) {
      const matrix = { ...sparse, values };
      await using plain = plainSparseProducts(matrix);
      const wanted = await all(plain, width, true);
      for (const threads of [1, 2]) {
        await using kernels = await kernelSparseProducts(matrix, { threads });
        for (const own of [true, false]) assert.deepEqual(await all(kernels, width, own), wanted);
      }
    }
  });
}

test('they are the products of the matrix, of its transpose and of its squares', async () => {
  const { sparse } = randomSparse(400, 150, 0.5, 3);
  assert.ok(sparse.indices.length > 20_000);
  await using products = await openSparseProducts(sparse, { threads: 2 });
  const [a, b, c] = await all(products, 4, false);
  const x = Float64Array.from(randomMatrix(150, 4, 5).values);
  const y = Float64Array.from(randomMatrix(400, 4, 6).values);
  const squares = { ...sparse, values: sparse.values.map((value) => value * value) };
  assert.ok(gap(a!, multiplySparse(sparse, x, 4)) < 1e-13);
  assert.ok(gap(b!, multiplySparseTransposed(sparse, y, 4)) < 1e-13);
  assert.ok(gap(c!, multiplySparseTransposed(squares, y, 4)) < 1e-13);
});

test('a width that is neither 1 nor even, or a block too short, is a bug that stops', async () => {
  await using products = plainSparseProducts(randomSparse(10, 5, 0.5, 1).sparse);
  const out = new Float64Array(100);
  assert.throws(() => products.multiply(new Float64Array(15), 3, out), /1 or even/);
  assert.throws(() => products.multiply(new Float64Array(4), 1, out), /a row for each column/);
});
