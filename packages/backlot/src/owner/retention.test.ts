import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Digest, type Io, realIo } from '@backlot/core';
import {
  date,
  deliver,
  publishSnapshot,
  readManifest,
  snapshotHistory,
  table,
} from '@backlot/data';
import { foundPeople, localWorkspace } from './people.ts';
import { enforceRetention } from './retention.ts';
import { openState } from './state.ts';
import { storageOf } from './storage.ts';

test('retention is enforced once a day; what open runs began with stays', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'backlot-retention-'));
  t.after(() => rmSync(home, { recursive: true }));
  const real = realIo();
  let now = Date.UTC(2026, 0, 20);
  const io: Io = { ...real, clock: { ...real.clock, now: () => now } };
  const state = await openState(io, home, storageOf({}, {}));
  t.after(() => state.close());
  const { metadata, objects } = state;
  const people = await foundPeople(state.access, 'shop');
  const plays = table('plays', { day: date() }, { purposes: ['measure'], retentionDays: 10 });
  const content = Buffer.from('day\n2026-01-01\n2026-01-15\n');
  const source = { object: (await objects.put(content)).digest, format: 'csv' } as const;
  const scratch = join(home, 'scratch');
  const given = await deliver({ io, objects, contract: plays, source, scratch });
  const digest = given.manifest!;
  const manifest = await readManifest(objects, digest);
  await metadata.write((tx) => publishSnapshot(tx, people.owner, { digest, manifest, at: now }));
  const note = { workspace: localWorkspace, actor: 'x', action: 'run.start', resource: 'run/r' };
  await metadata.write(async (tx) => {
    const sources = JSON.stringify({ 'table.plays': { kind: 'snapshot', digest, bytes: 1 } });
    await tx.record({ ...note, facts: {} });
    await tx.run(
      `INSERT INTO pipeline_plans (workspace, digest, plan) VALUES (?, 'p', '{}')`,
      localWorkspace,
    );
    await tx.run(
      `INSERT INTO pipeline_runs (workspace, id, pipeline, plan, seed, sources, principal,
         started_by, state, events, tasks, created_at)
       VALUES (?, 'r', 'train', 'p', 0, ?, 'x', 'x', 'running', 0, 0, 0)`,
      ...[localWorkspace, sources],
    );
  });
  const failed = (_: string, error: unknown): never => assert.fail(String(error));
  const listed = async (): Promise<readonly Digest[]> => {
    await enforceRetention(state, people, { failed });
    const history = await snapshotHistory(metadata, localWorkspace, 'plays');
    return history.map((one) => one.digest);
  };
  const [kept, held, ...rest] = await listed();
  assert.deepEqual([held, rest], [digest, []]);
  assert.equal((await readManifest(objects, kept!)).rows, 1);
  await metadata.write(async (tx) => {
    await tx.record({ ...note, facts: {} });
    await tx.run(`UPDATE pipeline_runs SET state = 'succeeded'`);
  });
  now += 3_600_000;
  assert.deepEqual(await listed(), [kept, digest], 'not again within a day');
  now += 24 * 3_600_000;
  assert.deepEqual(await listed(), [kept]);
});
