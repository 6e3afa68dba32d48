import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../build.ts';
import { openKernels } from '../kernel-session.ts';
import { centredRows } from './centred-rows.ts';
import { LloydRounds } from './lloyd-rounds.ts';

before(build);

/** Rounds in doubles: every distance by differences, every sum over all rows. */
function plainRound(
  x: Float64Array,
  columns: number,
  centres: Float64Array,
  weights: Float64Array | undefined,
): { labels: number[]; sums: Float64Array } {
  const count = centres.length / columns;
  const sums = new Float64Array(count * (columns + 1));
  const labels = Array.from({ length: x.length / columns }, (_, row) => {
    let [best, label] = [Infinity, 0];
    for (let j = 0; j < count; j++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) {
        sum += (x[row * columns + k]! - centres[j * columns + k]!) ** 2;
      }
      if (sum < best) [best, label] = [sum, j];
    }
    const weight = weights?.[row] ?? 1;
    const at = label * (columns + 1);
    for (let k = 0; k < columns; k++) sums[at + k]! += weight * x[row * columns + k]!;
    sums[at + columns]! += weight;
    return label;
  });
  return { labels, sums };
}

for (const { rows, columns, count, weighted, threads } of [
  { rows: 1000, columns: 7, count: 5, weighted: false, threads: 1 },
  { rows: 2001, columns: 12, count: 20, weighted: true, threads: 2 },
  { rows: 9, columns: 1, count: 9, weighted: false, threads: 2 },
  { rows: 700, columns: 3, count: 1, weighted: true, threads: 1 },
]) {
  test(`rounds of Lloyd's equal plain ones: ${rows} x ${columns}, ${count} centres`, async () => {
    const random = seededRandom(rows);
    const offset = 50;
    const values = Float32Array.from({ length: rows * columns }, (_, at) => {
      return offset + random.normal() + 3 * (Math.floor(at / columns) % 4);
    });
    const weights = weighted
      ? Float64Array.from({ length: rows }, () => random.uniform())
      : undefined;
    const draw = (): number => random.normal() * 3;
    let centres = Float64Array.from({ length: count * columns }, draw).map(Math.fround);
    await using session = await openKernels({ threads });
    const placed = await centredRows(session, { rows, columns, values });
    const rounds = new LloydRounds(session, placed, count, weights);
    const x = Float64Array.from(session.float32(placed.x).subarray(0, rows * columns));
    values.forEach((value, at) => {
      assert.ok(Math.abs(x[at]! + placed.means[at % columns]! - value) < 1e-5);
    });
    let last: number[] = [];
    for (let round = 0; round < 12; round++) {
      const found = await rounds.assign(centres);
      const plain = plainRound(x, columns, centres, weights);
      const differ = plain.labels.filter((label, row) => label !== rounds.labels[row]).length;
      // A tie within the rounding of floats may fall to either side.
      assert.ok(differ <= rows / 1000, `${differ} labels differ in round ${round}`);
      if (differ === 0) {
        found.sums.forEach((sum, at) => {
          assert.ok(Math.abs(sum - plain.sums[at]!) < 1e-9 * rows);
        });
      }
      const now = Array.from(rounds.labels);
      assert.equal(found.changed, now.filter((label, row) => label !== last[row]).length);
      last = now;
      centres = centres.map((old, at) => {
        const weight = found.sums[Math.floor(at / columns) * (columns + 1) + columns]!;
        const place = Math.floor(at / columns) * (columns + 1) + (at % columns);
        return Math.fround(weight > 0 ? found.sums[place]! / weight : old);
      });
    }
  });
}
