import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOfBytes, present } from '@backlot/core';
import { metricsContract } from '../metrics-route.ts';
import { openApiContract } from '../openapi.ts';
import { feast } from '../protocols/feast.ts';
import { openInference } from '../protocols/open-inference.ts';
import { client } from '../typed-client.ts';
import { lastOf, type TenantsWorld, tenantsWorld } from './handlers.fixture.ts';

const hostile = '</script><img src=x onerror=alert(1)>\u2028\u0001\u202e';

test('every route gives the answer that its contract describes', async (t) => {
  const world = await tenantsWorld(t);
  await sessions(world);
  await runs(world);
  await backfills(world);
  await tables(world);
  await lineage(world);
  await models(world);
  await endpoints(world);
  await inference(world);
  await features(world);
  await tokensAndLedger(world);
  await stateAndDocuments(world);
  await home(world);
  await attempts(world);

  const answered = new Set(
    world.events.flatMap((one) =>
      one.event === 'answered' && one.status === 200 ? [one.route] : [],
    ),
  );
  const registered = world.listener.registered.map(({ contract }) => contract!.id);
  assert.deepEqual(
    registered.filter((id) => !answered.has(id)),
    [],
  );
  assert.deepEqual(
    world.events.filter(({ event }) => event === 'failed'),
    [],
  );
  t.diagnostic(`routes answered ${registered.length}`);
});

async function sessions({ services, listener, tenants }: TenantsWorld): Promise<void> {
  const { text } = await services.access.sessions.createBootstrapSecret(tenants.store.people.owner);
  const ask = (method: string, path: string, headers: object, body?: string) =>
    listener.inner.inject({
      ...{ method: method as 'GET', url: `/api/v1${path}`, ...(body && { payload: body }) },
      headers: { host: new URL(listener.address).host, 'x-backlot': '1', ...headers },
    });
  const code = JSON.stringify({ code: text });
  const opened = await ask('POST', '/session', { 'content-type': 'application/json' }, code);
  const cookie = String(opened.headers['set-cookie']).split(';')[0];
  assert.equal((await ask('GET', '/me', { cookie })).json().principal.id, 'owner');
  assert.deepEqual((await ask('DELETE', '/session', { cookie })).json(), { closed: true });
  assert.equal((await ask('GET', '/me', { cookie })).statusCode, 401);
}

async function runs({ tenants, switches }: TenantsWorld): Promise<void> {
  const api = tenants.store.api.author;
  const { pipelines } = await api.listPipelines();
  assert.equal(pipelines[0]?.lastRun?.id, tenants.store.ids.run);
  const start = async () => (await api.startRun({ params: { pipeline: 'pair' }, body: {} })).run;
  switches.second = 'waits';
  const cancelled = await start();
  assert.equal((await api.cancelRun({ params: { run: cancelled }, body: {} })).id, cancelled);
  assert.equal((await lastOf(api, cancelled)).state, 'cancelled');
  switches.second = 'fails';
  const run = await start();
  assert.equal((await lastOf(api, run)).state, 'failed');
  const resumed = await api.resumeRun({ params: { run }, body: {} });
  assert.equal(resumed.id, run);
  const failed = await lastOf(api, run);
  assert.deepEqual([failed.state, failed.taskViews[1]?.attempts.length], ['failed', 2]);
  const task = await api.readTaskLog({ params: { run, task: 'first' } });
  assert.match(task.text, /counting/);
  assert.equal((await api.readRun({ params: { run } })).state, 'failed');
  assert.equal((await api.listRuns({ query: { state: 'failed' } })).runs[0]?.id, run);
}

async function backfills({ tenants, switches }: TenantsWorld): Promise<void> {
  const api = tenants.store.api.author;
  const { pipelines } = await api.listPipelines();
  assert.equal(new Date(pipelines[0]?.schedule?.next ?? 0).getUTCMonth(), 0);
  const params = { pipeline: 'pair' };
  const span = { from: Date.parse('2020-01-01'), until: Date.parse('2022-01-01') };
  const dry = await api.startBackfill({ params, body: { ...span, dryRun: true } });
  assert.deepEqual([dry.times.length, dry.done.length, dry.backfill], [2, 0, undefined]);
  switches.second = 'waits';
  const { backfill = '' } = await api.startBackfill({ params, body: span });
  const found = await api.readBackfill({ params: { backfill } });
  assert.deepEqual(
    found.runs.map(({ time }) => time),
    dry.times,
  );
  const { cancelled } = await api.cancelBackfill({ params: { backfill }, body: {} });
  assert.equal(cancelled, 2);
  for (const { run } of found.runs) assert.equal((await lastOf(api, run)).state, 'cancelled');
}

