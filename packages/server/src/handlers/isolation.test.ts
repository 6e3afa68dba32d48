import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createId, type Randomness } from '@backlot/core';
import { openRoutes } from '../contract.ts';
import type { RegisteredRoute } from '../listener.ts';
import { assertSwept, sweep } from '../sweep.ts';
import { type NamedId, type TenantsWorld, tenantsWorld } from './handlers.fixture.ts';

const minuteMs = 60_000;

test('no route is opened by an expired, revoked or foreign token, by garbage or by nothing', async (t) => {
  const { tenants, services, narrow } = await tenantsWorld(t);
  const { tokens } = services.access;
  const { owner } = tenants.store.people;
  const expired = await tokens.issue(owner, { principal: owner.id, lifetimeMs: 1 });
  const revoked = await tokens.issue(owner, { principal: owner.id, lifetimeMs: minuteMs });
  await tokens.revoke(owner, revoked.id);
  await services.io.clock.sleep(5);
  const report = await sweep(narrow, [
    { name: 'expired', secret: expired.text },
    { name: 'revoked', secret: revoked.text },
    { name: 'foreign', secret: tenants.archive.tokens.owner },
  ]);
  assert.deepEqual(report.breaches, []);
  assertSwept(report);
  const open = narrow.registered.filter(({ method, path }) =>
    (openRoutes as readonly string[]).includes(`${method} ${path}`),
  );
  assert.equal(report.open, open.length * 8);
  assert.equal(report.refused + report.open, report.calls);
  t.diagnostic(`routes ${report.routes}, calls ${report.calls}, refused ${report.refused}`);

  const good = await sweep(narrow, [{ name: 'good', secret: tenants.store.tokens.owner }]);
  assert.ok(good.breaches.length > 20, 'a token that is good is told from those that are not');
});

type Ids = Readonly<Record<NamedId, string>>;

/** Ids of the same shape as those given, which name nothing. */
function absentLike(ids: Ids, random: Randomness): Ids {
  return {
    ...{ run: createId(random), delivery: createId(random), prediction: createId(random) },
    ...{ attempt: createId(random), token: ids.token.replace(/[0-9a-z]{6}$/, 'zzzzzz') },
    ...{ task: 'third', model: 'absent-als', version: '99', endpoint: 'absent-films' },
    ...{ table: 'absent-plays', position: '999999', view: 'absent-listening' },
  };
}

/** Which id a parameter of a path takes; the Open Inference protocol calls endpoints models. */
function idOf(path: string, param: string): NamedId {
  return path.startsWith('/v2/') && param === 'model' ? 'endpoint' : (param as NamedId);
}

function paramsOf({ path }: RegisteredRoute): string[] {
  return [...path.matchAll(/:([a-zA-Z]+)/g)].map(([, name]) => name!);
}

const error = { code: 'E-TEST-001', kind: 'failed', reason: 'given up' };
const inputs = [{ name: 'account', shape: [1], datatype: 'BYTES', data: ['ana'] }];

/** A body that each route takes, so that an answer is about the id alone. */
function bodyOf(id: string, own: Ids): object {
  const bodies: Readonly<Record<string, object>> = {
    'models.decide': { decision: 'refuse', reason: 'not ours' },
    'endpoints.deploy': { model: own.model, version: Number(own.version) },
    'endpoints.recommend': { history: [] },
    'attempts.progress': { done: 1, unit: 'rows' },
    'attempts.log': { text: 'hello' },
    'attempts.commit': {
      outputs: {},
      effects: [],
      metrics: {},
      version: `sha256:${'0'.repeat(64)}`,
    },
    'features.push': { rows: [{ account: 'ana', play: 'p', playedAt: 1, ms: 1 }] },
    'attempts.fail': { class: 'final', error },
  };
  return bodies[id] ?? (id.includes('infer') ? { inputs } : {});
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type: string;
}

/** The queries that routes ask for, for the same reason. */
const queries: Readonly<Record<string, string>> = {
  'tables.croissant': '?url=u&license=l&creator=c',
};

/** Calls a route with its path's parameters as given, already encoded. */
async function call(
  { listener, tenants }: TenantsWorld,
  { method, path, contract }: RegisteredRoute,
  token: string,
  params: Readonly<Record<string, string>>,
): Promise<Answer> {
  const { id, body } = contract!;
  const url = path.replace(/:([a-zA-Z]+)/g, (_, name: string) => params[name]!);
  const bytes = body === 'bytes';
  const response = await listener.inner.inject({
    method: method as 'GET',
    url: `${url}${queries[id] ?? (bytes ? '?format=csv' : '')}`,
    headers: {
      ...{ host: new URL(listener.address).host, authorization: `Bearer ${token}` },
      'x-backlot': '1',
      ...(body && { 'content-type': bytes ? 'application/octet-stream' : 'application/json' }),
    },
    ...(body && { payload: bytes ? 'account\n' : JSON.stringify(bodyOf(id, tenants.store.ids)) }),
  });
  const type = String(response.headers['content-type']);
  return { status: response.statusCode, text: response.body, type };
}

/** An error as two askers could compare it: without its request id, and with the asked id left out. */
function compared({ status, text }: Answer, asked: readonly string[]) {
  const { error: told } = JSON.parse(text) as { error: Record<string, unknown> | string };
  // The Open Inference protocol knows errors as texts only.
  if (typeof told === 'string') return { status, body: withoutIds(told, asked) };
  const { requestId, ...rest } = told;
  assert.equal(typeof requestId, 'string');
  const plain = Object.entries(rest).map(([field, text]) =>
    field === 'code' ? [field, text] : [field, withoutIds(String(text), asked)],
  );
  return { status, body: plain };
}

