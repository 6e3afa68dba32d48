import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../build.ts';
import { openKernels } from '../kernel-session.ts';
import { binTable } from './binned-table.ts';
import { categoryBins, numberBins } from './feature-bins.ts';
import { denseSource } from './table-source.ts';

before(build);

/** Numbers of all sizes and signs, -0, few numbers, one number, some and only missing ones, categories. */
function randomTable(seed: number, rows: number, single: boolean) {
  const random = seededRandom(seed);
  const columns = 8;
  const values = single ? new Float32Array(rows * columns) : new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const sign = random.uniform() < 0.5 ? -1 : 1;
    values.set(
      [
        sign * 10 ** (60 * random.uniform() - 30),
        sign * random.below(3),
        7,
        random.uniform() < 0.5 ? Number.NaN : random.normal(),
        Number.NaN,
        sign * 0,
        random.normal(),
        random.below(400),
      ],
      row * columns,
    );
  }
  return { values, columns };
}

test('bins are those of each column sorted by itself', async () => {
  for (const single of [true, false]) {
    for (const [rows, threads] of [
      [1, 1],
      [300, 2],
      [5000, 2],
    ] as const) {
      const { values, columns } = randomTable(rows, rows, single);
      await using session = await openKernels({ threads });
      const options = { bins: 100, categorical: new Set([7]) };
      const table = await binTable(session, denseSource(values, rows, columns), options);
      table.features.forEach((found, column) => {
        const own = values.filter((value, at) => at % columns === column && !Number.isNaN(value));
        const sorted = own.map((value) => value + 0).sort();
        const find = column === 7 ? categoryBins : numberBins;
        assert.deepEqual(found, find(sorted, options.bins, rows), `column ${column}`);
      });
    }
  }
});