async function tables({ tenants, switches }: TenantsWorld): Promise<void> {
  const { api, ids } = tenants.store;
  const params = { table: ids.table };
  assert.equal((await api.author.listTables()).tables[0]?.name, ids.table);
  assert.equal((await api.author.readTable({ params })).snapshots.length, 1);
  assert.equal((await api.author.listQuarantine({ params })).rows.length, 1);
  const { deliveries } = await api.author.listDeliveries();
  const delivery = await api.author.readDelivery({ params: { delivery: ids.delivery } });
  assert.deepEqual(deliveries, [delivery]);
  const checked = await api.owner.checkTable({ params, body: {} });
  assert.deepEqual([checked.passed, checked.results], [true, []]);
  const of = { url: 'https://files.example', license: 'CC0-1.0', creator: 'Store' };
  const described = await api.author.readCroissant({ params, query: of });
  assert.equal(described.name, ids.table);
  assert.ok(!JSON.stringify(described).includes('/account'), 'no personal column is described');
  const sql = { sql: `SELECT count(*) AS n FROM "${ids.table}"`, purpose: 'measure' };
  assert.deepEqual((await api.author.queryTables({ body: sql })).columns, ['n']);
  switches.second = 'works';
  const body = Buffer.from('account,item,ms\n');
  const given = await api.author.deliver({ params, query: { format: 'csv' }, body });
  assert.equal((await lastOf(api.author, given.run)).state, 'succeeded');
}

async function lineage({ tenants }: TenantsWorld): Promise<void> {
  const { api, ids } = tenants.store;
  const { tables } = await api.author.listTables();
  const snapshot = present(tables[0]?.snapshot, 'the table has a snapshot');
  const made = await api.approver.readMaking({ params: { snapshot } });
  assert.deepEqual([made.table, made.kind, made.delivery], [ids.table, 'delivery', ids.delivery]);
  const namespace = 'hive://other';
  const event = {
    ...{ eventTime: '2026-03-01T10:00:00Z', producer: 'urn:other', eventType: 'COMPLETE' },
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
    run: { runId: '3b452093-782c-4ef2-9c0c-aafe2aa6f34d' },
    ...{ job: { namespace, name: 'report' }, outputs: [{ namespace, name: hostile }] },
    inputs: [{ namespace: 'backlot://store', name: ids.table }],
  };
  assert.equal((await api.author.sendLineage({ body: event })).status, 'success');
  const { summary } = await api.author.sendLineageBatch({ body: [event, { eventTime: 'now' }] });
  assert.deepEqual(summary, { received: 2, successful: 1, failed: 1 });
  await assert.rejects(api.author.sendLineage({ body: {} }), { status: 400 });
  const graph = await api.approver.readLineage({ query: { columns: 'yes' } });
  assert.deepEqual(
    graph.nodes.map(({ kind, name, external }) => [kind, name, external]).toSorted(),
    [
      ['dataset', hostile, true],
      ['dataset', ids.table, false],
      ['dataset', ids.table, false],
      ['job', 'deliver.file', false],
      ['job', 'report', true],
    ].toSorted(),
  );
  assert.equal(graph.edges.length, 4);
}

async function models({ tenants, propose }: TenantsWorld): Promise<void> {
  const { api, ids } = tenants.store;
  const { model } = ids;
  const { version } = await propose('store');
  const reference = await api.author.listEstimators({ query: { rows: 1000, columns: 10 } });
  const ridge = reference.estimators.find(({ kind }) => kind === 'ridge');
  assert.deepEqual(ridge?.parameters.map((one) => one.name)[0], 'penalty');
  assert.ok(ridge!.memory! > 1000 * 10);
  const [found] = (await api.author.listModels()).models;
  assert.deepEqual([found?.latest.version, found?.production?.version], [2, 1]);
  const { versions } = await api.author.listVersions({ params: { model } });
  assert.deepEqual(
    versions.map(({ approval }) => approval),
    ['proposed', 'consumed'],
  );
  const { needs } = await api.author.readHome();
  const review = needs.find(({ kind }) => kind === 'review');
  assert.deepEqual([review?.subject, review?.facts.version], [model, 2]);
  const params = { model, version: version.version };
  assert.equal((await api.author.readVersion({ params })).diff?.against, 1);
  const body = { decision: 'approve' as const, reason: hostile };
  assert.equal((await api.approver.decideVersion({ params, body })).approval, 'approved');
  const { decisions } = await api.author.readVersion({ params });
  assert.equal(decisions[0]?.reason, hostile, 'it comes back as it was given');
}

