import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  contractData,
  contractDigest,
  float,
  int,
  key,
  type Snapshot,
  subject,
  type Table,
  table,
  text,
  timestamp,
} from '@backlot/data';
import { DuckDBInstance } from '@duckdb/node-api';

const purposes = { purposes: ['measure'] } as const;

/** Plays of a store, as many as are asked for. */
export const plays = table(
  'plays',
  {
    playId: int(),
    account: subject(),
    item: key(),
    kind: text(),
    playedAt: timestamp(),
    ms: int(),
    rating: float().optional(),
  },
  purposes,
);
export const accounts = table(
  'accounts',
  { id: subject(), country: text(), joinedAt: timestamp() },
  purposes,
);

const root = join(import.meta.dirname, '../..');

/** 200,000 accounts and 50,000 items, of which some are met far more often than others; a year. */
const drawn = {
  plays: (rows: number) => `SELECT i AS "playId",
      md5(CAST(CAST(floor(200000 * pow(hash(i * 7 + 1) / pow(2, 64), 2)) AS BIGINT) AS VARCHAR)) AS account,
      'item-' || CAST(floor(50000 * pow(hash(i * 7 + 2) / pow(2, 64), 3)) AS BIGINT) AS item,
      ['film', 'series', 'song', 'book'][CAST(1 + hash(i * 7 + 3) % 4 AS BIGINT)] AS kind,
      CAST(make_timestamp(1735689600000000 + CAST(hash(i * 7 + 4) % 31536000000 AS BIGINT) * 1000)
        AS TIMESTAMPTZ) AS "playedAt",
      CAST(hash(i * 7 + 5) % 600000 AS BIGINT) AS ms,
      CASE WHEN hash(i * 7 + 6) % 3 = 0 THEN (hash(i * 7 + 6) % 11) / 2.0 END AS rating
    FROM range(${rows}) AS r(i)`,
  accounts: () => `SELECT md5(CAST(i AS VARCHAR)) AS id,
      ['de', 'us', 'fr', 'jp', 'br'][CAST(1 + hash(i) % 5 AS BIGINT)] AS country,
      CAST(make_timestamp(1704067200000000 + CAST(hash(i + 1) % 31536000000 AS BIGINT) * 1000)
        AS TIMESTAMPTZ) AS "joinedAt"
    FROM range(200000) AS r(i)`,
};

/** The file of a table, drawn when it is not there yet. */
export async function tableFile(name: keyof typeof drawn, rows: number): Promise<string> {
  const path = join(root, `.peers/data/relations-${name}-${rows}.parquet`);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  await connection.run(`SET TimeZone = 'UTC'`);
  await connection.run(
    `COPY (${drawn[name](rows)}) TO '${path}.part' (FORMAT parquet, COMPRESSION zstd)`,
  );
  connection.closeSync();
  instance.closeSync();
  renameSync(`${path}.part`, path);
  return path;
}

/** A file as the snapshot that it would be had it been delivered. */
export function asSnapshot(made: Table, path: string): Snapshot {
  const contract = contractData(made);
  const digest = contractDigest(contract);
  const manifest = {
    kind: 'snapshot',
    table: contract.table,
    contract,
    contractDigest: digest,
    rows: 0,
    buckets: 1,
    files: [],
    delivery: '',
  } as const;
  return { digest, manifest, purpose: 'measure', paths: [path] };
}
