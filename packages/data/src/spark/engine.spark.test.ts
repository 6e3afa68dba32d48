import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { PurposeRefused } from '@backlot/access';
import { Cancelled } from '@backlot/core';
import { noSpark, type SparkTestServer, sparkTestServer } from '@backlot/testing';
import { bucketOf } from '../bucket.ts';
import { ResultTooLarge } from '../data-error.ts';
import { openDuckDb } from '../duckdb/engine.ts';
import { DuckDbSession } from '../duckdb/session.ts';
import { count, sum } from '../relations/functions/aggregates.ts';
import { relation } from '../relations/relation.ts';
import { openSnapshot } from '../snapshots/snapshot.ts';
import { header, plays, pseudonyms, type TestWorld, testWorld } from '../world.fixture.ts';
import { openSpark } from './engine.ts';
import type { SparkOperation } from './session.ts';
import { SparkFailed } from './spark-error.ts';

const line = (account: string, item: string, ms: number): string =>
  `${account},${item},2026-01-02T03:04:05.000006Z,${ms},us,${ms / 8},`;

suite('the Spark engine', { skip: noSpark() }, () => {
  let server: SparkTestServer;
  before(async () => {
    server = await sparkTestServer();
  });
  after(() => server.stop());

  async function prepared(world: TestWorld, rows: readonly string[]) {
    const outcome = await world.give([header, ...rows].join('\n'));
    const snapshot = await openSnapshot(world.objects, outcome.manifest!, { purpose: 'measure' });
    const recorded: SparkOperation[] = [];
    const engine = openSpark({
      io: world.io,
      server,
      // What Hadoop would take for a pattern, or decode, must be taken as it is.
      scratch: join(world.folder, 'a {b,c} [d]* 100%25 é'),
      journal: {
        record: async (operation) => {
          recorded.push(operation);
        },
      },
    });
    const duck = openDuckDb({
      io: world.io,
      memoryMiB: 256,
      threads: 2,
      scratch: join(world.folder, 'engine'),
    });
    const run = { snapshots: [snapshot], purpose: 'measure' } as const;
    return { outcome, snapshot, engine, duck, run, recorded };
  }

  test('columns are those of the other engine', async (t) => {
    const world = await testWorld(t);
    const { engine, duck, run, recorded } = await prepared(world, [
      line('b', 'y', 8),
      line('a', 'x', 16),
      line('b', 'x', 24),
      line('c', '😀', 32),
      line('c', '\uFFFD', 40),
    ]);
    const sorted = relation(plays).sort('msPlayed');
    const encode = ['account', 'item'] as const;
    const found = await engine.columns(sorted, { ...run, encode });
    assert.deepEqual(found, await duck.columns(sorted, { ...run, encode }));
    assert.equal(found.rows, 5);
    const total = relation(plays)
      .aggregate(['item'], (t) => ({ plays: count(), ms: sum(t.msPlayed) }))
      .sort('item');
    assert.deepEqual(await engine.rows(total, run), await duck.rows(total, run));
    assert.deepEqual(
      recorded.map(({ kind }) => kind),
      ['view', 'query', 'view', 'query'],
    );
    assert.ok(recorded.every(({ serverSession }) => serverSession));
  });

  test('a snapshot without files has its columns and no rows', async (t) => {
    const world = await testWorld(t);
    const { engine, run, snapshot } = await prepared(world, [line('a', 'x', 1)]);
    const empty = { ...snapshot, paths: [] };
    const found = await engine.columns(relation(plays), { ...run, snapshots: [empty] });
    assert.equal(found.rows, 0);
    assert.equal(found.columns.msPlayed.kind, 'float64');
  });

  test('a file that is gone is an error, not fewer rows', async (t) => {
    const world = await testWorld(t);
    const { engine, run, snapshot } = await prepared(world, [line('a', 'x', 1)]);
    const paths = [...snapshot.paths, `${world.folder}/gone.parquet`];
    const broken = { ...run, snapshots: [{ ...snapshot, paths }] };
    await assert.rejects(
      engine.rows(relation(plays), broken),
      (error) => error instanceof SparkFailed && error.errorClass === 'PATH_NOT_FOUND',
    );
  });

  test('data is read only for a purpose that every contract names', async (t) => {
    const world = await testWorld(t);
    const { engine, snapshot } = await prepared(world, [line('a', 'x', 1)]);
    const toTrain = { snapshots: [snapshot], purpose: 'train' } as const;
    // @ts-expect-error the contract does not name the purpose
    await assert.rejects(engine.rows(relation(plays), toTrain), PurposeRefused);
  });

  test('more rows than allowed are an error, and a fired signal starts nothing', async (t) => {
    const world = await testWorld(t);
    const { engine, run } = await prepared(world, [line('a', 'x', 1), line('a', 'x', 2)]);
    await assert.rejects(engine.columns(relation(plays), { ...run, maxRows: 1 }), ResultTooLarge);
    await assert.rejects(
      engine.rows(relation(plays), { ...run, signal: AbortSignal.abort() }),
      Cancelled,
    );
  });

  test('a write makes one object for each bucket, and leaves nothing beside them', async (t) => {
    const world = await testWorld(t);
    const accounts = Array.from({ length: 200 }, (_, index) => `account-${index}`);
    const { engine, run } = await prepared(
      world,
      accounts.map((account, index) => line(account, 'x', index)),
    );
    const inBuckets = relation(plays).bucketed({ key: 'account', buckets: 8 });
    const written = await engine.write(inBuckets, { ...run, objects: world.objects });
    const expected = new Map<number, number>();
    for (const account of accounts) {
      const bucket = bucketOf(pseudonyms.pseudonym(account), 8);
      expected.set(bucket, (expected.get(bucket) ?? 0) + 1);
    }
    assert.equal(written.rows, 200);
    assert.deepEqual(
      written.files.map(({ bucket, rows }) => [bucket, rows]),
      [...expected].sort(([a], [b]) => a - b),
    );
    const left = await readdir(join(world.folder, 'a {b,c} [d]* 100%25 é'));
    assert.deepEqual(
      left.filter((name) => !name.endsWith('.claimed')),
      [],
    );
    // The other engine reads the same rows in each file, with the bucket they belong to.
    for (const file of written.files) {
      const path = await world.objects.localPath(file.digest);
      const session = await DuckDbSession.open({
        memoryMiB: 256,
        threads: 1,
        scratch: world.folder,
        readable: [path],
      });
      const found = await session.run(
        'read',
        `SELECT count(*), min(('0x' || substr(md5(account), 1, 8))::BIGINT % 8),
           max(('0x' || substr(md5(account), 1, 8))::BIGINT % 8), any_value(typeof("playedAt")),
           max(epoch_us("playedAt")) FROM read_parquet($1)`,
        [path],
      );
      const micros = BigInt(Date.UTC(2026, 0, 2, 3, 4, 5)) * 1000n + 6n;
      assert.deepEqual((await found.getRows())[0]?.map(String), [
        String(file.rows),
        String(file.bucket),
        String(file.bucket),
        'TIMESTAMP WITH TIME ZONE',
        String(micros),
      ]);
      session.close();
    }
  });

  test('a sorted write keeps its order across files, and an empty one has none', async (t) => {
    const world = await testWorld(t);
    const { engine, run } = await prepared(
      world,
      [3, 1, 2].map((ms) => line('a', 'x', ms)),
    );
    const objects = world.objects;
    const written = await engine.write(relation(plays).sort('msPlayed'), { ...run, objects });
    assert.equal(written.rows, 3);
    assert.ok(written.files.every(({ bucket }) => bucket === 0));
    const empty = relation(plays).sort('msPlayed').limit(0);
    assert.deepEqual(await engine.write(empty, { ...run, objects }), { rows: 0, files: [] });
  });
});
