import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Digest, type Io, realIo } from '@backlot/core';
import { openSqliteMetadata } from '@backlot/store';
import { int, key, subject, text, timestamp } from '../column.ts';
import { contractData, table } from '../contract.ts';
import { SnapshotConflict } from '../data-error.ts';
import { openDuckDb } from '../duckdb/engine.ts';
import { profileOf } from '../profiles/profile-of.ts';
import { relation } from '../relations/relation.ts';
import { readManifest } from '../snapshots/manifest.ts';
import { dataRoots } from '../snapshots/references.ts';
import { openSnapshot } from '../snapshots/snapshot.ts';
import { testWorld } from '../world.fixture.ts';
import { dataSchema } from './data-schema.ts';
import { publishSnapshot } from './publish-snapshot.ts';
import { retentionFacts } from './record-retention.ts';
import { applyRetention, type RetentionOptions } from './retention.ts';
import { currentSnapshot, snapshotHistory } from './tables.ts';

const plays = table(
  'plays',
  { account: subject(), item: key(), at: timestamp().optional(), n: int(), note: text() },
  { purposes: ['measure'], retentionDays: 10, buckets: 4 },
);
const actor = { workspace: 'w', id: 'ada' };
const day = 86_400_000;
const start = Date.UTC(2026, 0, 1);
const header = 'account,item,at,n,note';

/** A row of so many days after the start; without a time when `undefined`. */
function row(account: string, days: number | undefined, n: number): string {
  const at = days === undefined ? '' : new Date(start + days * day).toISOString();
  return `${account},i${n},${at},${n},le chat est dans la maison`;
}

async function prepared(t: TestContext) {
  const world = await testWorld(t);
  let now = start;
  const real = realIo();
  const io: Io = { ...real, clock: { ...real.clock, now: () => now } };
  const metadata = await openSqliteMetadata({
    path: join(world.folder, 'm.sqlite'),
    clock: io.clock,
    schemas: [dataSchema],
  });
  t.after(() => metadata.close());
  const give = async (rows: readonly string[]): Promise<Digest> => {
    const previous = await currentSnapshot(metadata, 'w', 'plays');
    const outcome = await world.give([header, ...rows].join('\n'), {
      contract: plays,
      ...(previous && { previous }),
    });
    const digest = outcome.manifest!;
    const manifest = await readManifest(world.objects, digest);
    await metadata.write((tx) =>
      publishSnapshot(tx, actor, {
        ...{ digest, manifest, at: now },
        ...(previous && { expectedPrevious: previous }),
      }),
    );
    return digest;
  };
  const options: RetentionOptions = {
    ...{ io, objects: world.objects, metadata, table: 'plays' },
    scratch: join(world.folder, 'retention'),
  };
  const numbers = async (digest: Digest): Promise<number[]> => {
    const snapshot = await openSnapshot(world.objects, digest, { purpose: 'measure' });
    const scratch = join(world.folder, 'engine');
    const engine = openDuckDb({ io: world.io, memoryMiB: 256, threads: 1, scratch });
    const run = { snapshots: [snapshot], purpose: 'measure' } as const;
    return (await engine.rows(relation(plays).sort('n'), run)).map(({ n }) => n);
  };
  const later = (days: number): void => {
    now = start + days * day;
  };
  return { world, metadata, give, options, numbers, later };
}

test('rows past their time leave by the files that hold them, and old versions with them', async (t) => {
  const { world, metadata, give, options, numbers, later } = await prepared(t);
  const first = await give([row('a', 0, 1), row('b', 5, 2), row('c', undefined, 3)]);
  const second = await give([row('a', 9, 4)]);
  later(12);
  const run = await applyRetention({ ...options, held: [first] }, actor);
  assert.equal(run.cutoff, start + 2 * day);
  assert.equal(run.rowsRemoved, 1);
  // `c` has no time; the oldest of the rest is of day 5.
  assert.equal(run.nextAt, start + 15 * day);
  const current = (await currentSnapshot(metadata, 'w', 'plays'))!;
  assert.deepEqual([current, await numbers(current)], [run.snapshot, [2, 3, 4]]);
  assert.deepEqual([run.snapshotsRemoved, run.snapshotsHeld], [[second], [first]]);
  // Work that has the held version open reads on.
  assert.deepEqual(await numbers(first), [1, 2, 3]);
  const [before, after] = [
    await readManifest(world.objects, second),
    await readManifest(world.objects, current),
  ];
  const kept = after.files.filter(({ digest }) => before.files.some((f) => f.digest === digest));
  assert.equal(kept.length + run.filesRewritten, after.files.length);
  assert.equal(run.filesRewritten + run.filesRemoved, 1);
  assert.deepEqual(
    (await snapshotHistory(metadata, 'w', 'plays')).map(({ digest }) => digest),
    [current, first],
  );
  const facts = await retentionFacts(metadata, 'w', contractData(plays));
  assert.deepEqual([facts.days, facts.by, facts.nextAt], [10, 'at', run.nextAt]);
  assert.deepEqual(facts.runs, [run]);
});

