import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** Labels and tables of events, drawn once into Parquet files that all sides read. */
export interface Labelled {
  readonly labels: number;
  /** How many tables of events, each with three columns of its own. */
  readonly views: number;
  /** In each table. */
  readonly events: number;
  readonly entities: number;
}

const root = join(import.meta.dirname, '../..');

/** The files' paths from the root; they are written when they are not there. */
export async function labelledFiles(drawn: Labelled): Promise<{
  readonly labels: string;
  readonly events: readonly string[];
}> {
  const folder = `.peers/data/point-in-time-${drawn.labels}-${drawn.views}x${drawn.events}`;
  await mkdir(join(root, folder), { recursive: true });
  const from = "TIMESTAMPTZ '2026-01-01 00:00:00Z'";
  const key = (seed: number) => `'u' || (hash(i * 31 + ${seed}) % ${drawn.entities})`;
  const at = (seed: number) =>
    `${from} + to_microseconds(CAST(hash(i * 17 + ${seed}) % 7776000000000 AS BIGINT))`;
  const labels = await written(
    `${folder}/labels.parquet`,
    `SELECT i AS label, ${key(1)} AS entity, ${at(2)} AS at FROM range(${drawn.labels}) t(i)`,
  );
  const events: string[] = [];
  for (let view = 0; view < drawn.views; view++) {
    const columns = `CAST(hash(i + ${view}) % 100000 AS DOUBLE) / 8 AS v${view}, CAST(i % 1000 AS BIGINT) AS c${view},
      CAST(hash(i * 7 + ${view}) % 1000 AS BIGINT) AS d${view}`;
    const sql = `SELECT CAST(i AS BIGINT) AS event, ${key(view + 10)} AS entity, ${at(view + 20)} AS at,
      ${columns} FROM range(${drawn.events}) t(i)`;
    events.push(await written(`${folder}/events-${view}.parquet`, sql));
  }
  return { labels, events };
}

async function written(path: string, sql: string): Promise<string> {
  const target = join(root, path);
  if (existsSync(target)) return path;
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`COPY (${sql}) TO '${target}.part' (FORMAT parquet, COMPRESSION zstd)`);
  connection.closeSync();
  instance.closeSync();
  await rename(`${target}.part`, target);
  return path;
}

/** What a training set holds: its rows, and for each view labels that found an event, and sums. */
export async function contentOf(
  path: string,
  views: number,
): Promise<Readonly<Record<string, number>>> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const parts = Array.from(
    { length: views },
    (_, view) => `count(v${view}), coalesce(sum(c${view}), 0)`,
  );
  const result = await connection.run(
    `SELECT count(*), ${parts.join(', ')} FROM read_parquet('${path}')`,
  );
  const [rows, ...sums] = (await result.getRows())[0]!.map(Number);
  connection.closeSync();
  instance.closeSync();
  return { rows: rows!, content: sums.reduce((total, one) => total + one, 0) };
}
