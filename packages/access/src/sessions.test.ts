import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type Clock, realIo } from '@backlot/core';
import { type Metadata, openSqliteMetadata } from '@backlot/store';
import { type Access, openAccess } from './access.ts';
import { accessSchema } from './access-schema.ts';
import { writeCredentialFile } from './credential-file.ts';
import type { Principal } from './principal.ts';

const minute = 60_000;
let folder: string;
let metadata: Metadata;
let now: number;
let access: Access;
let ada: Principal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backlot-sessions-'));
  now = 1_700_000_000_000;
  const clock: Clock = { ...realIo().clock, now: () => now };
  metadata = await openSqliteMetadata({
    path: join(folder, 'metadata.sqlite'),
    clock,
    schemas: [accessSchema],
  });
  access = openAccess(metadata, { ...realIo(), clock });
  ada = await access.principals.found({
    organisation: 'acme',
    workspace: 'store',
    project: 'main',
    admin: 'ada',
  });
});

afterEach(async () => {
  await metadata.close();
  await rm(folder, { recursive: true });
});

test('a bootstrap secret is swapped for a session once', async () => {
  const secret = await access.sessions.createBootstrapSecret(ada);
  assert.equal(secret.expiresAt - now, 15 * minute);
  const session = (await access.sessions.open(secret.text))!;
  assert.equal(session.principal.id, 'ada');
  assert.equal((await access.sessions.authenticate(session.text))?.principal.id, 'ada');
  assert.equal(await access.sessions.open(secret.text), undefined);
});

test('of two that swap the same secret at once, one gets a session', async () => {
  const { text } = await access.sessions.createBootstrapSecret(ada);
  const opened = await Promise.all([access.sessions.open(text), access.sessions.open(text)]);
  assert.equal(opened.filter((session) => session !== undefined).length, 1);
});

test('a late, garbled or unknown secret, or one of a suspended principal, opens nothing', async () => {
  const late = await access.sessions.createBootstrapSecret(ada);
  now = late.expiresAt;
  assert.equal(await access.sessions.open(late.text), undefined);
  const fresh = await access.sessions.createBootstrapSecret(ada);
  for (const given of [
    '',
    'blb_',
    fresh.text.slice(1),
    `blb_${'0'.repeat(20)}_${'A'.repeat(43)}`,
  ]) {
    assert.equal(await access.sessions.open(given), undefined);
  }
  await access.principals.setSuspended(ada, 'ada', true);
  assert.equal(await access.sessions.open(fresh.text), undefined);
  await access.principals.setSuspended(ada, 'ada', false);
  assert.ok(await access.sessions.open(fresh.text), 'the refusals did not spend it');
});

test('a session expires, and closing it ends it at once for its own principal alone', async () => {
  const open = async () =>
    (await access.sessions.open((await access.sessions.createBootstrapSecret(ada)).text))!;
  const first = await open();
  const second = await open();
  const bob = await access.principals.create(ada, { id: 'bob', kind: 'person', roles: ['viewer'] });
  await access.sessions.close(bob, first.id);
  assert.ok(await access.sessions.authenticate(first.text));
  await access.sessions.close(ada, first.id);
  assert.equal(await access.sessions.authenticate(first.text), undefined);
  now = second.expiresAt - 1;
  assert.ok(await access.sessions.authenticate(second.text));
  now = second.expiresAt;
  assert.equal(await access.sessions.authenticate(second.text), undefined);
});

test('no secret passes for one of another kind', async () => {
  const token = await access.tokens.issue(ada, { principal: 'ada', lifetimeMs: minute });
  const secret = await access.sessions.createBootstrapSecret(ada);
  assert.equal(await access.sessions.authenticate(token.text), undefined);
  assert.equal(await access.sessions.authenticate(secret.text), undefined);
  assert.equal(await access.sessions.open(token.text), undefined);
  const session = (await access.sessions.open(secret.text))!;
  assert.equal(await access.authenticate(session.text), undefined);
  assert.equal(await access.authenticate(secret.text), undefined);
});

test('a credential file is readable by its owner alone and is replaced whole', async () => {
  const path = join(folder, 'credentials');
  await writeCredentialFile(realIo(), path, 'first, and longer');
  await writeCredentialFile(realIo(), path, 'second');
  assert.equal(await readFile(path, 'utf8'), 'second\n');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});
