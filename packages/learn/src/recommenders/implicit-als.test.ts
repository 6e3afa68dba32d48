import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from '../../../compute/build.ts';
import { plainSolveRow } from '../../../compute/src/solve-rows.ts';
import {
  fit,
  foldIn,
  type Interactions,
  implicitALS,
  itemsOf,
  type RecommenderModel,
} from '../index.ts';
import { estimatorLaws, smallInteractions } from './recommender-laws.fixture.ts';

await build();
estimatorLaws({ specification: implicitALS({ factors: 5, alpha: 4 }), historyIsUser: false });
estimatorLaws({
  specification: implicitALS({ factors: 3, frequencyScaling: 1, regularisation: 0.01 }),
  historyIsUser: false,
});
estimatorLaws({
  specification: implicitALS({ factors: 20, alpha: 4, iterations: 4, block: 8 }),
  historyIsUser: false,
});

function rowsOf(model: RecommenderModel, name: string): readonly Float32Array[] {
  const { data, shape } = model.tensors[name]!;
  const width = shape[1]!;
  return Array.from({ length: shape[0]! }, (_, row) =>
    Float32Array.from(data.subarray(row * width, (row + 1) * width)),
  );
}

/** The users' least squares of the paper, solved densely in doubles from the model's item vectors. */
function exactUsers(
  model: RecommenderModel,
  data: Interactions,
  penalty: (row: number) => number,
): readonly Float64Array[] {
  const items = rowsOf(model, 'itemFactors');
  const alpha = model.specification.parameters.alpha as number;
  return Array.from({ length: data.users }, (_, user) =>
    denseUser(items, itemsOf(data, user), data, user, alpha, penalty(user)),
  );
}

function denseUser(
  items: readonly Float32Array[],
  mine: Int32Array,
  data: Interactions,
  user: number,
  alpha: number,
  penalty: number,
): Float64Array {
  const n = items[0]!.length;
  const table = Array.from({ length: n }, (_, i) => {
    const row = new Float64Array(n + 1);
    row[i] = penalty;
    return row;
  });
  items.forEach((v, item) => {
    const at = mine.indexOf(item);
    const extra = at < 0 ? 0 : alpha * data.weights![data.offsets[user]! + at]!;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) table[i]![j]! += (1 + extra) * v[i]! * v[j]!;
      if (at >= 0) table[i]![n]! += (1 + extra) * v[i]!;
    }
  });
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = table[i]![k]! / table[k]![k]!;
      for (let j = k; j <= n; j++) table[i]![j]! -= factor * table[k]![j]!;
    }
  }
  return Float64Array.from(table, (row, i) => row[n]! / row[i]!);
}

test('user vectors are the exact least squares beside the item vectors', async () => {
  const data = smallInteractions(5, 40, 60);
  for (const frequencyScaling of [0, 0.7]) {
    const hyper = { factors: 6, alpha: 3, regularisation: 0.3, frequencyScaling, iterations: 3 };
    const model = await fit(implicitALS(hyper), data, { threads: 2 });
    const users = rowsOf(model, 'userFactors');
    const penalty = (row: number): number =>
      0.3 * (itemsOf(data, row).length + 60 / 3) ** frequencyScaling;
    exactUsers(model, data, penalty).forEach((wanted, user) => {
      wanted.forEach((value, k) => {
        assert.ok(Math.abs(users[user]![k]! - value) < 2e-4 * Math.max(1, Math.hypot(...wanted)));
      });
    });
  }
});

test('the twin of the row solver agrees with the same definition', () => {
  const x = plainSolveRow([2], [[1], [3]], [1, 2]);
  assert.ok(Math.abs(x[0]! - (2 * 1 + 3 * 3) / (2 + 1 + 18)) < 1e-12);
});

test('each round lowers the loss', async () => {
  const data = smallInteractions(6);
  const losses = [];
  for (const iterations of [1, 2, 4, 8]) {
    const hyper = { factors: 4, alpha: 5, regularisation: 0.2, iterations };
    losses.push(loss(await fit(implicitALS(hyper), data, { threads: 1 }), data));
  }
  for (let at = 1; at < losses.length; at++) assert.ok(losses[at]! < losses[at - 1]! * (1 + 1e-6));
});

