import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BacklotError } from '@backlot/core';
import { nearest, suggesting } from './suggesting.ts';

const notFound = new BacklotError({ code: 'E-BACKLOT-999', kind: 'notFound', reason: 'no' });

test('near names are those few edits away or that begin alike, the nearest first', () => {
  assert.deepEqual(nearest('plyas', ['items', 'plays', 'accounts']), ['plays']);
  assert.deepEqual(nearest('als', ['als-store', 'als-film', 'knn']), ['als-film', 'als-store']);
  assert.deepEqual(nearest('recomend', ['recommend']), ['recommend']);
  assert.deepEqual(nearest('x', ['abc']), []);
  assert.deepEqual(nearest('ab', ['ba', 'b', 'zz']), ['b', 'ba']);
});

test('an unknown name is answered with those that were probably meant', async () => {
  const failing = () => Promise.reject(notFound);
  await assert.rejects(
    suggesting('plyas', async () => ['plays'], failing),
    { code: 'E-BACKLOT-999', kind: 'notFound', mend: 'did you mean plays?' },
  );
  await assert.rejects(
    suggesting('other', async () => ['plays'], failing),
    (error) => error === notFound,
  );
});

test('other failures pass as they are, and no names are asked for', async () => {
  const refused = new BacklotError({ code: 'E-BACKLOT-999', kind: 'refused', reason: 'no' });
  const never = () => assert.fail('asked');
  await assert.rejects(
    suggesting('a', never, () => Promise.reject(refused)),
    refused,
  );
  assert.equal(await suggesting('a', never, async () => 1), 1);
});