async function endpoints({ tenants, services, events }: TenantsWorld): Promise<void> {
  const { api, ids } = tenants.store;
  const params = { endpoint: ids.endpoint };
  const before = await api.author.readEndpoint({ params });
  assert.deepEqual([before.state, before.deployment?.version], ['serving', 1]);
  const wish = { params, body: { model: ids.model, version: 2 } };
  const deployed = await api.author.deployVersion(wish);
  assert.deepEqual([deployed.version, deployed.state], [2, 'serving']);
  const back = { params, body: { model: ids.model, version: 1 } };
  await assert.rejects(api.author.deployVersion(back), { status: 422 }, 'an approval is used once');

  const account = 'ana@example.test';
  const answer = await api.author.recommend({ params, body: { account, k: 2 } });
  assert.deepEqual([answer.version, answer.items[0]?.title], [2, 'Amber']);
  assert.ok(answer.ms! >= 0);
  // What is kept of the question is the pseudonym, which the workspace's key makes.
  const held = services.endpoints.get('store', ids.endpoint);
  const { record } = await held.replay(answer.prediction);
  const pseudonym = (await services.pseudonymiser('store'))(account);
  assert.equal(record.request.account, pseudonym);
  const same = await api.author.recommend({ params, body: { pseudonym, k: 2 } });
  assert.deepEqual(same.items, answer.items);
  const both = { params, body: { account, pseudonym } };
  await assert.rejects(api.author.recommend(both), { status: 400 });
  assert.ok(!JSON.stringify(events).includes('ana@'), 'no event names an account');

  const replay = { params: { prediction: ids.prediction }, body: {} };
  assert.equal((await api.author.replayPrediction(replay)).same, true, 'by the model of then');
  const [one] = (await api.author.listEndpoints()).endpoints;
  assert.deepEqual([one?.latency.requests, one?.latency.errors], [3, 0]);
  const { changes } = await api.author.readEndpoint({ params });
  assert.deepEqual(
    changes.map(({ version, state }) => [version, state]),
    [
      [2, 'serving'],
      [1, 'replaced'],
    ],
  );
}

async function features({ tenants, services, listener }: TenantsWorld): Promise<void> {
  const { api, ids, tokens } = tenants.store;
  const params = { view: ids.view };
  const at = services.io.clock.now() * 1_000;
  const row = { account: 'ana', play: 'p1', playedAt: at - 10, ms: 7 };
  const pushed = await api.owner.pushFeatures({ params, body: { rows: [row, row] } });
  assert.deepEqual(pushed, { accepted: 1, repeated: 1, late: 0 });
  const bad = { params, body: { rows: [{ ...row, ms: 'many' }] } };
  await assert.rejects(api.owner.pushFeatures(bad), { status: 400, code: 'E-FEATURES-004' });
  const built = await api.author.buildFeatures({ params, body: {} });
  assert.deepEqual([built.keys, built.events, built.resumed], [1, 0, false]);
  const other = { ...row, play: 'p2', playedAt: services.io.clock.now() * 1_000, ms: 8 };
  await api.owner.pushFeatures({ params, body: { rows: [other], named: 'accounts' } });
  const [view] = (await api.author.listFeatures()).views;
  assert.deepEqual([view?.name, view?.freshness.state], [ids.view, 'fresh']);
  const shown = await api.author.readFeatures({ params });
  assert.deepEqual(
    shown.features.map(({ name, aggregate, windowMs }) => [name, aggregate, windowMs]),
    [
      ['lastMs', 'latest', undefined],
      ['plays7d', 'count', 604_800_000],
    ],
  );
  assert.equal((await api.author.readFeatureFreshness({ params })).pushed, 2);
  const views = [{ name: ids.view, digest: shown.digest }];
  const body = { views, keys: ['ana', 'nobody'], named: 'accounts' as const };
  const answer = JSON.parse(await api.author.readFeatureVectors({ body }));
  assert.deepEqual(answer.features, ['lastMs', 'plays7d']);
  assert.deepEqual(answer.rows, [
    { key: 'ana', values: [8, 1] },
    { key: 'nobody', values: [null, 0] },
  ]);
  const stale = { views: [{ name: ids.view, digest: digestOfBytes('another') }], keys: ['ana'] };
  await assert.rejects(api.author.readFeatureVectors({ body: stale }), { status: 409 });

  const { address: baseUrl, fetch } = listener;
  const remote = client(feast, { baseUrl, fetch, token: tokens.owner });
  const df = { account: ['bo'], event_timestamp: [new Date().toISOString().slice(0, -1)] };
  const counted = { push_source_name: ids.view, df: { ...df, play: ['p3'], lastMs: [9] } };
  assert.deepEqual(await remote.push({ body: counted }), { accepted: 1, repeated: 0, late: 0 });
  const write = { feature_view_name: ids.view, df: counted.df };
  assert.deepEqual(await remote.write({ body: write }), { accepted: 0, repeated: 1, late: 0 });
  const unnamed = { feature_view_name: ids.view, df };
  await assert.rejects(
    remote.write({ body: unnamed }),
    { status: 400 },
    'counted events have names',
  );
  const reader = client(feast, { baseUrl, fetch, token: tokens.author });
  const question = { features: [`${ids.view}:lastMs`], entities: { account: ['bo', 'nobody'] } };
  const columns = JSON.parse(await reader.getOnlineFeatures({ body: question }));
  assert.deepEqual(columns.metadata.feature_names, ['account', 'lastMs']);
  assert.deepEqual(columns.results[1].values, [9, null]);
  assert.deepEqual(columns.results[1].statuses, ['PRESENT', 'NULL_VALUE']);
}

