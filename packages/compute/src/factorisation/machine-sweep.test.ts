import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../build.ts';
import { openKernels } from '../kernel-session.ts';
import { transposeSparse } from '../linear-algebra/sparse-matrix.ts';
import { randomStream } from '../random/random-stream.ts';
import { MachineSweeps, machineWidth, plainMachineSweep } from './machine-sweep.ts';

before(build);

/** Rows of which two in three numbers are 0, with weights and a target of three classes. */
function drawRows(rows: number, columns: number) {
  const stream = randomStream(6);
  const x = Array.from({ length: rows }, () =>
    Float64Array.from({ length: columns }, () => (stream.below(3) === 0 ? stream.normal() : 0)),
  );
  const kept = x.map((row) => [...row.keys()].filter((column) => row[column] !== 0));
  const offsets = Int32Array.of(0, ...kept.map(({ length }) => length));
  for (let row = 0; row < rows; row++) offsets[row + 1]! += offsets[row]!;
  const values = Float64Array.from(kept.flatMap((row, at) => row.map((column) => x[at]![column]!)));
  const sparse = { rows, columns, offsets, indices: Int32Array.from(kept.flat()), values };
  const weights = Float64Array.from({ length: rows }, () => 0.5 + stream.uniform());
  const target = Float64Array.from({ length: rows }, () => stream.below(3));
  return { x, byColumn: transposeSparse(sparse), weights, target };
}

test('a sweep is its twin for both losses, any number of machines and any number of threads', async () => {
  const [rows, columns] = [40, 7];
  const { x, byColumn, weights, target } = drawRows(rows, columns);
  for (const factors of [1, 2, 5]) {
    for (const [loss, outputs] of [['squared', 1] as const, ['logistic', 3] as const]) {
      const width = machineWidth(factors);
      const span = (columns + 1) * width;
      const start = new Float64Array(outputs * span);
      const stream = randomStream(factors);
      for (let at = 0; at < start.length; at++) {
        if (at % width <= factors && at % span >= width) start[at] = 0.3 * stream.normal();
      }
      const problem = {
        ...{ byColumn, loss, target, weights, outputs, factors },
        ...{ linearPenalty: 0.3, factorPenalty: 0.8 },
      };
      const results: Float64Array[] = [];
      for (const threads of [1, 2]) {
        await using session = await openKernels({ threads });
        const sweeps = new MachineSweeps(session, problem, start);
        const objectives = [await sweeps.sweep(), await sweeps.sweep()];
        results.push(sweeps.parameters);
        const plain = Array.from({ length: outputs }, (_, output) =>
          Array.from({ length: columns + 1 }, (_, place) => {
            const from = output * span + place * width;
            return start.slice(from, from + factors + 1);
          }),
        );
        for (const objective of objectives) {
          const wanted = plain.map((records, output) => {
            const y = target.map((one) => (loss === 'squared' ? one : Number(one === output)));
            return plainMachineSweep(x, y, problem, records);
          });
          const total = wanted.reduce((sum, one) => sum + one, 0);
          assert.ok(Math.abs(objective / total - 1) < 1e-10, `${objective} ${total}`);
        }
        plain.flat().forEach((record, place) => {
          record.forEach((value, k) => {
            const found = results[0]![place * width + k]!;
            assert.ok(Math.abs(found - value) < 1e-9, `${loss} ${place} ${k}: ${found} ${value}`);
          });
        });
      }
      assert.deepEqual(results[0], results[1]);
    }
  }
});
