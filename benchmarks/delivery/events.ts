import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

const root = join(import.meta.dirname, '../..');

/** Drawn events of so many rows: about one in 650 breaks a rule. From the repository's root. */
export function eventsFile(rows: number, format: 'csv' | 'parquet'): string {
  return `.peers/data/events-${rows}.${format}`;
}

/** Writes the events once for both sides. */
export async function prepareEvents(rows: number, format: 'csv' | 'parquet'): Promise<string> {
  const path = join(root, eventsFile(rows, format));
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const at =
    'make_timestamp(1767225600000000 - CAST(hash(i * 3 + 2) % 31536000000 AS BIGINT) * 1000)';
  const playedAt = format === 'csv' ? `strftime(${at}, '%Y-%m-%dT%H:%M:%S.%gZ')` : at;
  const events = `SELECT 'account-' || (hash(i) % ${Math.ceil(rows / 20)}) AS account,
      'item-' || (hash(i * 7 + 1) % 50000) AS item, i AS id, ${playedAt} AS playedAt,
      CASE WHEN hash(i * 11) % 1000 = 0 THEN -5
        ELSE CAST(hash(i * 5 + 3) % 10000000 AS BIGINT) END AS msPlayed,
      CASE WHEN hash(i * 13) % 2000 = 0 THEN 'xx'
        ELSE ['us', 'fr', 'jp', 'de', 'br'][CAST(1 + hash(i * 17) % 5 AS INTEGER)] END AS storefront,
      CASE WHEN hash(i * 19) % 4 = 0 THEN NULL
        ELSE CAST(hash(i * 23) % 51 AS DOUBLE) / 10 END AS rating
    FROM range(${rows}) t(i)`;
  const options = format === 'csv' ? '(HEADER)' : '(FORMAT parquet)';
  await connection.run(`COPY (${events}) TO '${path}.part' ${options}`);
  connection.closeSync();
  instance.closeSync();
  // Renamed last: its presence says that it is whole.
  renameSync(`${path}.part`, path);
  return path;
}
