import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DenseMatrix } from './dense-matrix.ts';
import { applyQ, applyQTransposed, orthonormalColumns, type Qr, qr } from './qr.ts';
import { gap, plainProduct, randomMatrix, transpose } from './random-matrix.fixture.ts';

const shapes = [
  [1, 1],
  [5, 1],
  [1, 5],
  [6, 6],
  [40, 7],
  [7, 40],
  [0, 3],
  [3, 0],
] as const;

/** The thin Q and R as row-major matrices. */
function factors(factor: Qr): { q: Float64Array; r: Float64Array; width: number } {
  const { rows, columns, values } = factor;
  const width = Math.min(rows, columns);
  const r = new Float64Array(width * columns);
  for (let i = 0; i < width; i++) {
    for (let j = i; j < columns; j++) r[i * columns + j] = values[j * rows + i]!;
  }
  return { q: transpose(orthonormalColumns(factor), width, rows), r, width };
}

function permuted(matrix: DenseMatrix, permutation: Int32Array): Float64Array {
  const { rows, columns, values } = matrix;
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const row = Math.floor(at / columns);
    return values[row * columns + permutation[at % columns]!]!;
  });
}

for (const [rows, columns] of shapes) {
  for (const pivot of [true, false]) {
    test(`Q R is the matrix and Q orthonormal: ${rows} x ${columns}, pivot ${pivot}`, () => {
      const matrix = randomMatrix(rows, columns, 10 * rows + columns);
      const factor = qr(matrix, { pivot });
      const { q, r, width } = factors(factor);
      const back = plainProduct(q, r, rows, width, columns);
      assert.ok(gap(back, permuted(matrix, factor.permutation)) < 2e-14);
      const identity = plainProduct(transpose(q, rows, width), q, width, rows, width);
      for (let i = 0; i < width; i++) identity[i * width + i]! -= 1;
      assert.ok(gap(identity, new Float64Array(width * width)) < 1e-14);
    });
  }
}

test('pivoting makes the diagonal of R fall and leaves one of two equal columns to the end', () => {
  const matrix = randomMatrix(60, 25, 4);
  for (let row = 0; row < 60; row++) matrix.values[row * 25 + 3] = matrix.values[row * 25]!;
  const factor = qr(matrix);
  for (let j = 1; j < 25; j++) {
    const [before, here] = [factor.values[(j - 1) * 60 + j - 1]!, factor.values[j * 60 + j]!];
    assert.ok(Math.abs(here) <= Math.abs(before) * (1 + 1e-12));
  }
  assert.ok(Math.abs(factor.values[24 * 60 + 24]!) < 1e-14);
  assert.ok([0, 3].includes(factor.permutation[24]!));
});

test("Q' undoes Q", () => {
  const factor = qr(randomMatrix(30, 12, 5));
  const wanted = randomMatrix(30, 1, 6).values;
  const found = wanted.slice();
  applyQ(factor, found);
  assert.ok(gap(found, wanted) > 0.1);
  applyQTransposed(factor, found);
  assert.ok(gap(found, wanted) < 1e-14);
});

test('numbers near the ends of the range neither overflow nor vanish', () => {
  for (const scale of [1e300, 1e-300]) {
    const { values } = qr({ rows: 2, columns: 1, values: Float64Array.of(3 * scale, 4 * scale) });
    assert.ok(Math.abs(values[0]! / scale + 5) < 1e-15 * 5);
  }
});
