import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { seededRandom } from '@backlot/core';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  bool,
  type Column,
  date,
  decimal,
  float,
  int,
  int64,
  key,
  numbers,
  text,
  texts,
  timestamp,
  type ValueType,
} from '../column.ts';
import { type Table, table } from '../contract.ts';
import { openDuckDb } from '../duckdb/engine.ts';
import { relation } from '../relations/relation.ts';
import { readManifest } from '../snapshots/manifest.ts';
import { openSnapshot } from '../snapshots/snapshot.ts';
import { type TestWorld, testWorld } from '../world.fixture.ts';

type AnyColumn = Column<ValueType, boolean, unknown>;

/** A table with a row id and one column to try. */
function tried(column: AnyColumn): Table<'tried', { id: AnyColumn; v: AnyColumn }, 'debug'> {
  return table('tried', { id: int(), v: column }, { purposes: ['debug'], maxBadShare: 0.999 });
}

interface Tried {
  readonly kept: Readonly<Record<string, unknown>>;
  readonly broken: Readonly<Record<string, string>>;
}

/** Delivers each writing as a row; tells what was kept and which rule the others broke. */
async function tryValues(
  world: TestWorld,
  column: AnyColumn,
  format: 'csv' | 'jsonl',
  writings: readonly string[],
  filler: string,
): Promise<Tried> {
  const contract = tried(column);
  const all = [...writings, filler];
  const lines =
    format === 'csv'
      ? ['id,v', ...all.map((writing, index) => `${index},${writing}`)]
      : all.map((writing, index) => `{"id":${index},"v":${writing}}`);
  const outcome = await world.give(lines.join('\n'), { contract, format });
  const quarantine = (await world.text(outcome.quarantine))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const snapshot = await openSnapshot(world.objects, outcome.manifest!, { purpose: 'debug' });
  const engine = openDuckDb({
    io: world.io,
    memoryMiB: 256,
    threads: 1,
    scratch: join(world.folder, 'engine'),
  });
  const rows = await engine.rows(relation(contract).sort('id'), {
    snapshots: [snapshot],
    purpose: 'debug',
  });
  const kept = rows
    .map((row) => [all[Number(row.id)], row.v] as const)
    .filter(([writing]) => writing !== filler);
  return {
    kept: Object.fromEntries(kept),
    broken: Object.fromEntries(quarantine.map(({ row, rule }) => [all[row - 1], rule])),
  };
}

test('whole numbers are kept exactly or not at all', async (t) => {
  const world = await testWorld(t);
  const small = {
    '0': 0,
    '-1': -1,
    '9007199254740991': 9007199254740991,
    '-9007199254740991': -9007199254740991,
  };
  const wrong = [
    '-0',
    '007',
    '1.0',
    '1e3',
    '0x1F',
    '1_000',
    '٣',
    'NaN',
    'Infinity',
    ' 5',
    '5 ',
    '--5',
    '-',
    '1'.repeat(400),
  ];
  const { kept, broken } = await tryValues(
    world,
    int(),
    'csv',
    [
      ...Object.keys(small),
      '"+5"',
      '9007199254740992',
      '-9007199254740993',
      '9'.repeat(25),
      ...wrong,
    ],
    '1',
  );
  assert.deepEqual(kept, small);
  assert.deepEqual(broken['9007199254740992'], 'above-max');
  assert.deepEqual(broken['-9007199254740993'], 'below-min');
  assert.deepEqual(broken['9'.repeat(25)], 'above-max');
  assert.deepEqual(
    wrong.filter((writing) => broken[writing] === undefined),
    [],
  );
  const large = {
    '9007199254740993': 9007199254740993n,
    '9223372036854775807': 2n ** 63n - 1n,
    '-9223372036854775808': -(2n ** 63n),
  };
  for (const format of ['csv', 'jsonl'] as const) {
    const found = await tryValues(
      world,
      int64(),
      format,
      [...Object.keys(large), '9223372036854775808', '-9223372036854775809'],
      '1',
    );
    assert.deepEqual(found.kept, large);
    assert.deepEqual(found.broken, {
      '9223372036854775808': 'above-max',
      '-9223372036854775809': 'below-min',
    });
  }
});

