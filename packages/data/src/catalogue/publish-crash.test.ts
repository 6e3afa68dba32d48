import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Digest } from '@backlot/core';
import { type Metadata, openFileObjects, openSqliteMetadata } from '@backlot/store';
import { enumerateCrashes, type World } from '@backlot/testing';
import { int, key, subject } from '../column.ts';
import { contractData, contractDigest, table } from '../contract.ts';
import { type Manifest, putManifest, readManifest } from '../snapshots/manifest.ts';
import { dataSchema } from './data-schema.ts';
import { publishSnapshot } from './publish-snapshot.ts';
import { snapshotHistory, tableDetail } from './tables.ts';

const contract = contractData(
  table('t', { account: subject(), item: key(), n: int() }, { purposes: ['debug'] }),
);
const actor = { workspace: 'w', id: 'worker' };

async function openMetadata(world: World, observed: boolean): Promise<Metadata> {
  const metadata = await openSqliteMetadata({
    path: join(world.root, 'metadata.sqlite'),
    clock: world.io.clock,
    schemas: [dataSchema],
    ...(observed && { onStep: world.step }),
  });
  world.defer(() => metadata.close());
  return metadata;
}

/** Writes a part as an engine does, adopts it, puts the manifest, and moves the pointer. */
async function publishVersion(
  world: World,
  metadata: Metadata,
  version: number,
  previous?: Digest,
): Promise<Digest> {
  const objects = await openFileObjects(world.io, join(world.root, 'objects'));
  const before = previous && (await readManifest(objects, previous));
  const staging = join(world.root, `staging-${version}`);
  await world.io.files.makeFolder(staging);
  const file = await world.io.files.create(join(staging, 'part'));
  await file.write(Buffer.from(`rows of version ${version}`.repeat(40)));
  await file.close();
  const part = await objects.adopt(join(staging, 'part'));
  const delivery = String(version).padStart(20, '0');
  const files = [...(before?.files ?? []), { bucket: version, ...part, rows: 5, delivery }];
  const manifest: Manifest = {
    kind: 'snapshot',
    table: contract.table,
    contract,
    contractDigest: contractDigest(contract),
    rows: files.length * 5,
    buckets: contract.buckets,
    files,
    ...(previous && { previous }),
    delivery,
  };
  const digest = await putManifest(objects, manifest);
  await metadata.write((tx) =>
    publishSnapshot(tx, actor, {
      digest,
      manifest,
      ...(previous && { expectedPrevious: previous }),
      at: version,
    }),
  );
  return digest;
}

interface State {
  readonly snapshots: readonly Digest[];
  readonly rows: readonly number[];
}

test('a snapshot is published whole or not at all, whenever the machine goes down', async () => {
  let first: Digest | undefined;
  const report = await enumerateCrashes<State>({
    name: 'snapshot publish',
    prepare: async (world) => {
      first = await publishVersion(world, await openMetadata(world, false), 1);
    },
    workload: async (world) => {
      world.acknowledge(await publishVersion(world, await openMetadata(world, true), 2, first));
    },
    recover: async (world) => {
      const metadata = await openMetadata(world, false);
      const objects = await openFileObjects(world.io, join(world.root, 'objects'));
      const history = await snapshotHistory(metadata, 'w', 't');
      const rows: number[] = [];
      for (const { digest } of history) {
        const manifest = await readManifest(objects, digest);
        // Whole: every file that a published manifest names is there, and has its digest.
        for (const file of manifest.files) await objects.get(file.digest);
        rows.push(manifest.rows);
      }
      if (history.length > 0) {
        assert.equal((await tableDetail(metadata, 'w', 't')).snapshot, history[0]!.digest);
      }
      return { snapshots: history.map(({ digest }) => digest), rows };
    },
    check: ({ snapshots, rows }, { acknowledged }) => {
      assert.ok(first && snapshots.includes(first));
      for (const digest of acknowledged) assert.ok(snapshots.includes(digest as Digest));
      assert.deepEqual(rows, [10, 5].slice(2 - snapshots.length));
    },
    resume: async (world) => {
      const metadata = await openMetadata(world, false);
      const [newest] = await snapshotHistory(metadata, 'w', 't');
      await publishVersion(world, metadata, 7, newest?.digest);
    },
  });
  assert.ok(report.crashPoints > 100);
});
