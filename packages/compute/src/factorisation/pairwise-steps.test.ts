import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../build.ts';
import { type KernelSession, openKernels, type Region } from '../kernel-session.ts';
import { randomStream } from '../random/random-stream.ts';
import { counterBelow, counterShuffle } from './counter-draw.ts';
import { PairCells } from './pair-cells.ts';
import {
  epochLoss,
  type PairwiseModel,
  pairwiseEpoch,
  plainPairwiseCell,
} from './pairwise-steps.ts';

before(build);

test('counted draws are uniform, and a shuffle is a permutation that its key decides', () => {
  const counts = new Float64Array(10);
  for (let at = 0; at < 100_000; at++) counts[counterBelow(77, at, 10)]!++;
  const chi = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
  // The 0.999 quantile of chi-square with 9 degrees of freedom.
  assert.ok(chi < 27.88, `${chi}`);
  const order = counterShuffle(5, 500);
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    [...Array(500).keys()],
  );
  assert.notDeepEqual(order, counterShuffle(6, 500));
});

interface Drawn {
  readonly users: number;
  readonly items: number;
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly userIndices: Int32Array;
}

/** About `per` items a user, ascending. */
function drawHistories(users: number, items: number, per: number): Drawn {
  const stream = randomStream(3, users, items);
  const offsets = new Int32Array(users + 1);
  const indices: number[] = [];
  const userIndices: number[] = [];
  for (let user = 0; user < users; user++) {
    for (let item = 0; item < items; item++) {
      if (stream.uniform() >= per / items) continue;
      indices.push(item);
      userIndices.push(user);
    }
    offsets[user + 1] = indices.length;
  }
  const place = Int32Array.from(indices);
  return { users, items, offsets, indices: place, userIndices: Int32Array.from(userIndices) };
}

function startModel(session: KernelSession, drawn: Drawn, popular: boolean): PairwiseModel {
  const stream = randomStream(4);
  const normals = (count: number): Region =>
    session.place(stream.fillNormal(new Float32Array(count)).map((value) => 0.5 * value));
  return {
    users: normals(drawn.users * 8),
    items: normals(drawn.items * 8),
    biases: normals(drawn.items),
    columns: 8,
    historyOffsets: session.place(drawn.offsets),
    historyItems: session.place(drawn.indices),
    popular,
    decay: 0.02,
    biasDecay: 0.01,
  };
}

function cellsOf(session: KernelSession, drawn: Drawn): PairCells {
  const { users, items, userIndices, indices: itemIndices } = drawn;
  const places = Int32Array.from({ length: users }, (_, user) => users - 1 - user);
  return new PairCells(session, { users, items, userIndices, itemIndices, places });
}

test('cells hold each pair once, users by shard and items by block', async () => {
  await using session = await openKernels({ threads: 1 });
  const drawn = drawHistories(50, 1600, 40);
  const cells = cellsOf(session, drawn);
  assert.equal(cells.blocks, 3);
  cells.deal(randomStream(1));
  const offsets = session.int32(cells.cellOffsets);
  const records = session.int32(cells.records);
  const dealt = session.int32(cells.blockItems);
  const edges = session.int32(cells.blockOffsets);
  assert.deepEqual(
    [...dealt].sort((a, b) => a - b),
    [...Array(1600).keys()],
  );
  const seen = new Set<number>();
  for (let cell = 0; cell < 9; cell++) {
    const block = new Set(
      dealt.subarray(edges[Math.floor(cell / 3)], edges[Math.floor(cell / 3) + 1]),
    );
    for (let at = offsets[cell]!; at < offsets[cell + 1]!; at++) {
      const [user, item] = [records[2 * at]!, records[2 * at + 1]!];
      assert.equal((49 - user) % 3, cell % 3);
      assert.ok(block.has(item));
      seen.add(user * 1600 + item);
    }
  }
  const wanted = drawn.userIndices.map((user, at) => user * 1600 + drawn.indices[at]!);
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    [...wanted],
  );
});

