import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { realIo } from '@backlot/core';
import { openKeys } from './keys.ts';
import { openSqliteMetadata } from './sqlite-metadata.ts';
import { SealBroken } from './subject-keys.ts';
import { sealSubject, storeSealedSubjects, subjectIdentity, subjectSchema } from './subjects.ts';

test('a subject sealed by a worker is stored by the owner once, and opens to the person', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-subjects-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const io = realIo();
  const owner = await openKeys(io, join(folder, 'keys')).subjectKeys('film');
  const worker = await openKeys(io, join(folder, 'keys'), { create: false }).subjectKeys('film');
  const metadata = await openSqliteMetadata({
    path: join(folder, 'm.sqlite'),
    clock: io.clock,
    schemas: [subjectSchema],
  });
  t.after(() => metadata.close());
  const store = (subject: string, sealed: Uint8Array): Promise<number> =>
    metadata.write(async (tx) => {
      await tx.record({
        workspace: 'film',
        actor: 'a',
        action: 'subject.add',
        resource: 'subject',
      });
      return storeSealedSubjects(tx, { keys: owner, subjects: [{ subject, sealed }], at: 1 });
    });
  const first = sealSubject(worker, { subject: 'p1', identity: 'ann' });
  assert.equal(await store('p1', first), 1);
  assert.equal(await store('p1', sealSubject(worker, { subject: 'p1', identity: 'ann' })), 0);
  assert.equal(await subjectIdentity(metadata, owner, 'p1'), 'ann');
  await assert.rejects(store('p2', first), SealBroken);
  assert.equal(await subjectIdentity(metadata, owner, 'p2'), undefined);
});
