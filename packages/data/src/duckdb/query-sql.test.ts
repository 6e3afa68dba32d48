import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { BadQuery, TableMissing } from '../data-error.ts';
import { openSnapshot } from '../snapshots/snapshot.ts';
import { header, testWorld } from '../world.fixture.ts';
import { querySql } from './query-sql.ts';

test('one SELECT is answered over declared tables, without what is personal; all else is refused', async (t) => {
  const { io, folder, objects, give } = await testWorld(t);
  const { manifest } = await give(
    `${header}\nalice,a,2024-03-01T10:00:00Z,1,us,,\nbob,b,2024-03-01T10:00:00Z,2,fr,1.5,hi\n`,
  );
  const ask = (sql: string, maxRows = 10) =>
    querySql(sql, {
      ...{ io, memoryMiB: 256, threads: 1, scratch: join(folder, 'sql'), maxRows },
      open: async (table) => {
        if (table !== 'plays') throw new TableMissing(table);
        return openSnapshot(objects, manifest!, { purpose: 'measure' });
      },
    });
  const { columns, rows, cut } = await ask(
    'WITH p AS (SELECT * FROM plays) SELECT item, sum("msPlayed") AS ms FROM p GROUP BY 1 ORDER BY 1; -- done',
  );
  assert.deepEqual(
    [columns, rows, cut],
    [
      ['item', 'ms'],
      [
        ['a', '1'],
        ['b', '2'],
      ],
      false,
    ],
  );
  assert.equal((await ask('SELECT * FROM plays, range(3)', 2)).cut, true);
  const path = (await openSnapshot(objects, manifest!, { purpose: 'measure' })).paths[0]!;
  for (const sql of [
    `SELECT * FROM read_parquet('${path}')`,
    `SELECT * FROM parquet_scan('${path}')`,
    `SELECT (SELECT count(*) FROM read_text('${path}'))`,
    'SELECT * FROM duckdb_settings()',
    'SELECT * FROM main.plays',
    "SELECT current_setting('allowed_paths')",
    "SELECT * FROM query('SELECT 1')",
    'DESCRIBE plays',
    'SELECT 1; SELECT 2',
    "COPY plays TO 'x'",
    'DROP VIEW plays',
    'SELECT',
    'SELECT account FROM plays',
    "SELECT item FROM plays WHERE account = 'x'",
    'SELECT nowhere FROM plays',
  ]) {
    await assert.rejects(ask(sql), BadQuery, sql);
  }
  await assert.rejects(ask('SELECT * FROM other'), TableMissing);
  for (const sql of [
    `SELECT * FROM '${path}'`,
    'SELECT * FROM information_schema',
    'SELECT sql FROM duckdb_views, plays, (WITH duckdb_views AS (SELECT 1) SELECT 1 AS one)',
    'SELECT * FROM sqlite_master, (WITH sqlite_master AS (SELECT 1) SELECT 1 AS one)',
    'SELECT * FROM pragma_database_list, (WITH pragma_database_list AS (SELECT 1) SELECT 1 AS x)',
    `SELECT * FROM '/etc/hosts', (WITH "/etc/hosts" AS (SELECT 1) SELECT 1 AS x)`,
  ]) {
    await assert.rejects(ask(sql), BadQuery, sql);
  }
  await assert.rejects(ask('SELECT account FROM plays'), /column account is pseudonym/);
});
