import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertPurpose, PurposeRefused } from './purpose.ts';

test('a purpose that the contract allows passes', () => {
  assertPurpose(['train', 'measure'], 'measure');
});

test('any other purpose, and none, is refused with what is allowed and how to mend it', () => {
  for (const given of ['serve', 'Train', '', 'train ', '__proto__', undefined]) {
    assert.throws(
      () => assertPurpose(['train', 'measure'], given),
      (error) =>
        error instanceof PurposeRefused &&
        error.kind === 'auth' &&
        error.reason.includes('train, measure') &&
        error.mend!.includes('train, measure'),
    );
  }
  assert.throws(() => assertPurpose([], 'train'), /the contract allows none/);
});

test('a text that is no purpose is not repeated in the error', () => {
  assert.throws(
    () => assertPurpose(['train'], 'blt_secret'),
    (error) => error instanceof PurposeRefused && !error.message.includes('secret'),
  );
});
