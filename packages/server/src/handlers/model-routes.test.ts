import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tenantsWorld } from './handlers.fixture.ts';

test('a proposed version is read with its card and metrics, and its author may not approve it', async (t) => {
  const { tenants, propose } = await tenantsWorld(t);
  const { api, ids } = tenants.store;
  const { version } = await propose('store');
  const { models } = await api.owner.listModels();
  assert.deepEqual(
    models.map(({ name, latest, production }) => [name, latest.version, production?.version]),
    [[ids.model, 2, 1]],
  );
  const params = { model: ids.model, version: 2 };
  const shown = await api.author.readVersion({ params });
  assert.deepEqual(
    [shown.digest, shown.approval, shown.card],
    [version.digest, 'proposed', version.card],
  );
  assert.match(shown.cardMarkdown, /store-als/);
  assert.deepEqual(
    shown.rows.map(({ metric, slice, estimate }) => [metric, slice, estimate.value]),
    [['ndcg@20', 'all', 0.2]],
  );
  assert.equal(shown.mayApprove.allowed, false);
  assert.deepEqual(shown.proposal?.checks, [{ name: 'ndcg', ok: true, measure: 'better' }]);

  const body = { decision: 'approve' as const, reason: 'it is better' };
  await assert.rejects(api.author.decideVersion({ params, body }), {
    ...{ status: 403, reason: 'an author of the lineage of a model never approves it' },
  });
  assert.deepEqual((await api.author.readVersion({ params })).decisions, []);
});

test('an approver approves once, and what is decided stays so', async (t) => {
  const { tenants, propose } = await tenantsWorld(t);
  const { api, ids } = tenants.store;
  await propose('store');
  const params = { model: ids.model, version: 2 };
  const body = { decision: 'approve' as const, reason: 'it is better' };
  const decided = await api.approver.decideVersion({ params, body });
  assert.equal(decided.approval, 'approved');
  const refuse = { decision: 'refuse' as const, reason: 'on second thought' };
  await assert.rejects(api.approver.decideVersion({ params, body }), { status: 409 });
  await assert.rejects(api.owner.decideVersion({ params, body: refuse }), { status: 409 });
  const { decisions, approval } = await api.owner.readVersion({ params });
  assert.equal(approval, 'approved');
  assert.deepEqual(
    decisions.map(({ by, decision, reason, statement }) => [by, decision, reason, statement]),
    [['approver', 'approved', 'it is better', decided.statement]],
  );
  const { entries } = await api.approver.listAudit({ query: { actor: 'approver', limit: 1 } });
  assert.match(entries[0]?.action ?? '', /approv/);
});

test('a refused version cannot be approved or deployed', async (t) => {
  const { tenants, propose } = await tenantsWorld(t);
  const { api, ids } = tenants.store;
  await propose('store');
  const params = { model: ids.model, version: 2 };
  const body = { decision: 'refuse' as const, reason: 'worse for few' };
  const refused = await api.approver.decideVersion({ params, body });
  assert.deepEqual(refused, { approval: 'refused' });
  const { decisions } = await api.author.readVersion({ params });
  assert.deepEqual(
    decisions.map(({ decision, reason, statement }) => [decision, reason, statement]),
    [['refused', 'worse for few', undefined]],
  );
  const approve = { decision: 'approve' as const, reason: 'after all' };
  await assert.rejects(api.approver.decideVersion({ params, body: approve }), { status: 409 });
  const deploy = { params: { endpoint: ids.endpoint }, body: params };
  await assert.rejects(
    api.owner.deployVersion(deploy),
    ({ status }) => status >= 400 && status < 500,
  );
  const { deployment } = await api.owner.readEndpoint({ params: { endpoint: ids.endpoint } });
  assert.equal(deployment?.version, 1);
});
