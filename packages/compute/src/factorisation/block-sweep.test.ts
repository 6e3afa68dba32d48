import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../build.ts';
import { gram } from '../gram.ts';
import { openKernels } from '../kernel-session.ts';
import { randomStream } from '../random/random-stream.ts';
import { solveScratch } from '../solve-rows.ts';
import { plainSweepRow, sweepBlocks, sweepScratch } from './block-sweep.ts';

before(build);

/** Rows of 0 to 30 entries, so that both ways of solving and rows without entries come up. */
function drawSystem(rows: number, facingRows: number) {
  const stream = randomStream(8);
  const offsets = new Int32Array(rows + 1);
  const indices: number[] = [];
  for (let row = 0; row < rows; row++) {
    const share = row === 3 ? 0 : (row % 4) / 4;
    for (let item = 0; item < facingRows; item++) if (stream.uniform() < share) indices.push(item);
    offsets[row + 1] = indices.length;
  }
  const weights = Float32Array.from(indices, () => 0.5 + stream.uniform());
  return { offsets, indices: Int32Array.from(indices), weights };
}

test('a sweep is its twin, with one penalty and with one a row, and for any number of threads', async () => {
  const [rows, facingRows, columns, alpha] = [37, 40, 32, 4];
  const system = drawSystem(rows, facingRows);
  const penalties = Float32Array.from({ length: rows }, (_, row) => 0.3 + 0.1 * row);
  for (const byRow of [false, true]) {
    for (const width of [8, 24, 32]) {
      const found: Float32Array[] = [];
      for (const threads of [1, 2]) {
        await using session = await openKernels({ threads });
        const stream = randomStream(2);
        const normals = (count: number) => {
          const region = session.allocate(Math.ceil(count / 4) * 4 * columns * 4);
          stream.fillNormal(session.float32(region).subarray(0, count * columns));
          return region;
        };
        const [moved, facing] = [normals(rows), normals(facingRows)];
        const before = session.float32(moved).slice();
        const v = session.float32(facing).slice();
        const total = await gram(session, facing, facingRows, columns);
        const size = { rows: 40, entries: system.indices.length, columns };
        const scratch = sweepScratch(
          session,
          size,
          width,
          byRow,
          solveScratch(session, facingRows, columns, byRow),
        );
        const lengths = Array.from({ length: rows }, (_, row) => row);
        await sweepBlocks(session, {
          system: {
            order: session.place(Int32Array.from(lengths)),
            rows,
            offsets: session.place(system.offsets),
            indices: session.place(system.indices),
            weights: session.place(system.weights),
            longestRow: facingRows,
          },
          ...{ alpha, rows: moved, facing, facingRows, gram: total, columns, width, scratch },
          penalty: byRow ? session.place(penalties) : 0.7,
        });
        found.push(session.float32(moved).slice(0, rows * columns));
        if (threads > 1) continue;
        const row = (data: Float32Array, at: number) =>
          data.subarray(at * columns, (at + 1) * columns);
        for (let at = 0; at < rows; at++) {
          const own = [...system.indices.subarray(system.offsets[at], system.offsets[at + 1])];
          const confidences = own.map((_, i) => alpha * system.weights[system.offsets[at]! + i]!);
          const entries = own.map((item) => row(v, item));
          const penalty = byRow ? penalties[at]! : 0.7;
          const wanted = plainSweepRow(
            row(before, at),
            entries,
            confidences,
            total,
            penalty,
            width,
          );
          const given = row(found[0]!, at);
          const gap = Math.hypot(...wanted.map((value, k) => value - given[k]!));
          // Conjugate gradients stop at 0.3 % of each block's right side; rows to 12 entries are exact.
          const limit = (own.length > 12 ? 2e-2 : 2e-4) * Math.hypot(...row(before, at));
          assert.ok(gap < limit, `row ${at} of ${own.length}, width ${width}, ${byRow}: ${gap}`);
        }
      }
      assert.deepEqual(found[0], found[1]);
    }
  }
});
