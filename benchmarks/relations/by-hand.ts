import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { pairs } from './relations.ts';
import { tableFile } from './tables.ts';

/** The same SQL written by hand, under the same settings of the same engine. */
const task = JSON.parse(process.argv[2]!);
const { how, sql } = pairs[task.relation]!;
const files = {
  plays: await tableFile('plays', task.rows),
  accounts: await tableFile('accounts', 200_000),
};
const scratch = await mkdtemp(join(tmpdir(), 'backlot-bench-'));
const begin = performance.now();
const instance = await DuckDBInstance.create(':memory:', {
  threads: String(task.threads),
  memory_limit: `${task.memoryMiB}MiB`,
  temp_directory: `${scratch}/spill`,
});
const connection = await instance.connect();
await connection.run(`SET TimeZone = 'UTC'`);
await connection.run('SET preserve_insertion_order = true');
for (const [name, path] of Object.entries(files)) {
  await connection.run(`CREATE TEMP VIEW ${name} AS FROM read_parquet('${path}')`);
}
const rows = how === 'write' ? await write() : await read();
const seconds = (performance.now() - begin) / 1000;
const peakBytes = process.resourceUsage().maxRSS * 1024;
await rm(scratch, { recursive: true });
if (task.output) await writeFile(join(task.output, 'rows.json'), JSON.stringify(rows));
console.log(JSON.stringify({ seconds, peakBytes }));

async function write(): Promise<number> {
  const options = '(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 122880)';
  const result = await connection.run(`COPY (${sql}) TO '${scratch}/result.parquet' ${options}`);
  return Number((await result.getRows())[0]?.[0]);
}

/** The way of the binding's documentation; the columns are arrays of its values. */
async function read(): Promise<number> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getColumns()[0]?.length ?? 0;
}
