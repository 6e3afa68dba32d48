import assert from 'node:assert/strict';
import { test } from 'node:test';
import { itemsOf } from '@backlot/learn';
import { TooLittleData } from './error.ts';
import { splitByTime } from './time-split.ts';

const pairs = {
  users: ['ann', 'bob', 'new'],
  items: ['a', 'b', 'fresh'],
  userCodes: Int32Array.of(0, 1, 1, 0, 2, 1),
  itemCodes: Int32Array.of(0, 0, 1, 1, 0, 2),
  times: Float64Array.of(1, 2, 3, 8, 9, 10),
};

test('the latest share is held out; users and items are those of the training part', () => {
  const { train, test: held, cutoff, cold } = splitByTime(pairs, 0.5);
  assert.equal(cutoff, 8);
  assert.deepEqual(train.users, ['ann', 'bob']);
  assert.deepEqual(train.items, ['a', 'b']);
  assert.deepEqual([...itemsOf(train.matrix, 0)], [0]);
  assert.deepEqual([...itemsOf(train.matrix, 1)], [0, 1]);
  assert.deepEqual([...itemsOf(held.matrix, 0)], [1]);
  assert.deepEqual([...itemsOf(held.matrix, 1)], []);
  // Someone new, and something new: no model could know them.
  assert.equal(cold, 2);
});

test('what cannot be split is refused', () => {
  const same = { ...pairs, times: new Float64Array(6) };
  assert.throws(() => splitByTime(same, 0.5), TooLittleData);
  assert.throws(() => splitByTime(pairs, 0.1), TooLittleData);
});
