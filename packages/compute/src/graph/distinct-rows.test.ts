import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DistinctRows } from './distinct-rows.ts';

test('rows are numbered as they are first read, anew at each step', () => {
  const distinct = new DistinctRows(10);
  const lists = [BigInt64Array.of(7n, 2n, 7n), BigInt64Array.of(9n, 2n)];
  assert.deepEqual([...distinct.number(lists)], [7, 2, 9]);
  assert.deepEqual(
    lists.map((list) => [...list]),
    [
      [0n, 1n, 0n],
      [2n, 1n],
    ],
  );
  const next = [BigInt64Array.of(2n, 0n)];
  assert.deepEqual([...distinct.number(next)], [2, 0]);
  assert.deepEqual([...next[0]!], [0n, 1n]);
});
