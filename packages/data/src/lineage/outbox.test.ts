import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Clock, realIo } from '@backlot/core';
import { openSqliteMetadata } from '@backlot/store';
import { lineageSchema } from './lineage-schema.ts';
import { openLineageEvent } from './open-lineage.ts';
import { enqueueEvents, outboxSize, sendOutbox } from './outbox.ts';

const actor = { workspace: 'store', id: 'ada' };
const url = 'https://lineage.example.com/api/v1/lineage';
const event = (run: string) =>
  openLineageEvent({
    ...{ state: 'START', at: 0, run, jobType: 'PIPELINE', version: '1.2.3' },
    job: { namespace: 'backlot://store', name: run },
  });

async function world(t: TestContext) {
  const home = await mkdtemp(join(tmpdir(), 'backlot-outbox-'));
  const path = join(home, 'metadata.sqlite');
  let now = 1_000;
  const clock: Clock = { ...realIo().clock, now: () => now };
  let metadata = await openSqliteMetadata({ path, clock, schemas: [lineageSchema] });
  t.after(async () => {
    await metadata.close();
    await rm(home, { recursive: true });
  });
  const got: string[] = [];
  const send = (status: (job: string) => number | 'cut') =>
    sendOutbox({
      ...{ metadata, actor, clock, url, headers: { authorization: 'Bearer x' } },
      fetch: async (to, { body, headers }) => {
        assert.deepEqual([to, new Headers(headers).get('authorization')], [url, 'Bearer x']);
        const { job } = JSON.parse(String(body)) as { job: { name: string } };
        const answer = status(job.name);
        if (answer === 'cut') throw new TypeError('the connection was cut');
        if (answer < 300) got.push(job.name);
        return new Response(null, { status: answer });
      },
    });
  return {
    ...{ got, send },
    put: (...runs: readonly string[]) =>
      metadata.write((tx) => enqueueEvents(tx, actor, runs.map(event), now)),
    size: () => outboxSize(metadata, 'store'),
    pass: (ms: number) => {
      now += ms;
    },
    reopen: async () => {
      await metadata.close();
      metadata = await openSqliteMetadata({ path, clock, schemas: [lineageSchema] });
    },
  };
}

test('events go in order, wait for a server that is away, and outlive a restart', async (t) => {
  const { put, send, size, pass, reopen, got } = await world(t);
  await put('a', 'b', 'c');
  await put('b');
  assert.equal(await size(), 3);
  assert.equal(await send((job) => (job === 'b' ? 503 : 201)), 1);
  await reopen();
  assert.equal(await send(() => 201), 0, 'b waits a second');
  pass(1_000);
  assert.equal(await send(() => 'cut'), 0);
  pass(1_999);
  assert.equal(await send(() => 201), 0, 'and then two');
  pass(1);
  assert.equal(await send(() => 201), 2);
  assert.deepEqual([got, await size()], [['a', 'b', 'c'], 0]);
});

test('an event that is refused for good is put aside, a credential is waited for', async (t) => {
  const { put, send, size, pass, got } = await world(t);
  await put('a', 'b');
  assert.equal(await send((job) => (job === 'a' ? 400 : 401)), 0);
  assert.equal(await size(), 1);
  pass(60_000);
  assert.equal(await send(() => 200), 1);
  assert.deepEqual([got, await size()], [['b'], 0]);
});
