import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailed, assert as invariant, present, unreachable } from './assert.ts';
import { BacklotError, Cancelled, exitCodes, httpStatuses, throwIfCancelled } from './error.ts';

test('an error shows code and reason, and keeps its cause to itself', () => {
  const cause = new Error('secret detail');
  const error = new BacklotError({
    code: 'E-CORE-001',
    kind: 'usage',
    reason: 'k is 0, at least 1 is allowed',
    place: 'k',
    mend: 'give k as 1 or more',
    cause,
  });
  assert.equal(error.message, 'E-CORE-001 k is 0, at least 1 is allowed');
  assert.equal(error.cause, cause);
  assert.deepEqual(JSON.parse(JSON.stringify(error)), {
    code: 'E-CORE-001',
    kind: 'usage',
    reason: 'k is 0, at least 1 is allowed',
    place: 'k',
    mend: 'give k as 1 or more',
  });
});

test('absent parts are absent in the JSON, and a subclass has its own name', () => {
  const error = new Cancelled('the fit');
  assert.equal(error.name, 'Cancelled');
  assert.deepEqual(Object.keys(error.toJSON()), ['code', 'kind', 'reason']);
});

test('every kind has an exit code and a status, and no two share an exit code', () => {
  assert.deepEqual(Object.keys(exitCodes), Object.keys(httpStatuses));
  assert.equal(new Set(Object.values(exitCodes)).size, Object.keys(exitCodes).length);
  for (const code of Object.values(exitCodes)) assert.notEqual(code, 0);
});

test('a fired signal stops work, an absent or quiet one does not', () => {
  throwIfCancelled(undefined, 'the fit');
  throwIfCancelled(new AbortController().signal, 'the fit');
  assert.throws(() => throwIfCancelled(AbortSignal.abort(), 'the fit'), Cancelled);
});

test('a broken invariant stops and says which', () => {
  invariant(true, 'never seen');
  assert.throws(() => invariant(0, 'rows are counted'), /rows are counted/);
  assert.equal(present(0, 'count'), 0);
  for (const nothing of [null, undefined]) {
    assert.throws(() => present(nothing, 'count'), AssertionFailed);
  }
  assert.throws(() => unreachable('x' as never), /unreachable value x/);
});
