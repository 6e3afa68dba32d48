import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  bool,
  date,
  decimal,
  float,
  int,
  int64,
  key,
  oneOf,
  subject,
  text,
  timestamp,
} from '../column.ts';
import { table } from '../contract.ts';
import { readManifest } from '../snapshots/manifest.ts';
import { pseudonyms, testWorld } from '../world.fixture.ts';
import type { DeliveryOutcome } from './deliver.ts';

const everything = table(
  'everything',
  {
    account: subject().maxLength(20),
    item: key('item').optional(),
    n: int().min(-5).max(1_000_000),
    big: int64().optional(),
    rate: float().min(-1e300).optional(),
    price: decimal(2).optional(),
    flag: bool().optional(),
    day: date().optional(),
    at: timestamp({ epoch: 'ms' }).optional(),
    kind: oneOf(['film', 'a "b"', '']).optional(),
    note: text().maxLength(12).optional(),
  },
  { purposes: ['measure'], maxBadShare: 0.9, primaryKey: ['account', 'n'], buckets: 4 },
);
const names = Object.keys(everything.columns);
const header = names.join(',');

/** Fields that have hurt a reader somewhere: each is put into a column of its own kind and of others. */
const hostile = [
  '',
  '""',
  '0',
  '-0',
  '00',
  '+1',
  ' 1',
  '1 ',
  '1.',
  '.5',
  '1e3',
  '1E-400',
  '1e400',
  '0x10',
  '1_0',
  '٣',
  '9007199254740992',
  '-9007199254740992',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '12345678901234567890123',
  '0.005',
  '1.10',
  '1.100',
  '-0.00',
  'nan',
  'NaN',
  'inf',
  '-Infinity',
  'true',
  'TRUE',
  't',
  'false',
  '"true"',
  '"5"',
  '"5""5"',
  '2024-02-29',
  '2023-02-29',
  '2024-2-9',
  '0000-01-01',
  '1699-12-31',
  '2251-01-01',
  'infinity',
  'epoch',
  '2024-01-01T00:00:00Z',
  '2024-01-01 00:00:00Z',
  '2024-01-01T24:00:00Z',
  '2024-01-01T23:59:60Z',
  '2024-01-01T00:00:00.1234567Z',
  '2024-01-01T00:00:00',
  '2024-01-01T00:00:00+02:00',
  '2024-01-01T00:00:00.5-00:30',
  '1700000000000',
  '-1',
  'film',
  'Film',
  '"a ""b"""',
  '"a,b"',
  'é',
  'e\u0301',
  '日本',
  '👩‍🚀',
  'a\u200bb',
  'tab\there',
  '123456789012',
  '1234567890123',
  '"x""y"',
  "'; DROP TABLE part; --",
  '\\',
  '\\N',
  'NULL',
  'null',
  '%',
  '#c',
];

function cells(seed: number, rows: number, share: number): string[] {
  let state = seed * 2_654_435_761;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const good: (() => string)[] = [
    () => `user-${next(400)}`,
    () => `item ${next(50)}`,
    () => String(next(1_000_000)),
    () => String(BigInt(next(1_000_000)) * 9_000_000_000_000n),
    () => String(next(1_000_000) / 7),
    () => (next(10_000) / 100).toFixed(next(3)),
    () => ['true', 'false'][next(2)]!,
    () => `20${10 + next(15)}-0${1 + next(9)}-1${next(10)}`,
    () => new Date(1.6e12 + next(1_000_000) * 1e5).toISOString(),
    () => ['film', '"a ""b"""', '""'][next(3)]!,
    () => ['', 'short', 'ünï', '"q,q"'][next(4)]!,
  ];
  return Array.from({ length: rows }, () =>
    good
      .map((make) =>
        next(1_000_000) < share * 1_000_000 ? hostile[next(hostile.length)]! : make(),
      )
      .join(','),
  );
}

const erased = pseudonyms.pseudonym('user-7');
const port = { ...pseudonyms, isErased: (pseudonym: string) => pseudonym === erased };

async function both(t: TestContext, content: string, format: 'csv' | 'parquet' = 'csv') {
  const world = await testWorld(t);
  // The engine reads a segment from a file of its own: its making tells which way was taken.
  let segments = 0;
  const files = new Proxy(world.io.files, {
    get: (target, name, receiver) => {
      const member = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return (...given: unknown[]) => {
        if (name === 'create' && String(given[0]).endsWith('segment.csv')) segments++;
        return member.apply(target, given);
      };
    },
  });
  const give = (limits: object): Promise<DeliveryOutcome> =>
    world.give(content, {
      ...{ contract: everything, pseudonyms: port, limits, format },
      io: { ...world.io, files },
    });
  const atOnce = await give({});
  const taken = segments;
  // Rows longer than the engine's reader takes are allowed, so every row is read by ours.
  const oneByOne = await give({ maxRowBytes: 2 ** 20 + 1 });
  assert.equal(segments, taken, 'the second way reads row by row alone');
  return { world, atOnce, oneByOne, taken };
}