async function inference({ tenants, listener }: TenantsWorld): Promise<void> {
  const { address: baseUrl, fetch } = listener;
  const { tokens, ids } = tenants.store;
  const api = client(openInference, { baseUrl, fetch, token: tokens.author });
  const inputs = [{ name: 'account', shape: [1], datatype: 'BYTES' as const, data: ['ana'] }];
  const [plain, versioned] = [{ model: ids.endpoint }, { model: ids.endpoint, version: '2' }];
  assert.equal((await api.server()).name, 'backlot');
  assert.deepEqual([await api.live(), await api.ready()], [{ live: true }, { ready: true }]);
  const described = await api.model({ params: plain });
  assert.deepEqual(described.versions, ['2']);
  assert.deepEqual(await api.modelVersion({ params: versioned }), described);
  assert.equal((await api.modelReady({ params: plain })).ready, true);
  assert.equal((await api.modelVersionReady({ params: versioned })).ready, true);
  const first = await api.infer({ params: plain, body: { id: 'q', inputs } });
  assert.equal(first.id, 'q');
  const second = await api.inferVersion({ params: versioned, body: { inputs } });
  assert.deepEqual(second.outputs, first.outputs);
}

async function tokensAndLedger({ tenants, as }: TenantsWorld): Promise<void> {
  const { owner } = tenants.store.api;
  const wish = { title: hostile, actions: ['run.read'], days: 1 };
  const { token, view } = await owner.issueToken({ body: wish });
  assert.equal(view.title, hostile);
  await as(token).listRuns();
  await assert.rejects(as(token).listModels(), { status: 403 });
  assert.ok((await owner.listTokens()).tokens.some(({ id }) => id === view.id));
  await owner.revokeToken({ params: { token: view.id } });
  await assert.rejects(as(token).listRuns(), { status: 401 });
  assert.equal((await owner.whoAmI()).principal.workspace, 'store');

  assert.equal((await owner.verifyAudit()).ok, true);
  const { entries } = await owner.listAudit({ query: { action: 'token.revoke' } });
  const newest = present(entries[0], 'an entry');
  assert.equal(newest.resource, `token/${view.id}`);
  const proven = await owner.readAuditEntry({ params: { position: newest.position } });
  assert.deepEqual(JSON.parse(proven.bytes), newest);
}

