import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type Clock, realIo } from '@backlot/core';
import { type Metadata, openSqliteMetadata } from '@backlot/store';
import { type Access, openAccess } from './access.ts';
import { accessSchema } from './access-schema.ts';
import type { Principal } from './principal.ts';
import { NotInWorkspace, workerId } from './principals.ts';
import { TokenRefused } from './tokens.ts';

const hour = 3_600_000;
const attempt = { run: 'r1', task: 'fit', attempt: '1' };
let folder: string;
let metadata: Metadata;
let now: number;
let access: Access;
let ada: Principal;
let robot: Principal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backlot-tokens-'));
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
    roles: ['author', 'operator'],
  });
  robot = await access.principals.create(ada, { id: 'robot', kind: 'service', roles: ['viewer'] });
});

afterEach(async () => {
  await metadata.close();
  await rm(folder, { recursive: true });
});

test('a token speaks for its principal until it is late', async () => {
  const token = await access.tokens.issue(ada, { principal: 'ada', lifetimeMs: hour });
  assert.match(token.text, /^blt_[0-9a-z]{20}_[A-Za-z0-9_-]{43}$/);
  now = token.expiresAt - 1;
  const known = await access.authenticate(token.text);
  assert.equal(known?.principal.id, 'ada');
  assert.deepEqual(known?.scope, {
    credential: token.id,
    expiresAt: token.expiresAt,
    restricted: false,
  });
  assert.equal(known?.principal.scope, known?.scope);
  now = token.expiresAt;
  assert.equal(await access.authenticate(token.text), undefined);
});

test('unknown, garbled, cut, stretched and foreign texts all answer alike', async () => {
  const { text } = await access.tokens.issue(ada, { principal: 'ada', lifetimeMs: hour });
  const flipped = text.slice(0, -2) + (text.at(-2) === 'A' ? 'B' : 'A') + text.at(-1);
  const wrong = [
    '',
    'blt_',
    'Bearer x',
    text.slice(0, -1),
    `${text}A`,
    `${text}\n`,
    ` ${text}`,
    text.toUpperCase(),
    text.replace('blt_', 'bls_'),
    text.replace('blt_', 'blb_'),
    flipped,
    `blt_${'0'.repeat(20)}_${'A'.repeat(43)}`,
    "blt_' OR 1=1 --",
    'x'.repeat(1_000_000),
    '\u0000'.repeat(68),
  ];
  for (const given of wrong) assert.equal(await access.authenticate(given), undefined);
  assert.ok(await access.authenticate(text));
});

test('a revoked token is dead, and so are all tokens of a suspended principal', async () => {
  const first = await access.tokens.issue(ada, { principal: 'robot', lifetimeMs: hour });
  const second = await access.tokens.issue(ada, { principal: 'robot', lifetimeMs: hour });
  await access.tokens.revoke(ada, first.id);
  await access.tokens.revoke(ada, first.id);
  assert.equal(await access.authenticate(first.text), undefined);
  assert.ok(await access.authenticate(second.text));
  await access.principals.setSuspended(ada, 'robot', true);
  assert.equal(await access.authenticate(second.text), undefined);
  await assert.rejects(
    access.tokens.issue(ada, { principal: 'robot', lifetimeMs: hour }),
    TokenRefused,
  );
  await access.principals.setSuspended(ada, 'robot', false);
  assert.ok(await access.authenticate(second.text));
});