function withoutIds(text: string, ids: readonly string[]): string {
  return ids.reduce((all, id) => all.replaceAll(new RegExp(`\\b${id}\\b`, 'g'), '…'), text);
}

test("another workspace's id is answered as one that does not exist, on every route", async (t) => {
  const world = await tenantsWorld(t);
  const { listener, tenants, services } = world;
  await world.propose('archive');
  const own = tenants.store.ids;
  // Its second version: the first would be an id that the store has as well.
  const foreign: Ids = { ...tenants.archive.ids, version: '2' };
  const absent = absentLike(foreign, services.io.random);
  const namesOfIds = new Set(Object.keys(absent));
  const { attempt, run } = own;
  const worker = await services.access.tokens.issue(tenants.store.people.owner, {
    ...{ principal: 'worker', lifetimeMs: minuteMs, attempt: { run, task: 'first', attempt } },
  });
  const tokens = { ...tenants.store.tokens, worker: worker.text };
  const before = await ledgerSize(world, 'archive');
  const counts = { comparisons: 0, absent: 0 };
  const reached = new Set<string>();
  const routes = listener.registered.filter((route) =>
    paramsOf(route).some((param) => namesOfIds.has(param)),
  );
  for (const route of routes) {
    const params = paramsOf(route).filter((param) => namesOfIds.has(param));
    const at = (ids: Ids, changed: readonly string[]) =>
      Object.fromEntries(
        params.map((param) => {
          const id = idOf(route.path, param);
          return [param, (changed.includes(param) ? ids : own)[id]];
        }),
      );
    // A task has the same name in every run, so it is foreign only together with its run.
    const single = params.filter((param) => param !== 'task').map((param) => [param]);
    const changes = params.length === 1 ? single : [...single, params];
    for (const changed of changes) {
      for (const [who, token] of Object.entries(tokens)) {
        const there = await call(world, route, token, at(foreign, changed));
        const nowhere = await call(world, route, token, at(absent, changed));
        const where = `${route.method} ${route.path} (${changed}) as ${who}`;
        // Of an endpoint that does not serve a version, readiness says 503.
        const below = route.path.endsWith('/ready') ? 504 : 500;
        assert.ok(there.status >= 400 && there.status < below, `${where}: ${there.status}`);
        assert.deepEqual(
          compared(
            there,
            changed.map((param) => foreign[idOf(route.path, param)]),
          ),
          compared(
            nowhere,
            changed.map((param) => absent[idOf(route.path, param)]),
          ),
          where,
        );
        counts.comparisons++;
        if (there.status === 404) {
          counts.absent++;
          reached.add(route.contract!.id);
        }
      }
    }
  }
  assert.deepEqual(
    routes.map(({ contract }) => contract!.id).filter((id) => !reached.has(id)),
    [],
    'each route was asked by someone whom its permission lets through',
  );
  assert.equal(await ledgerSize(world, 'archive'), before, 'nothing was done over there');
  t.diagnostic(`routes ${routes.length}, comparisons ${counts.comparisons}, 404 ${counts.absent}`);

  // The same calls with the workspace's own ids find something: it was the id that made the answer.
  for (const route of routes) {
    const params = Object.fromEntries(
      paramsOf(route).map((param) => [param, own[idOf(route.path, param)]]),
    );
    const token = route.path.includes(':attempt') ? tokens.worker : tokens.owner;
    const { status } = await call(world, route, token, params);
    assert.ok(status !== 404 && status !== 400, `${route.method} ${route.path}: ${status}`);
  }
});

async function ledgerSize({ services }: TenantsWorld, workspace: string): Promise<number> {
  const sql = 'SELECT COUNT(*) AS entries FROM ledger_entries WHERE workspace = ?';
  return (await services.metadata.get<{ entries: number }>(sql, workspace))!.entries;
}

test("another workspace's id in a query or a body finds nothing either", async (t) => {
  const { tenants } = await tenantsWorld(t);
  const { api, ids } = tenants.store;
  const { ids: foreign } = tenants.archive;
  const deliveries = await api.owner.listDeliveries({ query: { table: foreign.table } });
  assert.deepEqual(deliveries, { deliveries: [] });
  const params = { table: ids.table };
  const quarantine = { params, query: { delivery: foreign.delivery } };
  assert.deepEqual((await api.owner.listQuarantine(quarantine)).rows, []);
  const resource = `token/${foreign.token}`;
  assert.deepEqual((await api.owner.listAudit({ query: { resource } })).entries, []);
  const deploy = (model: string) =>
    api.owner
      .deployVersion({ params: { endpoint: ids.endpoint }, body: { model, version: 1 } })
      .then(() => undefined)
      .catch(({ status, code, reason }) => ({ status, code, reason }));
  const refused = await deploy(foreign.model);
  assert.ok(refused !== undefined && refused.status >= 400 && refused.status < 500);
  assert.deepEqual(refused, await deploy('absent-als'));
  const after = { query: { after: foreign.run } };
  const page = await api.owner.listRuns(after).catch(({ status }) => ({ status }));
  assert.ok(!JSON.stringify(page).includes(foreign.run));
});
