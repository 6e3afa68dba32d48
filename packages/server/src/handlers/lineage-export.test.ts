import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Json, realIo } from '@backlot/core';
import { type OpenLineageEvent, receiveEvents } from '@backlot/data';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { lastOf, tenantsWorld } from './handlers.fixture.ts';
import { exportLineage } from './lineage-export.ts';

const path = join(
  import.meta.dirname,
  '../../../../../shared/reference/schemas/openlineage/OpenLineage.json',
);

test('runs and tasks are told once, in order, and join the graph of who receives them', async (t) => {
  const { services, tenants, switches } = await tenantsWorld(t);
  const { metadata, io } = services;
  const actor = tenants.store.people.owner;
  const api = tenants.store.api.author;
  const got: OpenLineageEvent[] = [];
  const pass = () =>
    exportLineage({
      ...{
        metadata,
        actor,
        clock: io.clock,
        version: '1.2.3',
        url: 'https://other/api/v1/lineage',
      },
      fetch: async (_, { body }) => {
        got.push(JSON.parse(String(body)) as OpenLineageEvent);
        return new Response(null, { status: 201 });
      },
    });
  await pass();
  got.length = 0;
  switches.second = 'fails';
  const { run } = await api.startRun({ params: { pipeline: 'pair' }, body: {} });
  await lastOf(api, run);
  switches.second = 'works';
  await pass();
  const failed = got.map(({ eventType, job }) => `${job.name} ${eventType}`);
  await api.resumeRun({ params: { run }, body: {} });
  await lastOf(api, run);
  await pass();
  assert.deepEqual(await pass(), { told: 0, sent: 0 });

  assert.equal(failed[0], 'pair START');
  assert.equal(failed.at(-1), 'pair FAIL');
  assert.ok(failed.includes('pair.first COMPLETE') && failed.includes('pair.second FAIL'));
  assert.equal(got.at(-1)?.job.name, 'pair');
  assert.equal(got.at(-1)?.eventType, 'COMPLETE');
  // By the standard each run starts once and ends once.
  for (const events of Map.groupBy(got, (event) => event.run.runId).values()) {
    const states = events.map(({ eventType }) => eventType);
    assert.equal(states[0], 'START');
    assert.equal(states.filter((state) => state === 'START').length, 1);
    assert.ok(['COMPLETE', 'FAIL', 'ABORT'].includes(states.at(-1)!), states.join());
    assert.equal(states.filter((state) => state !== 'START' && state !== 'RUNNING').length, 1);
  }
  const second = got.find(
    ({ job, eventType }) => job.name === 'pair.second' && eventType === 'FAIL',
  );
  assert.match(String(second?.run.facets.errorMessage?.message), /^E-/);

  const { taken, refused } = await receiveEvents(
    metadata,
    { workspace: 'archive', id: 'ada' },
    JSON.parse(JSON.stringify(got)) as readonly Json[],
    realIo().clock.now(),
  );
  assert.deepEqual([taken, refused], [got.length, []]);
  if (!existsSync(path)) return t.diagnostic('the standard is not here');
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  const valid = ajv.compile(JSON.parse(readFileSync(path, 'utf8')));
  for (const event of got) assert.ok(valid(event), ajv.errorsText(valid.errors));
});
