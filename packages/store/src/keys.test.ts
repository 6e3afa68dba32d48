import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { realIo } from '@backlot/core';
import { simulatedClock } from '@backlot/testing';
import { KeyDamaged, KeyMissing, openKeys } from './keys.ts';
import type { Metadata } from './metadata.ts';
import { openSqliteMetadata } from './sqlite-metadata.ts';
import { SealBroken, SubjectKeys } from './subject-keys.ts';
import {
  destroySubjectKey,
  ensureSubjects,
  subjectIdentity,
  subjectKey,
  subjectSchema,
} from './subjects.ts';

const io = realIo();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backlot-keys-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('keys are made once, for their owner alone, and are the same afterwards', async () => {
  const first = await openKeys(io, folder).pseudonymiser('film');
  const again = await openKeys(io, folder, { create: false }).pseudonymiser('film');
  assert.match(first('ann@example.org'), /^[0-9a-f]{64}$/);
  assert.equal(first('ann@example.org'), again('ann@example.org'));
  assert.notEqual(first('ann@example.org'), first('bob@example.org'));
  assert.deepEqual(readdirSync(folder), ['pseudonym-film.key']);
  assert.equal(statSync(join(folder, 'pseudonym-film.key')).mode & 0o777, 0o600);
});

test('a key that is asked for many times at once is made once', async () => {
  const keys = openKeys(io, folder);
  const all = await Promise.all(Array.from({ length: 8 }, () => keys.pseudonymiser('w')));
  assert.equal(new Set(all.map((pseudonym) => pseudonym('ann'))).size, 1);
});

test('workspaces have pseudonyms of their own', async () => {
  const keys = openKeys(io, folder);
  const [one, two] = [await keys.pseudonymiser('one'), await keys.pseudonymiser('two')];
  assert.notEqual(one('ann'), two('ann'));
});

test('a process that does not own the folder makes no key', async () => {
  await assert.rejects(openKeys(io, folder, { create: false }).signer('ann'), KeyMissing);
  assert.deepEqual(readdirSync(folder), []);
});

test('a key file of another length is refused', async () => {
  await openKeys(io, folder).signer('ann');
  writeFileSync(join(folder, 'signer-ann.key'), 'short');
  await assert.rejects(openKeys(io, folder).signer('ann'), KeyDamaged);
});

test('no name leads out of the folder', async () => {
  for (const name of ['../out', 'a/b', '..', 'A', 'x'.repeat(300), '\0']) {
    await openKeys(io, folder).signer(name);
  }
  for (const file of readdirSync(folder)) assert.match(file, /^signer-digest-[0-9a-f]{64}\.key$/);
});

test('signatures verify with the public key alone', async () => {
  const signer = await openKeys(io, folder).signer('ann');
  const message = Buffer.from('approve');
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: signer.publicKey },
    format: 'jwk',
  });
  const signature = signer.sign(message);
  assert.equal(signature.byteLength, 64);
  assert.ok(verify(null, message, key, signature));
  assert.ok(!verify(null, Buffer.from('approved'), key, signature));
  assert.equal((await openKeys(io, folder).signer('ann')).id, signer.id);
});

