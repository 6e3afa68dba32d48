import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { PurposeRefused } from '@backlot/access';
import { BacklotError, Cancelled } from '@backlot/core';
import { bucketOf } from '../bucket.ts';
import { EngineFailed, ResultTooLarge } from '../data-error.ts';
import { int, key, table, text } from '../index.ts';
import { count } from '../relations/functions/aggregates.ts';
import { toText } from '../relations/functions/conversions.ts';
import { add, multiply } from '../relations/functions/numbers.ts';
import { concat } from '../relations/functions/text.ts';
import { relation, values } from '../relations/relation.ts';
import { openSnapshot } from '../snapshots/snapshot.ts';
import { ContractDiffers } from '../snapshots/snapshot-of.ts';
import { header, plays, pseudonyms, type TestWorld, testWorld } from '../world.fixture.ts';
import { openDuckDb } from './engine.ts';
import { profileSnapshot } from './profile.ts';
import { DuckDbSession } from './session.ts';

const line = (account: string, item: string, ms: number): string =>
  `${account},${item},2026-01-02T03:04:05Z,${ms},us,${ms / 8},n${ms}`;

async function prepared(world: TestWorld, rows: readonly string[]) {
  const outcome = await world.give([header, ...rows].join('\n'));
  const snapshot = await openSnapshot(world.objects, outcome.manifest!, { purpose: 'measure' });
  const engine = openDuckDb({
    io: world.io,
    memoryMiB: 256,
    threads: 2,
    scratch: join(world.folder, 'engine'),
  });
  return { outcome, snapshot, engine, run: { snapshots: [snapshot], purpose: 'measure' } as const };
}

test('columns come as typed arrays, texts as codes into sorted values', async (t) => {
  const world = await testWorld(t);
  const { engine, run } = await prepared(world, [
    line('b', 'y', 8),
    line('a', 'x', 16),
    line('b', 'x', 24),
  ]);
  const sorted = relation(plays).sort('msPlayed');
  const { rows, columns } = await engine.columns(sorted, { ...run, encode: ['account', 'item'] });
  assert.equal(rows, 3);
  const { account, item, msPlayed, rating } = columns;
  assert.ok(
    account.kind === 'codes' &&
      item.kind === 'codes' &&
      msPlayed.kind === 'float64' &&
      rating.kind === 'float64',
  );
  assert.deepEqual(
    [...item.codes].map((code) => item.values[code]),
    ['y', 'x', 'x'],
  );
  assert.deepEqual(item.values, ['x', 'y']);
  assert.deepEqual(account.values, ['a', 'b'].map((raw) => pseudonyms.pseudonym(raw)).sort());
  assert.deepEqual(
    [[...msPlayed.data], [...rating.data]],
    [
      [8, 16, 24],
      [1, 2, 3],
    ],
  );
});

test('data is read only for a purpose that every contract names', async (t) => {
  const world = await testWorld(t);
  const { outcome, snapshot, engine } = await prepared(world, [line('a', 'x', 1)]);
  await assert.rejects(
    openSnapshot(world.objects, outcome.manifest!, { purpose: 'train' }),
    PurposeRefused,
  );
  const toTrain = { snapshots: [snapshot], purpose: 'train' } as const;
  // @ts-expect-error the contract does not name the purpose
  await assert.rejects(engine.rows(relation(plays), toTrain), PurposeRefused);
  // A copy of the contract that allows more does not help: the snapshot's own decides.
  const wider = table('plays', plays.columns, { purposes: ['train'] });
  await assert.rejects(
    engine.rows(relation(wider), { snapshots: [snapshot], purpose: 'train' }),
    PurposeRefused,
  );
  await assert.rejects(
    engine.rows(relation(plays), { snapshots: [], purpose: 'measure' }),
    BacklotError,
  );
});

