import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remember } from './remember.ts';

test('the last answer is kept, for both of its arguments only', () => {
  let calls = 0;
  const power = remember((a, b) => {
    calls++;
    return a ** b;
  });
  assert.deepEqual([power(2, 3), power(2, 3), power(3, 2), power(2, 3)], [8, 8, 9, 8]);
  assert.equal(calls, 3);
  assert.ok(Number.isNaN(power(Number.NaN, 1)));
});