test('an epoch is its twin, cell after cell, whatever the threads', async () => {
  const drawn = drawHistories(60, 1100, 25);
  for (const popular of [false, true]) {
    const found: Float32Array[] = [];
    for (const threads of [1, 3]) {
      await using session = await openKernels({ threads });
      const model = startModel(session, drawn, popular);
      const cells = cellsOf(session, drawn);
      cells.deal(randomStream(9));
      const twin = threads === 1 && plainEpoch(session, drawn, model, cells, 0.1);
      const { loss, steps } = await pairwiseEpoch(session, cells, model, 0.1);
      const all = [model.users, model.items, model.biases].map((one) => session.float32(one));
      found.push(Float32Array.from(all.flatMap((one) => [...one])));
      if (!twin) continue;
      assert.equal(steps, twin.steps);
      assert.ok(Math.abs(loss - twin.loss) < 1e-5);
      // Some thirty steps meet a row; each rounds to 24 bits.
      const far = twin.values.filter((value, at) => Math.abs(value - found[0]![at]!) > 2e-5);
      assert.equal(far.length, 0);
    }
    assert.deepEqual(found[0], found[1]);
  }
});

function plainEpoch(
  session: KernelSession,
  drawn: Drawn,
  model: PairwiseModel,
  cells: PairCells,
  rate: number,
) {
  const rowsOf = (region: Region, rows: number): Float64Array[] =>
    Array.from({ length: rows }, (_, row) =>
      Float64Array.from(session.float32(region).subarray(row * 8, row * 8 + 8)),
    );
  const plain = {
    users: rowsOf(model.users, drawn.users),
    items: rowsOf(model.items, drawn.items),
    biases: Float64Array.from(session.float32(model.biases)),
    histories: Array.from(
      { length: drawn.users },
      (_, user) => new Set(drawn.indices.subarray(drawn.offsets[user], drawn.offsets[user + 1])),
    ),
    ...{ rate, decay: model.decay, biasDecay: model.biasDecay },
  };
  const [offsets, records] = [session.int32(cells.cellOffsets), session.int32(cells.records)];
  const [edges, dealt] = [session.int32(cells.blockOffsets), session.int32(cells.blockItems)];
  const { blocks } = cells;
  const lists = Array.from({ length: blocks ** 2 }, (_, cell) =>
    Array.from({ length: offsets[cell + 1]! - offsets[cell]! }, (_, at) => {
      const from = 2 * (offsets[cell]! + at);
      return [records[from]!, records[from + 1]!] as const;
    }),
  );
  const sums = new Float64Array(2 * blocks ** 2);
  for (let round = 0; round < blocks; round++) {
    for (let shard = 0; shard < blocks; shard++) {
      const block = (shard + round) % blocks;
      const cell = block * blocks + shard;
      const popular = () =>
        lists.slice(block * blocks, (block + 1) * blocks).flatMap((list) => list.map(([, i]) => i));
      const uniform = () => [...dealt.subarray(edges[block], edges[block + 1])];
      const pool = model.popular ? popular : uniform;
      const { loss, steps } = plainPairwiseCell(
        plain,
        lists[cell]!,
        pool,
        session.int32(cells.keys)[cell]!,
      );
      sums[2 * cell] = loss * steps;
      sums[2 * cell + 1] = steps;
    }
  }
  const values = [...plain.users, ...plain.items, plain.biases].flatMap((row) => [...row]);
  return { values, ...epochLoss(sums) };
}

test('a step goes down the loss of its triple: its moves are the gradient by differences', () => {
  const start = () => ({
    users: [Float64Array.of(0.3, -0.2)],
    items: [Float64Array.of(0.5, 0.1), Float64Array.of(-0.4, 0.7)],
    biases: Float64Array.of(0.2, -0.1),
    histories: [new Set([0])],
    ...{ rate: 1e-6, decay: 0.3, biasDecay: 0.2 },
  });
  type Model = ReturnType<typeof start>;
  const lossOf = ({ users, items, biases }: Model): number => {
    const [u, i, j] = [users[0]!, items[0]!, items[1]!];
    const x = u.reduce((sum, value, k) => sum + value * (i[k]! - j[k]!), biases[0]! - biases[1]!);
    const squares = [...u, ...i, ...j].reduce((sum, value) => sum + value * value, 0);
    const biasSquares = biases[0]! ** 2 + biases[1]! ** 2;
    return Math.log1p(Math.exp(-x)) + 0.15 * squares + 0.1 * biasSquares;
  };
  const moved = start();
  plainPairwiseCell(moved, [[0, 0]], () => [1], 1);
  const numbersOf = ({ users, items, biases }: Model) => [...users, ...items, biases];
  numbersOf(start()).forEach((row, place) => {
    row.forEach((value, k) => {
      const at = (by: number): number => {
        const model = start();
        numbersOf(model)[place]![k]! += by;
        return lossOf(model);
      };
      const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
      const step = (value - numbersOf(moved)[place]![k]!) / 1e-6;
      assert.ok(Math.abs(step - slope) < 1e-6, `${place} ${k}: ${step} ${slope}`);
    });
  });
});
