import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOfBytes } from '@backlot/core';
import { parseTaskReference, printTaskReference } from './task-reference.ts';

const plan = digestOfBytes('plan');

test('a reference is read as it was printed', () => {
  for (const reference of [
    { workspace: 'media', pipeline: 'daily', plan, task: 'fit' },
    { workspace: 'media', pipeline: 'daily', plan, task: 'fit', shard: 'us' },
    { workspace: 'media', pipeline: 'daily', plan, task: 'fit', shard: '12' },
  ]) {
    assert.deepEqual(parseTaskReference(printTaskReference(reference)), reference);
  }
  assert.equal(
    printTaskReference({ workspace: 'media', pipeline: 'daily', plan, task: 'fit', shard: '0' }),
    `media/daily@${plan}/fit#0`,
  );
});

test('anything else is refused', () => {
  for (const text of [
    '',
    `media/daily@${plan}`,
    `media/daily@${plan.slice(0, -1)}/fit`,
    `media/../daily@${plan}/fit`,
    `media/daily@${plan}/fit#`,
    `media/daily@${plan}/fit#01`,
    `media/daily@${plan}/fit#a#b`,
    ` media/daily@${plan}/fit`,
    `media/daily@${plan}/fit\n`,
  ]) {
    assert.throws(() => parseTaskReference(text), { code: 'E-PIPELINES-003' }, text);
  }
});