test('a second run changes nothing, and a removed delivery stays known', async (t) => {
  const { world, metadata, give, options, later } = await prepared(t);
  await give([row('a', 0, 1)]);
  await give([row('a', 9, 4)]);
  later(12);
  const run = await applyRetention(options, actor);
  assert.equal(run.filesRemoved, 1);
  const again = await applyRetention(options, actor);
  assert.deepEqual(
    [again.rowsRemoved, again.snapshot, again.snapshotsRemoved],
    [0, run.snapshot, []],
  );
  // The very file whose rows are gone comes again: it must not bring them back.
  const outcome = await world.give([header, row('a', 0, 1)].join('\n'), {
    ...{ contract: plays, previous: run.snapshot! },
  });
  assert.equal(outcome.status, 'unchanged');
  assert.equal(await currentSnapshot(metadata, 'w', 'plays'), run.snapshot);
});

test('versions beyond the history go, the newest stay', async (t) => {
  const { give, options, metadata } = await prepared(t);
  const made: Digest[] = [];
  for (let n = 0; n < 4; n++) made.push(await give([row('a', 0, n)]));
  const run = await applyRetention({ ...options, history: 2 }, actor);
  assert.deepEqual([...run.snapshotsRemoved].sort(), made.slice(0, 2).sort());
  const left = (await snapshotHistory(metadata, 'w', 'plays')).map(({ digest }) => digest);
  assert.deepEqual(left, [made[3], made[2]]);
});

test('a table that changes meanwhile is left alone', async (t) => {
  const { give, options, metadata, later } = await prepared(t);
  await give([row('a', 0, 1), row('a', 9, 2)]);
  later(12);
  const raced = {
    ...metadata,
    all: metadata.all.bind(metadata),
    get: metadata.get.bind(metadata),
    write: async <T>(work: Parameters<typeof metadata.write<T>>[0]): Promise<T> => {
      await give([row('a', 11, 3)]);
      return metadata.write(work);
    },
  };
  await assert.rejects(applyRetention({ ...options, metadata: raced }, actor), SnapshotConflict);
  assert.deepEqual((await retentionFacts(metadata, 'w', contractData(plays))).runs, []);
});

test('a profile is computed once, kept beside its snapshot, and goes with it', async (t) => {
  const { world, give, options, metadata, later } = await prepared(t);
  const digest = await give([row('a', 0, 1), row('b', 1, 2), row('c', 9, 3)]);
  const parts = { ...options, objects: world.objects, memoryMiB: 256, threads: 1 };
  const profile = await profileOf(parts, actor, digest);
  const note = profile.columns.find(({ name }) => name === 'note');
  assert.deepEqual(note?.languages, [{ language: 'fr', share: 1 }]);
  assert.deepEqual([note?.distinct, note?.exact], [1, true]);
  // A folder that cannot be made: only what is kept can answer now.
  const kept = await profileOf({ ...parts, scratch: '/dev/null/none' }, actor, digest);
  assert.deepEqual(kept, profile);
  const roots = async (): Promise<Set<Digest>> => {
    const found = new Set<Digest>();
    for await (const root of dataRoots(metadata)) found.add(root);
    return found;
  };
  const row1 = await metadata.get<{ profile: Digest }>('SELECT profile FROM data_profiles');
  assert.ok((await roots()).has(row1!.profile));
  later(12);
  await applyRetention(options, actor);
  assert.ok(!(await roots()).has(row1!.profile));
});