test('what is sealed opens only with its key, subject, label and workspace, and unchanged', async () => {
  const keys = await openKeys(io, folder).subjectKeys('w');
  const { key, wrapped } = keys.create('ann');
  const sealed = keys.seal('ann', key, Buffer.from('ann@example.org'), 'identity');
  assert.equal(
    Buffer.from(keys.open('ann', key, sealed, 'identity')).toString(),
    'ann@example.org',
  );
  assert.deepEqual(Buffer.from(keys.unwrap('ann', wrapped)), Buffer.from(key));
  assert.ok(!Buffer.from(sealed).includes('ann@'));
  const other = new SubjectKeys('w2', readFileSync(join(folder, 'subjects-w.key')), io.random);
  const attempts = [
    () => keys.open('bob', key, sealed, 'identity'),
    () => keys.open('ann', key, sealed, 'address'),
    () => keys.open('ann', keys.create('ann').key, sealed, 'identity'),
    () => keys.unwrap('bob', wrapped),
    () => keys.open('ann', key, wrapped, 'identity'),
    () => other.unwrap('ann', wrapped),
    () => keys.open('ann', key, sealed.subarray(0, 20), 'identity'),
  ];
  for (let at = 0; at < sealed.byteLength; at++) {
    const flipped = new Uint8Array(sealed);
    flipped[at]! ^= 1;
    attempts.push(() => keys.open('ann', key, flipped, 'identity'));
  }
  for (const attempt of attempts) assert.throws(attempt, SealBroken);
});

test('no two seals are alike', async () => {
  const keys = await openKeys(io, folder).subjectKeys('w');
  const { key } = keys.create('ann');
  const seals = Array.from({ length: 50 }, () =>
    Buffer.from(keys.seal('ann', key, Buffer.from('x'), 'l')).toString('hex'),
  );
  assert.equal(new Set(seals).size, 50);
});

test('subjects are added in bulk once; known ones keep their keys', async () => {
  await withSubjects(async (metadata, keys) => {
    const subjects = Array.from({ length: 450 }, (_, index) => ({
      subject: `s${index}`,
      identity: `person-${index}`,
    }));
    const twice = [...subjects.slice(0, 300), ...subjects.slice(0, 300)];
    assert.deepEqual(await ensure(metadata, keys, twice), {
      added: 300,
      known: 300,
      destroyed: [],
    });
    const before = await subjectKey(metadata, keys, 's7');
    assert.deepEqual(await ensure(metadata, keys, subjects), {
      added: 150,
      known: 300,
      destroyed: [],
    });
    assert.deepEqual(await subjectKey(metadata, keys, 's7'), before);
    assert.equal(await subjectIdentity(metadata, keys, 's449'), 'person-449');
    assert.equal(await subjectIdentity(metadata, keys, 'nobody'), undefined);
  });
});

test('a destroyed key is gone for good, and a new delivery does not bring it back', async () => {
  await withSubjects(async (metadata, keys) => {
    const ann = { subject: 'ann', identity: 'ann@example.org' };
    await ensure(metadata, keys, [ann]);
    assert.equal(await destroy(metadata, 'ann'), true);
    assert.equal(await destroy(metadata, 'ann'), false);
    assert.equal(await subjectIdentity(metadata, keys, 'ann'), undefined);
    assert.deepEqual(await ensure(metadata, keys, [ann]), {
      added: 0,
      known: 1,
      destroyed: ['ann'],
    });
    assert.equal(await subjectKey(metadata, keys, 'ann'), undefined);
  });
});

async function withSubjects(
  work: (metadata: Metadata, keys: SubjectKeys) => Promise<void>,
): Promise<void> {
  const path = join(folder, 'metadata.sqlite');
  const clock = simulatedClock();
  const metadata = await openSqliteMetadata({ path, clock, schemas: [subjectSchema] });
  try {
    await work(metadata, await openKeys(io, folder).subjectKeys('w'));
  } finally {
    await metadata.close();
  }
}

const record = { workspace: 'w', actor: 'a', action: 'subject.change', resource: 'subject' };

function ensure(
  metadata: Metadata,
  keys: SubjectKeys,
  subjects: readonly { subject: string; identity: string }[],
): ReturnType<typeof ensureSubjects> {
  return metadata.write(async (tx) => {
    await tx.record(record);
    return ensureSubjects(tx, { keys, subjects, at: 5 });
  });
}

function destroy(metadata: Metadata, subject: string): Promise<boolean> {
  return metadata.write(async (tx) => {
    await tx.record(record);
    return destroySubjectKey(tx, { workspace: 'w', subject, at: 6 });
  });
}
