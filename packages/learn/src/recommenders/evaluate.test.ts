import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import {
  evaluateUsers,
  fit,
  interactionsFromPairs,
  itemsOf,
  measureLists,
  popularity,
} from '../index.ts';

const train = interactionsFromPairs({
  users: 3,
  items: 6,
  userIndices: [0, 0, 1, 1, 2],
  itemIndices: [0, 1, 0, 2, 0],
});

test('the measures are those computed by hand', () => {
  const test = interactionsFromPairs({
    users: 3,
    items: 6,
    userIndices: [0, 0, 0, 2],
    itemIndices: [3, 4, 5, 1],
  });
  const lists = {
    users: Int32Array.of(0, 2),
    k: 2,
    items: Int32Array.of(2, 4, 1, -1),
    scores: Float32Array.of(2, 1, 1, -Infinity),
  };
  const found = measureLists(lists, train, test);
  assert.deepEqual([...found.recall], [1 / 3, 1]);
  // One hit in second place of two places that could hit; one in first place of one.
  const ndcg = [1 / Math.log2(3) / (1 + 1 / Math.log2(3)), 1];
  assert.deepEqual([...found.ndcg], ndcg);
  assert.deepEqual([...found.recommendedPopularity], [0.5, 1]);
  assert.deepEqual([...found.consumedPopularity], [2, 3]);
  assert.equal(found.coverage, 3 / 6);
});

test('only users with test items count, and training items are never listed', async () => {
  const test = interactionsFromPairs({ users: 3, items: 6, userIndices: [1], itemIndices: [1] });
  const found = await evaluateUsers(await fit(popularity(), train), { train, test, k: 1 });
  assert.deepEqual([...found.users], [1]);
  // Items 0 and 2 are known to user 1, so that the most popular of the rest comes first.
  assert.deepEqual([...found.recall], [1]);
  const other = interactionsFromPairs({ users: 4, items: 6, userIndices: [1], itemIndices: [1] });
  const model = await fit(popularity(), train);
  await assert.rejects(evaluateUsers(model, { train, test: other, k: 1 }), { code: 'E-LEARN-005' });
});

test('the measures are those of an oracle that goes over positions', async () => {
  const random = seededRandom(2);
  const pairs = (count: number) => ({
    users: 20,
    items: 30,
    userIndices: Array.from({ length: count }, () => random.below(20)),
    itemIndices: Array.from({ length: count }, () => random.below(30)),
  });
  const [known, wanted] = [interactionsFromPairs(pairs(150)), interactionsFromPairs(pairs(90))];
  const k = 5;
  const users = Int32Array.from({ length: 20 }, (_, user) => user).filter(
    (user) => itemsOf(wanted, user).length > 0,
  );
  const lists = new Int32Array(users.length * k);
  users.forEach((_, at) => {
    const order = random.shuffle(Array.from({ length: 30 }, (_, item) => item));
    lists.set(order.slice(0, k), at * k);
  });
  const scores = new Float32Array(lists.length);
  const found = measureLists({ users, k, items: lists, scores }, known, wanted);
  users.forEach((user, at) => {
    const relevant = [...itemsOf(wanted, user)];
    let [hits, gain, ideal] = [0, 0, 0];
    for (let place = 1; place <= k; place++) {
      const discount = Math.LN2 / Math.log(place + 1);
      if (relevant.includes(lists[at * k + place - 1]!)) [hits, gain] = [hits + 1, gain + discount];
      if (place <= relevant.length) ideal += discount;
    }
    assert.ok(Math.abs(found.recall[at]! - hits / relevant.length) < 1e-12);
    assert.ok(Math.abs(found.ndcg[at]! - gain / ideal) < 1e-12);
  });
});