test('a workspace cannot see, issue or revoke the tokens of another', async () => {
  const eve = await access.principals.found({
    organisation: 'evil',
    workspace: 'lair',
    project: 'main',
    admin: 'eve',
  });
  const token = await access.tokens.issue(ada, { principal: 'robot', lifetimeMs: hour });
  await assert.rejects(access.tokens.revoke(eve, token.id), NotInWorkspace);
  await assert.rejects(
    access.tokens.issue(eve, { principal: 'robot', lifetimeMs: 1 }),
    NotInWorkspace,
  );
  assert.deepEqual(await access.tokens.list(eve), []);
  assert.equal(await access.tokens.find(eve, token.id), undefined);
  assert.equal((await access.authenticate(token.text))?.principal.workspace, 'store');
  const decision = access.authorize({
    principal: (await access.authenticate(token.text))!.principal,
    action: 'workspace.read',
    resource: { kind: 'workspace', id: 'lair', workspace: 'lair' },
  });
  assert.equal(decision.rule, 'other-workspace-is-unreachable');
});

test('a token narrows roles and actions and never widens them', async () => {
  const narrow = await access.tokens.issue(ada, {
    principal: 'ada',
    lifetimeMs: hour,
    roles: ['author'],
    actions: ['run.start', 'run.read'],
  });
  const { principal } = (await access.authenticate(narrow.text))!;
  assert.deepEqual(principal.roles, ['author']);
  const run = { kind: 'run', id: 'x', workspace: 'store' } as const;
  assert.equal(access.authorize({ principal, action: 'run.start', resource: run }).allowed, true);
  assert.equal(
    access.authorize({ principal, action: 'run.cancel', resource: run }).rule,
    'token-keeps-to-its-actions',
  );
  const refused = [
    { principal: 'ada', lifetimeMs: hour, roles: ['approver'] as const },
    { principal: 'ada', lifetimeMs: hour, actions: ['run.burn' as 'run.read'] },
    { principal: 'ada', lifetimeMs: 0 },
    { principal: 'ada', lifetimeMs: Number.NaN },
    { principal: 'ada', lifetimeMs: 367 * 24 * hour },
    { principal: 'ada', lifetimeMs: hour, attempt },
    { principal: workerId, lifetimeMs: hour },
  ];
  for (const request of refused)
    await assert.rejects(access.tokens.issue(ada, request), TokenRefused);
  const own = { principal: 'ada', lifetimeMs: hour };
  await assert.rejects(access.tokens.issue(principal, own), /E-ACCESS-007 a restricted token/);
  await assert.rejects(access.tokens.issue(robot, own), /E-ACCESS-007 a token of a person/);
});

test("a worker's token acts on its own attempt alone", async () => {
  const token = await access.tokens.issue(ada, { principal: workerId, lifetimeMs: hour, attempt });
  const { principal, scope } = (await access.authenticate(token.text))!;
  assert.deepEqual(scope.attempt, attempt);
  const may = (action: 'attempt.commit' | 'attempt.read', other: typeof attempt): boolean =>
    access.authorize({
      principal,
      action,
      resource: { kind: 'attempt', id: 'x', workspace: 'store', attempt: other },
    }).allowed;
  assert.equal(may('attempt.commit', attempt), true);
  assert.equal(may('attempt.commit', { ...attempt, attempt: '2' }), false);
  assert.equal(may('attempt.read', attempt), false);
});

test('the list tells whose, which and until when; neither it nor the file holds a secret', async () => {
  const token = await access.tokens.issue(ada, {
    principal: 'ada',
    lifetimeMs: hour,
    roles: ['author'],
  });
  await access.tokens.issue(ada, { principal: 'robot', lifetimeMs: hour });
  const listed = await access.tokens.list(ada, 'ada');
  assert.deepEqual(listed, [
    {
      id: token.id,
      principal: 'ada',
      roles: ['author'],
      createdAt: now,
      expiresAt: token.expiresAt,
    },
  ]);
  assert.equal((await access.tokens.list(ada)).length, 2);
  await access.tokens.revoke(ada, token.id);
  assert.equal((await access.tokens.find(ada, token.id))?.revokedAt, now);
  const secret = token.text.slice(-43);
  for (const name of ['metadata.sqlite', 'metadata.sqlite-wal']) {
    assert.equal((await readFile(join(folder, name))).includes(secret), false);
  }
});