test('floats are finite, and only negative zero is changed', async (t) => {
  const world = await testWorld(t);
  const good = {
    '0.1': 0.1,
    '5e-324': 5e-324,
    '1.7976931348623157e308': Number.MAX_VALUE,
    '-2.5': -2.5,
    '123456789012345678': 123456789012345680,
    '-0.0': 0,
    '.5': 0.5,
  };
  const { kept, broken } = await tryValues(
    world,
    float(),
    'csv',
    [
      ...Object.keys(good),
      'NaN',
      '-inf',
      'Infinity',
      '1e999',
      '1.7976931348623159e308',
      '1,5"',
      '0x10',
      '1.5f',
      '',
    ],
    '1.5',
  );
  assert.deepEqual(kept, good);
  assert.ok(Object.is(kept['-0.0'], 0));
  for (const writing of ['NaN', '-inf', 'Infinity', '1e999', '1.7976931348623159e308'])
    assert.equal(broken[writing], 'not-finite');
  assert.equal(broken['0x10'], 'not-a-number');
  assert.equal(broken[''], 'missing');
  const json = await tryValues(
    world,
    float(),
    'jsonl',
    ['1e999', '-0', 'null', 'true', '[1]', '{}', '1.25'],
    '1.5',
  );
  assert.deepEqual(json, {
    kept: { '-0': 0, '1.25': 1.25 },
    broken: {
      '1e999': 'not-finite',
      null: 'missing',
      true: 'wrong-type',
      '[1]': 'wrong-type',
      '{}': 'wrong-type',
    },
  });
});

test('decimals, booleans, days and moments have one writing each', async (t) => {
  const world = await testWorld(t);
  const price = await tryValues(
    world,
    decimal(2).min('0'),
    'csv',
    ['0.1', '999999999999999.99', '1.230', '1.234', '-1', '1e2', '9999999999999999999'],
    '1',
  );
  assert.deepEqual(price.kept, {
    '0.1': '0.10',
    '999999999999999.99': '999999999999999.99',
    '1.230': '1.23',
  });
  assert.deepEqual(price.broken, {
    '1.234': 'too-many-decimals',
    '-1': 'below-min',
    '1e2': 'not-a-number',
    '9999999999999999999': 'above-max',
  });
  const fine = await tryValues(
    world,
    decimal(9),
    'csv',
    ['0.000000001', '-123456789.123456789'],
    '1',
  );
  assert.deepEqual(fine.kept, {
    '0.000000001': '0.000000001',
    '-123456789.123456789': '-123456789.123456789',
  });
  const flags = await tryValues(
    world,
    bool(),
    'csv',
    ['true', 'false', 'TRUE', '1', 'yes'],
    'true',
  );
  assert.deepEqual(
    [flags.kept, Object.values(flags.broken)],
    [{ false: false }, ['not-a-boolean', 'not-a-boolean', 'not-a-boolean']],
  );
  const days = await tryValues(
    world,
    date(),
    'csv',
    ['2024-02-29', '1969-12-31', '2023-02-29', '2026-13-01', '1500-01-01', '26-01-01', '2026-1-1'],
    '2026-01-01',
  );
  assert.deepEqual(days.kept, { '2024-02-29': 19782, '1969-12-31': -1 });
  assert.equal(days.broken['1500-01-01'], 'below-min');
  const moments = [
    '2026-01-01T00:00:00Z',
    '2026-01-01T01:30:00.000001+01:30',
    '2026-01-01 00:00:00-00:00',
    '1969-12-31T23:59:59.999999Z',
  ];
  const bad = [
    '2026-01-01T00:00:00',
    '2026-01-01',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00.1234567Z',
    '2026-01-01T00:00:00+0100',
    '1767225600',
  ];
  const found = await tryValues(
    world,
    timestamp(),
    'csv',
    [...moments, ...bad],
    '2026-06-01T00:00:00Z',
  );
  const start = Date.UTC(2026, 0, 1) * 1000;
  assert.deepEqual(Object.values(found.kept), [start, start + 1, start, -1]);
  assert.deepEqual(
    Object.values(found.broken),
    bad.map(() => 'not-a-timestamp'),
  );
  const epoch = await tryValues(
    world,
    timestamp({ epoch: 's' }),
    'csv',
    ['1767225600', '-1', '1e9', '99999999999999'],
    '1',
  );
  assert.deepEqual(
    [epoch.kept, epoch.broken],
    [
      { '1767225600': start, '-1': -1_000_000 },
      { '1e9': 'not-a-timestamp', '99999999999999': 'above-max' },
    ],
  );
});

