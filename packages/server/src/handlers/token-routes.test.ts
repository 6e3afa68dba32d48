import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tenantsWorld } from './handlers.fixture.ts';

test('a code opens one session, whose cookie works until it is closed', async (t) => {
  const { tenants, services, listener } = await tenantsWorld(t);
  const { owner } = tenants.store.people;
  const { text: code } = await services.access.sessions.createBootstrapSecret(owner);
  const send = (method: string, path: string, headers: Record<string, string>, body?: object) =>
    listener.fetch(`${listener.address}/api/v1${path}`, {
      ...{ method, headers: { 'x-backlot': '1', ...headers } },
      ...(body && { body: JSON.stringify(body) }),
    });
  const json = { 'content-type': 'application/json' };
  const opened = await send('POST', '/session', json, { code });
  assert.equal(opened.status, 200);
  assert.equal((await send('POST', '/session', json, { code })).status, 401);
  const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0]!;
  const me = await send('GET', '/me', { cookie });
  assert.equal(((await me.json()) as { principal: { id: string } }).principal.id, 'owner');
  assert.equal((await send('DELETE', '/session', { cookie })).status, 200);
  assert.equal((await send('GET', '/me', { cookie })).status, 401);
});

test('a narrowed token does its one action and no other, until it is revoked', async (t) => {
  const { tenants, as, listener } = await tenantsWorld(t);
  const { api, ids } = tenants.store;
  const body = { title: 'reads runs', actions: ['run.read'], days: 1 };
  const { token, view } = await api.author.issueToken({ body });
  const narrow = as(token);
  assert.equal((await narrow.readRun({ params: { run: ids.run } })).id, ids.run);
  const allowed = new Set(['run.read']);
  let refused = 0;
  for (const { contract, method, path } of listener.registered) {
    const permission = contract?.permission;
    if (permission === undefined || permission === 'open' || allowed.has(permission.action))
      continue;
    const response = await listener.fetch(`${listener.address}${addressed(path, ids)}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'x-backlot': '1', ...mediaOf(contract!.body) },
      ...(method === 'POST' && { body: '{}' }),
    });
    assert.equal(response.ok, false, `${method} ${path}`);
    if (response.status === 403) refused++;
  }
  assert.ok(refused >= 25, `${refused} refused by the policies`);
  await assert.rejects(narrow.issueToken({ body }), { status: 403 });
  await api.author.revokeToken({ params: { token: view.id } });
  await assert.rejects(narrow.readRun({ params: { run: ids.run } }), { status: 401 });
  t.diagnostic(`refused by the policies: ${refused}`);
});

function addressed(path: string, ids: Readonly<Record<string, string>>): string {
  return path.replace(/:([a-z]+)/gi, (_, name: string) => ids[name] ?? 'pair');
}

function mediaOf(body: unknown): Record<string, string> {
  if (body === undefined) return {};
  return { 'content-type': body === 'bytes' ? 'application/octet-stream' : 'application/json' };
}
