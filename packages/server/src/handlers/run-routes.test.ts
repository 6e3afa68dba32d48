import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastOf, tenantsWorld } from './handlers.fixture.ts';

const params = { pipeline: 'pair' };

test('runs are started, watched to the end, listed, read and logged', async (t) => {
  const { tenants } = await tenantsWorld(t);
  const api = tenants.store.api.author;
  const body = { parameters: { label: 'ana' } };
  const { run } = await api.startRun({ params, body });
  const ended = await lastOf(api, run);
  assert.deepEqual([ended.state, ended.done, ended.by], ['succeeded', 2, 'author']);
  assert.deepEqual(ended.parameters, { label: 'ana' });
  const [first, second] = ended.taskViews;
  assert.deepEqual(second?.upstream, [first?.id]);
  assert.equal(second?.inputs[0]?.digest, first?.outputs[0]?.digest);

  const newest = await api.listRuns({ query: { limit: 1 } });
  const older = await api.listRuns({ query: { limit: 1, after: newest.next } });
  assert.deepEqual(
    [newest, older].map(({ runs }) => runs.map(({ id }) => id)),
    [[run], [tenants.store.ids.run]],
  );
  assert.equal(older.next, undefined, 'runs of the other workspace are not in the list');
  assert.deepEqual((await api.listRuns({ query: { state: 'failed' } })).runs, []);

  assert.equal((await api.readRun({ params: { run: run.slice(0, 12) } })).id, run);
  const log = await api.readTaskLog({ params: { run, task: 'first' } });
  assert.deepEqual([log.text, log.ended], ['counting for ana\n', true]);
  const rest = await api.readTaskLog({ params: { run, task: 'first' }, query: { from: 9 } });
  assert.equal(rest.text, 'for ana\n');
});

test('a beginning that two runs share names neither', async (t) => {
  const { tenants, services } = await tenantsWorld(t);
  const { api, ids } = tenants.store;
  const beginning = ids.run.slice(0, 8);
  const columns = 'pipeline, plan, seed, sources, principal, started_by, state, events, tasks';
  await services.metadata.write(async (tx) => {
    await tx.run(
      `INSERT INTO pipeline_runs (workspace, id, created_at, ${columns})
       SELECT workspace, ?, created_at, ${columns} FROM pipeline_runs WHERE id = ?`,
      ...[`${beginning}x`, ids.run],
    );
    await tx.record({ workspace: 'store', actor: 'test', action: 'test.copy', resource: 'run' });
  });
  await assert.rejects(api.author.readRun({ params: { run: beginning } }), {
    ...{ status: 404, reason: `there is no single run whose id begins with ${beginning} here` },
  });
  const longer = { run: ids.run.slice(0, 9) };
  assert.equal((await api.author.readRun({ params: longer })).id, ids.run);
});

test('a failed run is resumed from the task that failed; a cancelled one stops', async (t) => {
  const { tenants, switches, services } = await tenantsWorld(t);
  const api = tenants.store.api.author;
  switches.second = 'fails';
  const { run } = await api.startRun({ params, body: {} });
  const failed = await lastOf(api, run);
  assert.deepEqual([failed.state, failed.done], ['failed', 1]);
  assert.equal(failed.resume, `backlot run --resume ${run}`);
  switches.second = 'works';
  await api.resumeRun({ params: { run }, body: {} });
  const resumed = await lastOf(api, run);
  assert.equal(resumed.state, 'succeeded');
  assert.deepEqual(
    resumed.taskViews.map(({ attempts }) => attempts.length),
    [1, 2],
    'what was done is not done again',
  );
  await assert.rejects(api.cancelRun({ params: { run }, body: {} }), { status: 409 });

  switches.second = 'waits';
  const held = await api.startRun({ params, body: {} });
  const seen = async () => (await api.readRun({ params: held })).taskViews[1]?.state;
  while ((await seen()) !== 'running') await services.io.clock.sleep(5);
  await assert.rejects(api.resumeRun({ params: held, body: {} }), { status: 409 });
  await api.cancelRun({ params: held, body: {} });
  assert.equal((await lastOf(api, held.run)).state, 'cancelled');
});

test('what a run may not be given is refused, and leaves nothing behind', async (t) => {
  const { tenants } = await tenantsWorld(t);
  const { api } = tenants.store;
  const body = { parameters: { label: 3 } };
  await assert.rejects(api.author.startRun({ params, body }), { status: 400 });
  await assert.rejects(api.author.startRun({ params: { pipeline: 'absent' }, body: {} }), {
    status: 404,
  });
  const { length } = (await api.owner.listRuns()).runs;
  assert.equal(length, 1, 'what was refused left no run');
});