test('texts are whole, identifiers have no hidden or unnormalised characters', async (t) => {
  const world = await testWorld(t);
  const writings = [
    'plain',
    'caf\u00e9',
    'cafe\u0301',
    'a\u202eb',
    'a\u200bb',
    '\u{1f600}',
    '"a\nb"',
    'a\0b',
    'x'.repeat(257),
  ];
  const keys = await tryValues(world, key(), 'csv', writings, 'k');
  assert.deepEqual(Object.keys(keys.kept), ['plain', 'caf\u00e9', '\u{1f600}']);
  assert.deepEqual(Object.values(keys.broken), [
    'not-normalised',
    'hidden-character',
    'hidden-character',
    'hidden-character',
    'nul-character',
    'too-long',
  ]);
  const free = await tryValues(
    world,
    text().maxLength(5),
    'csv',
    ['cafe\u0301', '\u{1f600}'.repeat(5), '\u{1f600}'.repeat(6), 'a\u202eb', 'a\0b', '""'],
    't',
  );
  assert.deepEqual(free.broken, { ['\u{1f600}'.repeat(6)]: 'too-long', 'a\0b': 'nul-character' });
  assert.equal(free.kept['""'], '');
  const ids = await tryValues(
    world,
    key(),
    'jsonl',
    ['9007199254740993', '"7"', '1.5', '1e3', 'true'],
    '"k"',
  );
  assert.deepEqual(ids, {
    kept: { '9007199254740993': '9007199254740993', '"7"': '7' },
    broken: { '1.5': 'wrong-type', '1e3': 'wrong-type', true: 'wrong-type' },
  });
});

test('lists are flat, bounded and finite', async (t) => {
  const world = await testWorld(t);
  const words = await tryValues(
    world,
    texts().maxItems(3),
    'jsonl',
    [
      '["a","b"]',
      '[]',
      '["\\u00e9 \\"q\\""]',
      '[1]',
      '["a",null]',
      '[["a"]]',
      '["a","b","c","d"]',
      '"a"',
      '{"0":"a"}',
    ],
    '["z"]',
  );
  assert.deepEqual(Object.values(words.kept), [['a', 'b'], [], ['é "q"']]);
  assert.deepEqual(Object.values(words.broken), [
    'wrong-type',
    'wrong-type',
    'wrong-type',
    'too-many-items',
    'not-json',
    'wrong-type',
  ]);
  const vectors = await tryValues(
    world,
    numbers(),
    'csv',
    ['"[0.1,-0,5e-324]"', '"[1e999]"', '"[1"', '"{}"', '1'],
    '[9]',
  );
  assert.deepEqual(vectors.kept['"[0.1,-0,5e-324]"'], [0.1, 0, 5e-324]);
  assert.deepEqual(Object.values(vectors.broken), [
    'wrong-type',
    'not-finite',
    'not-json',
    'wrong-type',
  ]);
});

const anyTable = table('any', { v: int() }, { purposes: ['debug'], maxBadShare: 0.5 });

