import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkInteractions,
  InvalidInteractions,
  interactionsFromPairs,
  itemsOf,
  sequenceOf,
  transpose,
} from '../index.ts';

const pairs = {
  users: 3,
  items: 4,
  userIndices: [2, 0, 2, 0, 2],
  itemIndices: [3, 1, 0, 1, 3],
  weights: [1, 2, 3, 4, 5],
};

test('pairs become ascending rows, repeats one entry with the sum of the weights', () => {
  const built = interactionsFromPairs(pairs);
  assert.deepEqual([...built.offsets], [0, 1, 1, 3]);
  assert.deepEqual([...built.indices], [1, 0, 3]);
  assert.deepEqual([...built.weights!], [6, 3, 6]);
  assert.deepEqual([...itemsOf(built, 2)], [0, 3]);
});

test('transposing twice is nothing, once swaps rows and columns', () => {
  const built = interactionsFromPairs(pairs);
  const turned = transpose(built);
  assert.deepEqual([...turned.offsets], [0, 1, 2, 2, 3]);
  assert.deepEqual([...turned.indices], [2, 0, 2]);
  assert.deepEqual([...turned.weights!], [3, 6, 6]);
  assert.deepEqual(transpose(turned), { ...built });
});

test('what breaks the rules is refused, and named', () => {
  const broken = [
    { userIndices: [3, 0, 2, 0, 2] },
    { userIndices: [0.5, 0, 2, 0, 2] },
    { itemIndices: [Number.NaN, 1, 0, 1, 3] },
    { itemIndices: [-1, 1, 0, 1, 3] },
    { itemIndices: [1] },
    { weights: [1] },
    { weights: [1, 2, 3, 4, Number.NaN] },
    { weights: [1, 2, 3, 4, 0] },
    { weights: [1, 2, 3, 4, 1e300] },
    { users: -1 },
    { items: 2 ** 32 },
  ];
  for (const part of broken) {
    assert.throws(() => interactionsFromPairs({ ...pairs, ...part }), InvalidInteractions);
  }
});

test('times become positions: the latest of repeats, equal ones by item', () => {
  const built = interactionsFromPairs({ ...pairs, times: [9, 2, 5, 1, 4] });
  assert.deepEqual([...built.indices], [1, 0, 3]);
  assert.deepEqual([...built.positions!], [0, 0, 1]);
  assert.deepEqual([...sequenceOf(built, 2)], [0, 3]);
  assert.deepEqual([...sequenceOf(built, 1)], []);
  const userIndices = [0, 0, 0, 0, 1];
  const itemIndices = [3, 1, 2, 0, 2];
  const sizes = { users: 2, items: 4, userIndices, itemIndices };
  const tied = interactionsFromPairs({ ...sizes, times: [-1, 7, 3, 3, 0] });
  assert.deepEqual([...sequenceOf(tied, 0)], [3, 0, 2, 1]);
  assert.deepEqual(transpose(tied).positions, undefined);
  checkInteractions(tied);
});

test('positions that are no order of time are refused', () => {
  const built = interactionsFromPairs({ ...pairs, times: [9, 2, 5, 1, 4] });
  for (const positions of [
    [0, 0],
    [0, 0, 0],
    [0, 1, 2],
    [0, -1, 0],
    [1, 0, 1],
  ]) {
    const given = { ...built, positions: Int32Array.from(positions) };
    assert.throws(() => checkInteractions(given), InvalidInteractions);
  }
  for (const times of [[1], [1, 2, 3, 4, Number.NaN], [1, 2, 3, 4, Infinity]]) {
    assert.throws(() => interactionsFromPairs({ ...pairs, times }), InvalidInteractions);
  }
  assert.throws(() => sequenceOf(interactionsFromPairs(pairs), 0), InvalidInteractions);
});
