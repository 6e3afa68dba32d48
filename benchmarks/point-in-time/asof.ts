import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { labelledFiles } from './labelled.ts';

/** The same training set as SQL written by hand: one ASOF join for each table of events. */
const task = JSON.parse(process.argv[2]!);
const root = join(import.meta.dirname, '../..');
const files = await labelledFiles(task);
const target = join(
  task.output ?? tmpdir(),
  task.output ? 'set.parquet' : `asof-${process.pid}.parquet`,
);
const instance = await DuckDBInstance.create(':memory:', {
  threads: String(task.threads),
  memory_limit: `${task.memoryMiB}MiB`,
});
const connection = await instance.connect();
const joins = files.events.map(
  (path, view) => `ASOF LEFT JOIN (
    SELECT * FROM read_parquet('${join(root, path)}')
    QUALIFY row_number() OVER (PARTITION BY entity, "at" ORDER BY event DESC) = 1
  ) e${view} ON l.entity = e${view}.entity AND l."at" >= e${view}."at"`,
);
const columns = files.events.map(
  (_, view) => `e${view}.v${view}, e${view}.c${view}, e${view}.d${view}`,
);
const begin = performance.now();
await connection.run(
  `COPY (SELECT l.*, ${columns.join(', ')} FROM read_parquet('${join(root, files.labels)}') l ${joins.join(' ')})
   TO '${target}' (FORMAT parquet, COMPRESSION zstd)`,
);
const seconds = (performance.now() - begin) / 1000;
connection.closeSync();
instance.closeSync();
if (!task.output) await rm(target);
console.log(JSON.stringify({ seconds, peakBytes: process.resourceUsage().maxRSS * 1024 }));