test('compressed data is bounded in size and in ratio, and must be whole', async (t) => {
  const world = await testWorld(t);
  const rows = `v\n${Array.from({ length: 20_000 }, (_, index) => index * 7919).join('\n')}\n`;
  const packed = gzipSync(rows);
  const give = async (bytes: Uint8Array, limits = {}) => {
    const { digest } = await world.objects.put(bytes);
    const { status, receipt } = await world.give('', {
      contract: anyTable,
      limits,
      source: { object: digest, format: 'csv', compression: 'gzip' },
    });
    return receipt.reasons[0]?.rule ?? status;
  };
  assert.equal(await give(packed), 'accepted');
  assert.equal(
    await give(gzipSync(Buffer.concat([Buffer.from('v\n'), Buffer.alloc(60_000_000, '1\n')]))),
    'compression-ratio',
  );
  assert.equal(await give(packed, { maxBytes: 1000 }), 'too-large');
  assert.equal(await give(packed, { maxSourceBytes: 1000 }), 'too-large');
  assert.equal(await give(packed, { maxRows: 10 }), 'too-many-rows');
  assert.equal(await give(packed.subarray(0, packed.length - 20)), 'bad-compression');
  assert.equal(await give(Buffer.concat([packed, Buffer.from('more')])), 'bad-compression');
  assert.equal(await give(Buffer.from('not gzip at all')), 'bad-compression');
  const broken = Buffer.from(packed);
  broken[Math.floor(broken.length / 2)]! ^= 0xff;
  assert.equal(await give(broken), 'bad-compression');
});

async function parquet(world: TestWorld, name: string, sql: string): Promise<Buffer> {
  await mkdir(join(world.folder, 'parquet'), { recursive: true });
  const path = join(world.folder, 'parquet', name);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`SET TimeZone = 'UTC'`);
  await connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return readFile(path);
}

test('Parquet goes through the same rules as text', async (t) => {
  const world = await testWorld(t);
  const columns = {
    id: int(),
    f: float().optional(),
    at: timestamp(),
    d: date(),
    s: text().maxLength(3),
    tags: texts().optional(),
    k: key(),
    price: decimal(2),
  };
  const contract = table('pq', columns, { purposes: ['debug'], maxBadShare: 0.9 });
  const row = (
    id: string,
    f: string,
    at = `TIMESTAMPTZ '2026-01-01 00:00:00+00'`,
    s = `'abc'`,
    d = `DATE '2026-01-01'`,
  ) =>
    `SELECT ${id}::BIGINT AS id, ${f}::DOUBLE AS f, ${at} AS at, ${d} AS d, ${s} AS s,
       ['x', 'y'] AS tags, 9007199254740993 AS k, 1.5::DECIMAL(10,2) AS price`;
  const bytes = await parquet(
    world,
    'good.parquet',
    [
      row('1', 'NULL'),
      row('2', `'NaN'`),
      row('3', `'inf'`),
      row('9007199254740993', '1'),
      row('4', '1', `'infinity'::TIMESTAMPTZ`),
      row('5', '1', undefined, `'four'`),
      row('6', '-0.0'),
      row('7', '1', undefined, undefined, `'infinity'::DATE`),
    ].join(' UNION ALL '),
  );
  const outcome = await world.give(bytes, { contract, format: 'parquet' });
  const quarantine = (await world.text(outcome.quarantine))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    quarantine.map(({ row: at, column, rule }) => [at, column, rule]),
    [
      [2, 'f', 'not-finite'],
      [3, 'f', 'not-finite'],
      [4, 'id', 'above-max'],
      [5, 'at', 'above-max'],
      [6, 's', 'too-long'],
      [8, 'd', 'above-max'],
    ],
  );
  const snapshot = await openSnapshot(world.objects, outcome.manifest!, { purpose: 'debug' });
  const engine = openDuckDb({
    io: world.io,
    memoryMiB: 256,
    threads: 1,
    scratch: join(world.folder, 'engine'),
  });
  const rows = await engine.rows(relation(contract).sort('id'), {
    snapshots: [snapshot],
    purpose: 'debug',
  });
  assert.deepEqual(
    rows.map(({ id, f }) => [id, f]),
    [
      [1, null],
      [6, 0],
    ],
  );
  assert.deepEqual(
    [rows[0]?.tags, rows[0]?.k, rows[0]?.price],
    [['x', 'y'], '9007199254740993', '1.50'],
  );
});