test('block rounds never raise the objective, and end where whole rounds do', async () => {
  // Rows to twelve entries are solved exactly, so that no tolerance hides a difference.
  const data = smallInteractions(6, 40, 80);
  const objective = async (iterations: number, block: number | null, scaling = 0) => {
    const hyper = { factors: 16, alpha: 5, regularisation: 0.5, frequencyScaling: scaling };
    const model = await fit(implicitALS({ ...hyper, iterations, block }), data, { threads: 1 });
    return loss(model, data);
  };
  const losses: number[] = [];
  for (let rounds = 1; rounds <= 8; rounds++) losses.push(await objective(rounds, 8));
  for (let at = 1; at < losses.length; at++) assert.ok(losses[at]! <= losses[at - 1]! * (1 + 1e-6));
  const [whole, blocks, all] = await Promise.all(
    [null, 8, 16].map((block) => objective(600, block)),
  );
  assert.ok(losses.at(-1)! > whole!, `${losses} ${whole}`);
  assert.ok(Math.abs(blocks! / whole! - 1) < 1e-6, `${blocks} ${whole}`);
  assert.ok(Math.abs(all! / whole! - 1) < 1e-6, `${all} ${whole}`);
});

test('block rounds with penalties by row end where whole rounds do', async () => {
  const data = smallInteractions(6, 40, 80);
  const hyper = { factors: 12, alpha: 5, regularisation: 0.1, frequencyScaling: 0.6 };
  const scores = async (block: number | null) => {
    const model = await fit(implicitALS({ ...hyper, iterations: 600, block }), data);
    const [users, items] = [rowsOf(model, 'userFactors'), rowsOf(model, 'itemFactors')];
    const product = (u: Float32Array, v: Float32Array) =>
      u.reduce((sum, x, k) => sum + x * v[k]!, 0);
    return users.flatMap((user) => items.map((item) => product(user, item)));
  };
  const [whole, blocks] = await Promise.all([scores(null), scores(8)]);
  blocks.forEach((value, at) => {
    assert.ok(Math.abs(value - whole[at]!) < 2e-3, `${at}: ${value} ${whole[at]}`);
  });
});

function loss(model: RecommenderModel, data: Interactions): number {
  const { alpha, regularisation } = model.specification.parameters as Record<string, number>;
  const [users, items] = [rowsOf(model, 'userFactors'), rowsOf(model, 'itemFactors')];
  const squares = (rows: readonly Float32Array[]): number =>
    rows.reduce((sum, row) => sum + row.reduce((total, value) => total + value * value, 0), 0);
  let total = regularisation! * (squares(users) + squares(items));
  users.forEach((user, u) => {
    items.forEach((item, i) => {
      const at = itemsOf(data, u).indexOf(i);
      const weight = at < 0 ? 0 : alpha! * data.weights![data.offsets[u]! + at]!;
      const product = user.reduce((sum, value, k) => sum + value * item[k]!, 0);
      total += (1 + weight) * ((at < 0 ? 0 : 1) - product) ** 2;
    });
  });
  return total;
}

test('folding in the training history of a user gives the fitted vector', async () => {
  const data = smallInteractions(5, 40, 60);
  const hyper = { factors: 6, alpha: 3, regularisation: 0.3, frequencyScaling: 0.5 };
  const model = await fit(implicitALS(hyper), data, { threads: 1 });
  rowsOf(model, 'userFactors').forEach((wanted, user) => {
    const weights = data.weights!.subarray(data.offsets[user], data.offsets[user + 1]);
    const found = foldIn(model, itemsOf(data, user), weights);
    found.forEach((value, k) => {
      assert.ok(Math.abs(value - wanted[k]!) < 2e-4 * Math.max(1, Math.hypot(...wanted)));
    });
  });
  assert.ok(foldIn(model, new Int32Array(0)).every((value) => value === 0));
  assert.throws(() => foldIn(model, Int32Array.of(1, 1)), { code: 'E-LEARN-005' });
});

test('another seed starts elsewhere', async () => {
  const data = smallInteractions(6);
  const first = await fit(implicitALS({ factors: 4, iterations: 1 }), data, { seed: 1 });
  const second = await fit(implicitALS({ factors: 4, iterations: 1 }), data, { seed: 2 });
  assert.notDeepEqual(first.tensors.userFactors, second.tensors.userFactors);
});
