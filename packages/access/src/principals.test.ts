import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { BadName, realIo } from '@backlot/core';
import { type Metadata, openSqliteMetadata } from '@backlot/store';
import { accessSchema } from './access-schema.ts';
import type { Principal } from './principal.ts';
import { NameTaken, NotInWorkspace, Principals, RolesRefused, workerId } from './principals.ts';

const founding = { organisation: 'acme', workspace: 'store', project: 'main', admin: 'ada' };
let folder: string;
let metadata: Metadata;
let principals: Principals;
let ada: Principal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backlot-principals-'));
  metadata = await openSqliteMetadata({
    path: join(folder, 'metadata.sqlite'),
    clock: realIo().clock,
    schemas: [accessSchema],
  });
  principals = new Principals(metadata, realIo().clock);
  ada = await principals.found(founding);
});

afterEach(async () => {
  await metadata.close();
  await rm(folder, { recursive: true });
});

test('founding makes the tree, its worker and its admin, once', async () => {
  assert.deepEqual(ada, {
    organisation: 'acme',
    workspace: 'store',
    project: 'main',
    id: 'ada',
    kind: 'person',
    roles: ['admin'],
  });
  const entries = await metadata.all('SELECT action FROM ledger_entries');
  assert.deepEqual(await principals.found(founding), ada);
  assert.deepEqual(await metadata.all('SELECT action FROM ledger_entries'), entries);
  assert.deepEqual(
    (await principals.list(ada)).map(({ id }) => id),
    ['ada', workerId],
  );
});

test('a workspace stays with the organisation that founded it', async () => {
  await assert.rejects(principals.found({ ...founding, organisation: 'evil' }), NameTaken);
  await assert.rejects(
    principals.found({ ...founding, organisation: 'evil', admin: 'eve' }),
    NameTaken,
  );
  assert.equal(await principals.find('store', 'eve'), undefined);
});

test('a principal is made in the workspace of its maker, with known roles and a free name', async () => {
  const bob = await principals.create(ada, { id: 'bob', kind: 'person', roles: ['approver'] });
  assert.equal(bob.workspace, 'store');
  assert.deepEqual(await principals.find('store', 'bob'), bob);
  assert.equal(await principals.find('other', 'bob'), undefined);
  const refusals = [
    [{ ...bob, kind: 'person', roles: ['viewer'] }, NameTaken],
    [{ id: 'Bob!', kind: 'person', roles: ['viewer'] }, BadName],
    [{ id: 'carl', kind: 'person', roles: ['viewer'], project: 'none' }, NotInWorkspace],
    [{ id: 'carl', kind: 'person', roles: [] }, RolesRefused],
    [{ id: 'carl', kind: 'person', roles: ['worker'] }, RolesRefused],
    [{ id: 'carl', kind: 'person', roles: ['root' as 'admin'] }, RolesRefused],
  ] as const;
  for (const [request, error] of refusals) {
    await assert.rejects(principals.create(ada, request), error);
  }
});

test('a project is added once, and principals can work in it', async () => {
  await principals.createProject(ada, 'side');
  await assert.rejects(principals.createProject(ada, 'side'), NameTaken);
  const carl = await principals.create(ada, {
    id: 'carl',
    kind: 'service',
    roles: ['viewer'],
    project: 'side',
  });
  assert.equal(carl.project, 'side');
});

test('suspension shows on the principal and is recorded', async () => {
  await principals.setSuspended(ada, 'ada', true);
  assert.equal((await principals.find('store', 'ada'))?.suspended, true);
  await assert.rejects(principals.setSuspended(ada, 'nobody', true), NotInWorkspace);
  const entry = await metadata.get(
    'SELECT action, resource, facts FROM ledger_entries ORDER BY position DESC LIMIT 1',
  );
  assert.deepEqual(
    { ...entry },
    { action: 'principal.suspend', resource: 'principal/ada', facts: '{"suspended":true}' },
  );
});