test('results and whole numbers beyond their bounds are errors, not other values', async (t) => {
  const world = await testWorld(t);
  const { engine, run } = await prepared(world, [
    line('a', 'x', 80_000_000),
    line('b', 'y', 80_000_000),
  ]);
  await assert.rejects(engine.rows(relation(plays), { ...run, maxRows: 1 }), ResultTooLarge);
  const squared = relation(plays).select((play) => ({
    big: multiply(play.msPlayed, play.msPlayed),
  }));
  const cubed = squared.select((row) => ({ big: multiply(row.big, row.big) }));
  await assert.rejects(engine.rows(cubed, run), EngineFailed);
  const many = relation(plays).select((play) => ({
    big: multiply(multiply(play.msPlayed, play.msPlayed), 100),
  }));
  await assert.rejects(engine.rows(many, run), /2\^53/);
});

test('a relation can be written as Parquet into the scratch folder', async (t) => {
  const world = await testWorld(t);
  const { engine, run } = await prepared(world, [line('a', 'x', 1), line('b', 'x', 2)]);
  const perItem = relation(plays).aggregate(['item'], () => ({ n: count() }));
  const { path, rows } = await engine.write(perItem, { ...run, name: 'per-item' });
  assert.equal(rows, 1);
  assert.ok((await world.objects.adopt(path)).bytes > 100);
});

test('a bucketed relation is written as a file for each bucket, by the hash of TypeScript', async (t) => {
  const world = await testWorld(t);
  const { engine, run } = await prepared(world, [
    ...Array.from({ length: 40 }, (_, at) => line(`p${at % 20}`, `i${at}`, at)),
  ]);
  const made = relation(plays).bucketed({ key: 'item', buckets: 4 });
  const { rows, files } = await engine.write(made, { ...run, name: 'by-bucket' });
  assert.equal(rows, 40);
  const expected = Map.groupBy(
    Array.from({ length: 40 }, (_, at) => `i${at}`),
    (item) => bucketOf(item, 4),
  );
  assert.deepEqual(
    new Map(files.map((file) => [file.bucket, file.rows])),
    new Map(
      [...expected].sort(([a], [b]) => a - b).map(([bucket, items]) => [bucket, items.length]),
    ),
  );
  for (const { path } of files) assert.ok((await world.objects.adopt(path)).bytes > 100);
});

test('a bucket is one file, also where there are hundreds of them and many rows', async (t) => {
  const world = await testWorld(t);
  const lines = Array.from({ length: 20_000 }, (_, at) => line('p', `i${at}`, at));
  const { engine, run } = await prepared(world, lines);
  const times = values(
    { time: int() },
    Array.from({ length: 30 }, (_, time) => ({ time })),
  );
  const made = relation(plays)
    .cross(times)
    .with((row) => ({ item: concat(concat(row.item, '/'), toText(row.time)) }))
    .bucketed({ key: 'item', buckets: 500 });
  const { rows, files } = await engine.write(made, { ...run, name: 'many' });
  assert.equal(rows, 600_000);
  assert.equal(files.length, 500);
});

test('a relation of another contract than the snapshot has is refused, by column', async (t) => {
  const world = await testWorld(t);
  const { engine, run } = await prepared(world, [line('a', 'x', 1)]);
  const { columns, options, name } = plays;
  const others = [
    { ...columns, msPlayed: text() },
    { ...columns, more: int() },
  ];
  for (const other of others) {
    const made = relation(table(name, other, options as never)).aggregate([], () => ({
      n: count(),
    }));
    await assert.rejects(engine.rows(made as never, run as never), ContractDiffers);
  }
  const fewer = { account: columns.account, item: columns.item.optional() };
  const loose = relation(table(name, fewer, options as never)).aggregate([], () => ({
    n: count(),
  }));
  assert.deepEqual(await engine.rows(loose as never, run as never), [{ n: 1 }]);
});

