import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../build.ts';
import { plainScatter, scatterOf } from './scatter.ts';

before(build);

for (const { rows, columns, single, weighted } of [
  { rows: 1, columns: 3, single: true, weighted: false },
  { rows: 700, columns: 7, single: true, weighted: true },
  { rows: 90_001, columns: 16, single: true, weighted: false },
  { rows: 3000, columns: 9, single: false, weighted: true },
]) {
  test(`the scatter of ${rows} x ${columns} equals the plain one, whatever the threads`, async () => {
    const random = seededRandom(rows);
    const drawn = Float64Array.from({ length: rows * columns }, (_, at) => {
      return 1000 * (at % columns) + random.normal();
    });
    const values = single ? Float32Array.from(drawn) : drawn;
    const weights = weighted ? drawn.slice(0, rows).map(() => random.uniform()) : undefined;
    const matrix = { rows, columns, values };
    const found = await scatterOf(matrix, { weights, threads: 2 });
    assert.deepEqual(await scatterOf(matrix, { weights, threads: 1 }), found);
    const plain = plainScatter(matrix, weights);
    assert.ok(Math.abs(found.weight / plain.weight - 1) < 1e-6);
    found.means.forEach((mean, k) => {
      assert.ok(Math.abs(mean - plain.means[k]!) < 1e-4);
    });
    found.products.forEach((value, at) => {
      // Floats round each product to 6e-8 of its size; the sums of rows are of size `weight`.
      assert.ok(Math.abs(value - plain.products[at]!) <= 2e-6 * plain.weight);
    });
  });
}
