import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Metadata, openSqliteMetadata } from '@backlot/store';
import { contractData } from '../contract.ts';
import { SnapshotConflict, TableMissing } from '../data-error.ts';
import type { DeliveryOutcome } from '../deliveries/deliver.ts';
import { readManifest } from '../snapshots/manifest.ts';
import { dataRoots, manifestReferences } from '../snapshots/references.ts';
import { header, plays, type TestWorld, testWorld } from '../world.fixture.ts';
import { dataSchema } from './data-schema.ts';
import { listDeliveries, quarantinePage, readDelivery } from './deliveries.ts';
import { publishSnapshot, registerTable } from './publish-snapshot.ts';
import { recordDelivery } from './record-delivery.ts';
import { currentSnapshot, listTables, snapshotHistory, tableDetail } from './tables.ts';

const actor = { workspace: 'w', id: 'steward' };
const row = (account: string, item: string): string =>
  `${account},${item},2026-01-02T03:04:05Z,1000,us,,`;

async function openMetadata(t: TestContext, world: TestWorld): Promise<Metadata> {
  const metadata = await openSqliteMetadata({
    path: join(world.folder, 'metadata.sqlite'),
    clock: world.io.clock,
    schemas: [dataSchema],
  });
  t.after(() => metadata.close());
  return metadata;
}

async function publish(world: TestWorld, metadata: Metadata, outcome: DeliveryOutcome, at: number) {
  const manifest = await readManifest(world.objects, outcome.manifest!);
  return metadata.write((tx) =>
    publishSnapshot(tx, actor, {
      digest: outcome.manifest!,
      manifest,
      ...(manifest.previous && { expectedPrevious: manifest.previous }),
      at,
    }),
  );
}

test('a pointer moves by compare-and-set, and publishing again changes nothing', async (t) => {
  const world = await testWorld(t);
  const metadata = await openMetadata(t, world);
  const first = await world.give([header, row('a', 'x')].join('\n'));
  assert.equal(await publish(world, metadata, first, 1), 'published');
  assert.equal(await publish(world, metadata, first, 2), 'already');
  const second = await world.give([header, row('b', 'y'), row('c', 'z')].join('\n'), {
    previous: first.manifest!,
  });
  const rival = await world.give([header, row('d', 'w')].join('\n'), { previous: first.manifest! });
  assert.equal(await publish(world, metadata, second, 3), 'published');
  await assert.rejects(publish(world, metadata, rival, 4), SnapshotConflict);
  assert.equal(await publish(world, metadata, first, 5), 'already');
  assert.equal(await currentSnapshot(metadata, 'w', 'plays'), second.manifest);
  const history = await snapshotHistory(metadata, 'w', 'plays');
  assert.deepEqual(
    history.map(({ rows, rowDelta, at }) => [rows, rowDelta, at]),
    [
      [3, 2, 3],
      [1, undefined, 1],
    ],
  );
});

test('another workspace sees nothing of it', async (t) => {
  const world = await testWorld(t);
  const metadata = await openMetadata(t, world);
  await publish(world, metadata, await world.give([header, row('a', 'x')].join('\n')), 1);
  assert.deepEqual(await listTables(metadata, 'other'), []);
  assert.equal(await currentSnapshot(metadata, 'other', 'plays'), undefined);
  await assert.rejects(tableDetail(metadata, 'other', 'plays'), TableMissing);
});

test('deliveries are recorded once each, with reasons, pages and quarantine', async (t) => {
  const world = await testWorld(t);
  const metadata = await openMetadata(t, world);
  await metadata.write((tx) => registerTable(tx, actor, { contract: contractData(plays), at: 1 }));
  const outcomes = [];
  for (let index = 0; index < 5; index++) {
    outcomes.push(
      await world.give(
        [header, row('a', `x${index}`), 'b,y,never,1,us,,', row('c', 'z')].join('\n'),
      ),
    );
  }
  const record = (outcome: DeliveryOutcome, at: number) =>
    metadata.write((tx) =>
      recordDelivery(tx, actor, {
        receipt: outcome.receipt,
        receiptDigest: outcome.receiptDigest,
        run: 'run',
        at,
      }),
    );
  const ids = [];
  for (const [at, outcome] of outcomes.entries()) ids.push(await record(outcome, at));
  assert.equal(await record(outcomes[0]!, 9), ids[0]);
  const refused = await world.give([header, 'b,y,never,1,us,,'].join('\n'));
  await record(refused, 10);
  const first = await listDeliveries(metadata, 'w', { limit: 4, table: 'plays' });
  const second = await listDeliveries(metadata, 'w', {
    limit: 4,
    table: 'plays',
    after: first.next!,
  });
  assert.deepEqual(
    [...first.deliveries, ...second.deliveries].map(({ at }) => at),
    [10, 4, 3, 2, 1, 0],
  );
  assert.equal(second.next, undefined);
  assert.equal(
    (await readDelivery(metadata, 'w', ids[2]!))?.receiptDigest,
    outcomes[2]!.receiptDigest,
  );
  assert.equal(await readDelivery(metadata, 'other', ids[2]!), undefined);
  const page = await quarantinePage(metadata, world.objects, 'w', {
    table: 'plays',
    delivery: ids[1]!,
    limit: 1,
  });
  assert.deepEqual(
    page.rows.map(({ row: at, column, rule }) => [at, column, rule]),
    [[2, 'playedAt', 'not-a-timestamp']],
  );
  const detail = await tableDetail(metadata, 'w', 'plays');
  assert.deepEqual(
    [detail.contractVersion, detail.quarantine.length, detail.snapshots.length],
    [1, 6, 0],
  );
  assert.deepEqual(
    (await listTables(metadata, 'w')).map(({ name, rows, quarantined }) => [
      name,
      rows,
      quarantined,
    ]),
    [['plays', 0, 1]],
  );
});

test('every object that the rows name can be listed', async (t) => {
  const world = await testWorld(t);
  const metadata = await openMetadata(t, world);
  const outcome = await world.give([header, row('a', 'x'), 'b,y,never,1,us,,'].join('\n'));
  await publish(world, metadata, outcome, 1);
  await metadata.write((tx) =>
    recordDelivery(tx, actor, {
      receipt: outcome.receipt,
      receiptDigest: outcome.receiptDigest,
      at: 1,
    }),
  );
  const named = new Set<string>(await manifestReferences(world.objects, outcome.manifest!));
  for await (const digest of dataRoots(metadata)) named.add(digest);
  const unnamed = [];
  for await (const { digest } of world.objects.list()) if (!named.has(digest)) unnamed.push(digest);
  // Sealed subjects have done their work once the owner has written the key rows.
  assert.deepEqual(unnamed, [outcome.subjects]);
});
