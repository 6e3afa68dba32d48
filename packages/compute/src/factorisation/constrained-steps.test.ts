import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../build.ts';
import { openKernels } from '../kernel-session.ts';
import { randomStream } from '../random/random-stream.ts';
import { constrainedEpoch, plainConstrainedCell } from './constrained-steps.ts';
import { PairCells } from './pair-cells.ts';

before(build);

/** Users by `per` items they met, and as many that they are only drawn to. */
function drawPairs(users: number, items: number, per: number) {
  const stream = randomStream(5);
  const offsets = new Int32Array(users + 1);
  const [met, userIndices, itemIndices, weights]: number[][] = [[], [], [], []];
  for (let user = 0; user < users; user++) {
    for (let item = 0; item < items; item++) {
      const draw = stream.uniform();
      if (draw >= (2 * per) / items) continue;
      const positive = draw < per / items;
      if (positive) met!.push(item);
      userIndices!.push(user);
      itemIndices!.push(item);
      weights!.push((positive ? 1 : -0.3) * (0.5 + stream.uniform()));
    }
    offsets[user + 1] = met!.length;
  }
  return {
    ...{ users, items, offsets, met: Int32Array.from(met!) },
    userIndices: Int32Array.from(userIndices!),
    itemIndices: Int32Array.from(itemIndices!),
    weights: Float32Array.from(weights!),
    places: Int32Array.from({ length: users }, (_, user) => user),
  };
}

test('an epoch is its twin, cell after cell, whatever the threads', async () => {
  const drawn = drawPairs(40, 1100, 10);
  const hyper = { negatives: 7, negative: 0.2, negativeScaled: 0.5, decay: 0.05 };
  const found: Float32Array[] = [];
  for (const threads of [1, 3]) {
    await using session = await openKernels({ threads });
    const stream = randomStream(2);
    const numbers = (count: number, scale: number) => {
      const all = stream.fillUniform(new Float32Array(count));
      return all.map((value) => scale * (value - 0.3));
    };
    // Vectors of seven numbers, the eighth of each is padding.
    const padded = (rows: number) =>
      numbers(8 * rows, 1).map((value, at) => (at % 8 === 7 ? 0 : value));
    const start = { users: padded(40), items: padded(1100) };
    const scales = { users: numbers(40, 1), items: numbers(1100, 1) };
    const [users, items] = [session.place(start.users), session.place(start.items)];
    const model = {
      ...{ users, items, columns: 8, factors: 7, ...hyper },
      historyOffsets: session.place(drawn.offsets),
      historyItems: session.place(drawn.met),
      userScales: session.place(scales.users),
      itemScales: session.place(scales.items),
    };
    const cells = new PairCells(session, drawn);
    assert.equal(cells.blocks, 2);
    cells.deal(randomStream(9));
    const [offsets, records] = [session.int32(cells.cellOffsets), session.int32(cells.records)];
    const [edges, dealt] = [session.int32(cells.blockOffsets), session.int32(cells.blockItems)];
    const weights = session.float32(cells.records);
    const lists = Array.from({ length: 4 }, (_, cell) =>
      Array.from({ length: offsets[cell + 1]! - offsets[cell]! }, (_, at) => {
        const from = 3 * (offsets[cell]! + at);
        return [records[from]!, records[from + 1]!, weights[from + 2]!] as const;
      }),
    );
    const { loss, steps } = await constrainedEpoch(session, cells, model, 0.1);
    found.push(Float32Array.of(...session.float32(users), ...session.float32(items)));
    assert.equal(steps, drawn.userIndices.length);
    if (threads > 1) continue;
    const rowsOf = (data: Float32Array) =>
      Array.from({ length: data.length / 8 }, (_, row) => ({
        vector: Float64Array.from(data.subarray(8 * row, 8 * row + 7)),
        squares: 0,
      }));
    const plain = {
      ...{ users: rowsOf(start.users), items: rowsOf(start.items), rate: 0.1, ...hyper },
      ...{ userScales: scales.users, itemScales: scales.items },
      histories: Array.from(
        { length: 40 },
        (_, user) => new Set(drawn.met.subarray(drawn.offsets[user], drawn.offsets[user + 1])),
      ),
    };
    let total = 0;
    for (const [block, shard] of [
      [0, 0],
      [1, 1],
      [1, 0],
      [0, 1],
    ] as const) {
      const pool = [...dealt.subarray(edges[block], edges[block + 1])];
      const cell = block * 2 + shard;
      const key = session.int32(cells.keys)[cell]!;
      total += plainConstrainedCell(plain, lists[cell]!, pool, key);
    }
    assert.ok(Math.abs(loss - total / steps) < 1e-5 * loss, `${loss} ${total / steps}`);
    // Each row takes some ten steps that each round to 24 bits; a root's slope makes the most of it.
    [...plain.users, ...plain.items].forEach(({ vector }, row) => {
      vector.forEach((value, k) => {
        const given = found[0]![8 * row + k]!;
        assert.ok(Math.abs(given - value) < 1e-4, `${row} ${k}: ${given} ${value}`);
      });
    });
  }
  assert.deepEqual(found[0], found[1]);
});