test('a part at once and rows one by one end alike: files, quarantine and receipt', async (t) => {
  for (const [seed, share] of [
    [1, 0],
    [2, 0.001],
    [3, 0.004],
    [4, 0.05],
  ] as const) {
    const rows = cells(seed, 3_000, share);
    const { world, atOnce, oneByOne, taken } = await both(t, `${header}\n${rows.join('\n')}\n`);
    assert.deepEqual([atOnce.status, taken], ['accepted', 1]);
    assert.equal(
      await world.text(atOnce.quarantine),
      await world.text(oneByOne.quarantine),
      `${seed}`,
    );
    assert.deepEqual(atOnce.receipt, oneByOne.receipt);
    const [a, b] = [
      await readManifest(world.objects, atOnce.manifest!),
      await readManifest(world.objects, oneByOne.manifest!),
    ];
    assert.deepEqual(a, b);
    assert.ok(atOnce.receipt.reasons.some(({ rule }) => rule === 'erased-subject'));
  }
});

test('each hostile field in each column ends alike', async (t) => {
  const fill = cells(9, 2_500, 0);
  const rows = hostile.map((field, index) => {
    const [base = ''] = cells(100 + index, 1, 0);
    return names.map((_, column) => {
      // The quoted comma of a good row must not be split.
      const fields = base.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)!.map((f) => f.replace(/,$/, ''));
      return fields
        .map((old, at) => (at === column ? field : old))
        .slice(0, names.length)
        .join(',');
    });
  });
  // A few at a time, so that the share of odd rows stays small.
  for (let column = 0; column < names.length; column++) {
    const odd = rows.map((variants) => variants[column]!);
    const { world, atOnce, oneByOne } = await both(t, [header, ...fill, ...odd].join('\n'));
    const label = names[column]!;
    assert.equal(await world.text(atOnce.quarantine), await world.text(oneByOne.quarantine), label);
    assert.equal(atOnce.manifest, oneByOne.manifest, label);
  }
});

test('rows that no strict reader takes alike are read one by one, and the rest goes on', async (t) => {
  for (const odd of [
    'a,b',
    'a"b,,,,,,,,,,',
    '"a"b,,,,,,,,,,',
    'x,"line\nend",1,,,,,,,,',
    '\r',
    '',
    'x,y,1,,,,,,,,,',
  ]) {
    const rows = [...cells(5, 1_500, 0), odd, ...cells(6, 1_500, 0)];
    const { world, atOnce, oneByOne } = await both(t, [header, ...rows].join('\n'));
    assert.equal(await world.text(atOnce.quarantine), await world.text(oneByOne.quarantine), odd);
    assert.equal(atOnce.manifest, oneByOne.manifest);
  }
});

test('Parquet at once ends as its rows do as JSON Lines', async (t) => {
  const world = await testWorld(t);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const path = join(world.folder, 'rows');
  const rows = `SELECT 'user-' || (i % 90) AS account,
    CASE WHEN i % 200 = 0 THEN 'é' ELSE 'item ' || i % 50 END AS item,
    CASE WHEN i % 150 = 0 THEN -9 ELSE i END AS n, CASE WHEN i % 300 = 0 THEN -0.0::DOUBLE ELSE i / 7 END AS rate,
    CASE WHEN i % 170 = 0 THEN 'other' ELSE 'film' END AS kind, CASE WHEN i % 5 = 0 THEN NULL ELSE 'note' END AS note
    FROM range(4000) r(i)`;
  await connection.run(`COPY (${rows}) TO '${path}.parquet' (ROW_GROUP_SIZE 2048)`);
  await connection.run(`COPY (${rows}) TO '${path}.jsonl' (FORMAT json)`);
  connection.closeSync();
  instance.closeSync();
  const { readFile } = await import('node:fs/promises');
  const options = { contract: everything, pseudonyms: port };
  const a = await world.give(await readFile(`${path}.parquet`), { ...options, format: 'parquet' });
  const b = await world.give(await readFile(`${path}.jsonl`), { ...options, format: 'jsonl' });
  assert.equal(await world.text(a.quarantine), await world.text(b.quarantine));
  assert.deepEqual(a.receipt.reasons, b.receipt.reasons);
  const files = async ({ manifest }: DeliveryOutcome) =>
    (await readManifest(world.objects, manifest!)).files.map(({ digest, rows: n }) => [digest, n]);
  assert.deepEqual(await files(a), await files(b));
});