test('a cancel interrupts a running query', async (t) => {
  const world = await testWorld(t);
  const items = table(
    'items',
    { id: key(), same: int(), title: text() },
    { purposes: ['measure'] },
  );
  const rows = Array.from({ length: 20_000 }, (_, index) => `k${index},1,t`).join('\n');
  const outcome = await world.give(`id,same,title\n${rows}`, { contract: items });
  const snapshot = await openSnapshot(world.objects, outcome.manifest!, { purpose: 'measure' });
  const engine = openDuckDb({
    io: world.io,
    memoryMiB: 256,
    threads: 2,
    scratch: join(world.folder, 'engine'),
  });
  const other = relation(items).select((item) => ({
    again: add(item.same, 0),
    otherTitle: item.title,
  }));
  // Four hundred million pairs: it takes far longer than the cancel needs.
  const pairs = relation(items)
    .join(other, { on: [['same', 'again']] })
    .distinct()
    .aggregate([], () => ({ n: count() }));
  const controller = new AbortController();
  const run = engine.rows(pairs, {
    snapshots: [snapshot],
    purpose: 'measure',
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(), 100);
  await assert.rejects(run, Cancelled);
});

test('a session reaches no file but those named, and its settings stay', async (t) => {
  const world = await testWorld(t);
  const scratch = join(world.folder, 'session');
  await mkdir(scratch);
  await writeFile(join(world.folder, 'secret.csv'), 'a\n1\n');
  const session = await DuckDbSession.open({ memoryMiB: 128, threads: 1, scratch });
  t.after(() => session.close());
  for (const sql of [
    `SELECT * FROM read_csv('${world.folder}/secret.csv')`,
    `SELECT * FROM read_text('${scratch}/../secret.csv')`,
    `COPY (SELECT 1) TO '${world.folder}/out.csv'`,
    `ATTACH '${world.folder}/other.db'`,
    'INSTALL httpfs',
    'LOAD httpfs',
    'SET enable_external_access = true',
    "SET memory_limit = '100GB'",
    `SET allowed_directories = ['/']`,
    `SELECT * FROM glob('${world.folder}/*')`,
  ]) {
    await assert.rejects(session.run('try', sql), EngineFailed, sql);
  }
});

test('a profile shows distributions, and of personal columns nothing rare', async (t) => {
  const world = await testWorld(t);
  const people = table(
    'people',
    {
      id: key(),
      city: text().sensitive('personal'),
      age: int().sensitive('personal'),
      score: int(),
      note: text().optional(),
    },
    { purposes: ['analyse'] },
  );
  const rows = Array.from(
    { length: 100 },
    (_, index) =>
      `k${index},${index < 25 ? 'Paris' : `village-${index}`},${index},${index},${index % 2 === 0 ? 'even' : ''}`,
  );
  const outcome = await world.give(['id,city,age,score,note', ...rows].join('\n'), {
    contract: people,
  });
  const snapshot = await openSnapshot(world.objects, outcome.manifest!, { purpose: 'analyse' });
  const profile = await profileSnapshot(snapshot, {
    io: world.io,
    memoryMiB: 256,
    threads: 2,
    scratch: join(world.folder, 'profile'),
  });
  const [, city, age, score, note] = profile.columns;
  assert.equal(profile.rows, 100);
  assert.deepEqual(city?.top, [{ value: 'Paris', rows: 25 }]);
  assert.equal(city?.min, undefined);
  assert.deepEqual([age?.min, age?.quantiles, age?.histogram], [undefined, undefined, undefined]);
  assert.deepEqual([score?.min, score?.max, score?.nulls], [0, 99, 0]);
  assert.deepEqual(
    score?.quantiles?.map((value) => Math.round(value * 100) / 100),
    [0.99, 24.75, 49.5, 74.25, 98.01],
  );
  assert.deepEqual(score?.histogram?.counts, new Array(20).fill(5));
  assert.deepEqual(
    [note?.nulls, note?.top, note?.min],
    [50, [{ value: 'even', rows: 50 }], 'even'],
  );
});