test('Parquet with the wrong types or columns is refused', async (t) => {
  const world = await testWorld(t);
  for (const [sql, rule] of [
    [`SELECT '5' AS v`, 'wrong-type'],
    ['SELECT 5.5::DOUBLE AS v', 'wrong-type'],
    ['SELECT 5::HUGEINT AS v', 'wrong-type'],
    [`SELECT uuid() AS v`, 'wrong-type'],
    ['SELECT 5 AS w', 'unknown-column'],
    ['SELECT 5 AS V', 'renamed-column'],
    ['SELECT 5 AS v WHERE false', 'empty'],
  ] as const) {
    const { receipt } = await world.give(await parquet(world, 'wrong.parquet', sql), {
      contract: anyTable,
      format: 'parquet',
    });
    assert.equal(receipt.reasons[0]?.rule, rule, sql);
  }
});

test('Parquet that is cut, flipped or lies about itself is refused or read as rows, never worse', async (t) => {
  const world = await testWorld(t);
  const whole = await parquet(world, 'whole.parquet', 'SELECT range AS v FROM range(3000)');
  const give = async (bytes: Uint8Array) =>
    (await world.give(bytes, { contract: anyTable, format: 'parquet' })).receipt;
  const withFooter = (length: number): Buffer => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32LE(length, bytes.length - 8);
    return bytes;
  };
  const cases = [
    Buffer.alloc(0),
    Buffer.from('PAR1PAR1'),
    Buffer.from('PAR1\0\0\0\0PAR1'),
    whole.subarray(0, -1),
    whole.subarray(0, 500),
    whole.subarray(100),
    withFooter(0),
    withFooter(2 ** 32 - 1),
    withFooter(whole.length),
    withFooter(10),
  ];
  for (const bytes of cases) assert.equal((await give(bytes)).reasons[0]?.rule, 'bad-parquet');
  const random = seededRandom(20260101);
  let refused = 0;
  for (let round = 0; round < 30; round++) {
    const bytes = Buffer.from(whole);
    for (let flips = 0; flips < 3; flips++)
      bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    const receipt = await give(bytes);
    if (receipt.status === 'refused') refused++;
    else assert.ok(receipt.rows <= 3000);
  }
  assert.ok(refused > 0);
});

test('ordinary decimals of any scale come alike from CSV and from Parquet', async (t) => {
  const world = await testWorld(t);
  for (const [scale, value] of [
    [9, '1.5'],
    [6, '2000000.5'],
    [0, '999999999999999999'],
    [9, '-999999999.999999999'],
  ] as const) {
    const contract = table('pq', { price: decimal(scale) }, { purposes: ['debug'] });
    const places = value.split('.')[1]?.length ?? 0;
    const query = `SELECT ${value}::DECIMAL(18,${places}) AS price`;
    const bytes = await parquet(world, `decimal-${scale}-${places}.parquet`, query);
    const given = await world.give(bytes, { contract, format: 'parquet' });
    assert.deepEqual([given.status, given.receipt.reasons], ['accepted', []], value);
    const csv = await world.give(`price\n${value}\n`, { contract });
    const files = async (digest: typeof given.manifest) =>
      (await readManifest(world.objects, digest!)).files.map((file) => file.digest);
    assert.equal(csv.status, 'accepted');
    assert.deepEqual(await files(given.manifest), await files(csv.manifest));
  }
});
