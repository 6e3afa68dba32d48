import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { DuckDbSession, quoteText } from '../duckdb/session.ts';
import { contractSource } from '../odcs/contract-source.ts';
import { type TestWorld, testWorld } from '../world.fixture.ts';
import { type InferenceOptions, inferContract } from './infer-contract.ts';

async function inferring(t: TestContext) {
  const world = await testWorld(t);
  let files = 0;
  return async (content: string | Uint8Array, options: Partial<InferenceOptions> = {}) => {
    const path = join(world.folder, `look-${files++}`);
    await writeFile(path, content);
    const found = await inferContract({
      ...{ io: world.io, table: 'plays', path, format: 'csv', compression: 'none' },
      ...{ scratch: world.folder, ...options },
    });
    return { world, path, ...found };
  };
}

/** A delivery of the same bytes against what was inferred from them. */
async function accepted(
  world: TestWorld,
  found: Awaited<ReturnType<Awaited<ReturnType<typeof inferring>>>>,
  format: 'csv' | 'jsonl' | 'parquet',
): Promise<readonly (string | number)[]> {
  const { receipt, status } = await world.give('', {
    ...{ contract: found.contract, source: { path: found.path, format } },
  });
  return [status, receipt.accepted, receipt.quarantined];
}

const kinds = ({ contract }: { contract: { columns: readonly { kind: string }[] } }) =>
  contract.columns.map(({ kind }) => kind).join(' ');

const line = (n: number): string =>
  [
    `u${n},${n},${n + 0.5},2026-01-02,2026-01-02T03:04:05Z,true,${['us', 'fr'][n % 2]}`,
    `00${n % 7},${n % 3 ? 'x y' : ''},,"[1,2]",${1_700_000_000 + n}`,
  ].join(',');
const csv = `userId,plays,rating,day,playedAt,paid,store,code,note,gone,tags,seenAt\n${Array.from(
  { length: 40 },
  (_, n) => line(n),
).join('\n')}\n`;

test('a CSV file gives the contract that takes all its rows, and what is to be decided', async (t) => {
  const infer = await inferring(t);
  const found = await infer(csv);
  assert.equal(kinds(found), 'key int float date timestamp bool oneOf text text text numbers int');
  const optional = found.contract.columns.filter((one) => one.optional).map(({ name }) => name);
  assert.deepEqual(optional, ['note', 'gone']);
  assert.deepEqual(await accepted(found.world, found, 'csv'), ['accepted', 40, 0]);
  const doubts = found.doubts.join('\n');
  assert.equal(found.contract.subject, undefined);
  for (const doubt of [/one of userId subject\(\)/, /purposes/, /seenAt: may be a time/]) {
    assert.match(doubts, doubt);
  }
  assert.match(doubts, /store: 2 texts/);
  assert.match(doubts, /gone: no row has a value/);
  assert.match(contractSource([found.contract]).join('\n'), /store: oneOf\(\['fr', 'us'\]\)/);
  const packed = await infer(gzipSync(csv), { compression: 'gzip' });
  assert.deepEqual(packed.contract, found.contract);
});

test('only so many rows are looked at, and that is said', async (t) => {
  const infer = await inferring(t);
  const found = await infer(`n\n${'1\n'.repeat(50)}x\n`, { maxRows: 50 });
  assert.deepEqual([kinds(found), found.rows], ['int', 50]);
  assert.match(found.doubts[0]!, /only the first 50 rows/);
  const zoneless = await infer('at\n2026-01-02 03:04:05\n2026-01-02 03:04:06\n');
  assert.equal(kinds(zoneless), 'text');
  assert.match(zoneless.doubts[0]!, /^at: times without a zone/);
});

test('JSON Lines: members that some rows lack are optional, bad lines are counted', async (t) => {
  const infer = await inferring(t);
  const rows = ['{"n":1,"s":"a@b.de"}', '{"n":2.5,"more":["x"]}', 'no', '{"s":"c","n":3}'];
  const found = await infer(rows.join('\n'), { format: 'jsonl' });
  assert.equal(kinds(found), 'float text texts');
  assert.deepEqual(
    found.contract.columns.map((one) => one.optional),
    [false, true, true],
  );
  assert.match(found.doubts.join(' '), /1 rows could not.*s: some values look like e-mail/);
  assert.ok(!found.doubts.join('').includes('a@b'), 'no value is said');
});

test('a Parquet file gives what its types say', async (t) => {
  const infer = await inferring(t);
  const world = await testWorld(t);
  const path = join(world.folder, 'rows.parquet');
  const session = await DuckDbSession.open({ memoryMiB: 128, threads: 1, scratch: world.folder });
  await session.run(
    'write',
    `COPY (SELECT i AS "userId", CAST(i AS INTEGER) AS n, i * 9007199254740991 AS big,
      CAST(1.25 AS DECIMAL(9,2)) AS price, i / 2 AS half, DATE '2026-01-02' AS "day",
      TIMESTAMP '2026-01-02 03:04:05' AS "at", [1, 2] AS sizes, ['a'] AS tags,
      CASE i % 3 WHEN 0 THEN 'us' WHEN 1 THEN 'fr' END AS store,
      i / 2 AS "halfId" FROM range(100) r(i)) TO ${quoteText(path)}`,
  );
  session.close();
  const found = await infer(await readFile(path), { format: 'parquet' });
  assert.equal(
    kinds(found),
    'key int int64 decimal float date timestamp numbers texts oneOf float',
  );
  assert.deepEqual(await accepted(found.world, found, 'parquet'), ['accepted', 100, 0]);
});

test('what cannot be a contract is refused without repeating it', async (t) => {
  const infer = await inferring(t);
  await assert.rejects(infer('Play Id\n1\n'), (error: Error) => !/Play Id/.test(error.message));
  await assert.rejects(infer('', { format: 'jsonl' }), { code: 'E-DATA-011' });
  await assert.rejects(infer('x', { format: 'parquet' }), { code: 'E-DATA-011' });
  await assert.rejects(infer(gzipSync(csv).subarray(0, 40), { compression: 'gzip' }), {
    code: 'E-DATA-011',
  });
});

test('whatever the values are, the same file keeps the contract inferred from it', async (t) => {
  const infer = await inferring(t);
  const value = fc.oneof(
    fc.constantFrom(
      '1',
      '-0',
      '007',
      '1e5',
      'NaN',
      'true',
      '2026-02-30',
      '[]',
      '[1',
      '9007199254740993',
    ),
    fc.integer().map(String),
    fc.double().map(String),
    fc.string({ maxLength: 5 }).map((one) => one.replaceAll(/[\0\r\n]/g, '')),
  );
  const rows = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 30 });
  const quoted = (one: string): string => `"${one.replaceAll('"', '""')}"`;
  await fc.assert(
    fc.asyncProperty(rows, async (all) => {
      const content = `itemId,b\n${all.map((row) => row.map(quoted).join(',')).join('\n')}\n`;
      const found = await infer(content);
      const [status, good] = await accepted(found.world, found, 'csv');
      assert.deepEqual([status, good], ['accepted', all.length]);
    }),
    { numRuns: 25 },
  );
});