async function stateAndDocuments({ tenants, listener }: TenantsWorld): Promise<void> {
  const { owner } = tenants.store.api;
  const backup = await owner.backUp();
  assert.ok(backup.objects > 5 && backup.entries > 20 && backup.bytes > 1_000);
  const { kept } = await owner.collectGarbage({ body: { dryRun: true } });
  assert.equal(kept, 0);
  const documents = client(
    { metricsContract, openApiContract },
    { baseUrl: listener.address, fetch: listener.fetch, token: tenants.store.tokens.owner },
  );
  const told = await documents.metricsContract();
  assert.match(told, /# EOF\n$/);
  assert.match(told, /^backlot_endpoint_requests\{endpoint="[a-z-]+"\} [1-9]/m);
  assert.match(told, /^backlot_endpoint_p99_milliseconds\{endpoint="[a-z-]+"\} [0-9.]+$/m);
  const { paths } = JSON.parse(await documents.openApiContract());
  for (const { path } of listener.registered) {
    assert.ok(paths[path.replace(/:([a-zA-Z]+)/g, '{$1}')], `${path} is described`);
  }
}

async function home({ tenants, switches }: TenantsWorld): Promise<void> {
  const { api, ids } = tenants.store;
  switches.second = 'fails';
  const { run } = await api.author.startRun({ params: { pipeline: 'pair' }, body: {} });
  await lastOf(api.author, run);
  const { needs, activity, projects, counts } = await api.author.readHome();
  const failed = needs.find(({ kind }) => kind === 'failed');
  assert.deepEqual([failed?.subject, failed?.facts.task], ['pair', 'second']);
  assert.equal(failed?.link, `/runs/${run}`);
  assert.equal(activity[0]?.runs.at(-1)?.run, run);
  assert.ok(activity[0]?.runs.some(({ run: one }) => one === ids.run));
  assert.deepEqual([projects[0]?.stage, projects[0]?.state], ['launched', 'fail']);
  // Whether it answers in time is the machine's affair, and not counted here.
  assert.deepEqual([counts.endpoints, counts.models], [1, 1]);
}

/** Attempts that nobody but this function carries out, over the workers' own routes. */
async function attempts(world: TenantsWorld): Promise<void> {
  const { tenants, services, switches, worker } = world;
  const { api, people, tokens } = tenants.store;
  switches.second = 'parked';
  const good = await parkedAttempt(world);
  const params = { attempt: good.attempt };
  await assert.rejects(worker(tokens.owner).claim({ params, body: {} }), { status: 403 });
  const claim = await good.worker.claim({ params, body: { pid: 1 } });
  assert.deepEqual([claim.run, claim.node, claim.principal.id], [good.run, 'second', 'author']);
  assert.deepEqual(await good.worker.heartbeat({ params, body: {} }), { cancel: false });
  await good.worker.progress({ params, body: { done: 1, total: 4, unit: 'rows' } });
  await good.worker.log({ params, body: { text: `${hostile}\n` } });
  const where = { run: good.run, task: 'second' };
  assert.equal((await api.author.readTaskLog({ params: where })).text, `${hostile}\n`);
  const { taskViews } = await api.author.readRun({ params: where });
  assert.deepEqual([taskViews[1]?.state, taskViews[1]?.progress?.done], ['running', 1]);
  const { digest, bytes } = await services.objects.put(Buffer.from('[1]'));
  const outputs = { numbers: { kind: 'numbers', digest, bytes } };
  const commit = { outputs, effects: [], metrics: { rows: 1 }, version: digestOfBytes('code') };
  assert.deepEqual(await good.worker.commit({ params, body: commit }), { state: 'succeeded' });
  assert.deepEqual((await lastOf(api.author, good.run)).taskViews[1]?.metrics, { rows: 1 });

  const bad = await parkedAttempt(world);
  await assert.rejects(bad.worker.heartbeat({ params, body: {} }), { status: 403 }, 'not its own');
  await bad.worker.claim({ params: { attempt: bad.attempt }, body: {} });
  const error = { code: 'E-TEST-001', kind: 'failed' as const, reason: hostile };
  const body = { class: 'final' as const, error };
  await bad.worker.fail({ params: { attempt: bad.attempt }, body });
  const failed = await lastOf(api.author, bad.run);
  assert.deepEqual([failed.state, failed.error?.reason], ['failed', hostile]);
  assert.equal(failed.by, people.author.id);
}

async function parkedAttempt({ tenants, services, worker }: TenantsWorld) {
  const { api, people } = tenants.store;
  const { run } = await api.author.startRun({ params: { pipeline: 'pair' }, body: {} });
  const sql = "SELECT id FROM pipeline_attempts WHERE run = ? AND node = 'second'";
  let attempt: string | undefined;
  for (let waited = 0; attempt === undefined; waited++) {
    assert.ok(waited < 1_000, 'the attempt was launched');
    await services.io.clock.sleep(5);
    attempt = (await services.metadata.get<{ id: string }>(sql, run))?.id;
  }
  const { text } = await services.access.tokens.issue(people.owner, {
    ...{ principal: 'worker', lifetimeMs: 60_000, attempt: { run, task: 'second', attempt } },
  });
  return { run, attempt, worker: worker(text) };
}
