import assert from 'node:assert/strict';
import { test } from 'node:test';
import { polynomial } from './polynomial.ts';

test('a polynomial of any degree takes its constant first', () => {
  assert.equal(polynomial([], 2), 0);
  assert.equal(polynomial([7], 2), 7);
  assert.equal(polynomial([7, 3], 2), 13);
  assert.equal(polynomial([1, 2, 3], -2), 9);
  assert.equal(polynomial([1, 2, 3, 4], 2), 49);
  assert.equal(polynomial([1, 2, 3, 4, 5], -1), 3);
});
