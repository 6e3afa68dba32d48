import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { createId, isName } from '@backlot/core';
import { contractSource, inferContract } from '@backlot/data';
import type { CommandCall } from '../cli/command.ts';
import { BadOption, countOf } from './bad-option.ts';
import { formatOf, NoSuchFile } from './deliver.ts';

/** `backlot data add FILE`: a definition to paste on stdout, what is to be decided on stderr. */
export async function run({
  args,
  options,
  output,
  io,
  cwd,
  signal,
}: CommandCall): Promise<undefined> {
  const path = resolve(cwd, args[0]!);
  const name = basename(path);
  const { format, compression = 'none' } = formatOf(name);
  const maxRows = countOf(String(options.rows ?? 10_000), '--rows', 1_000_000);
  const table = typeof options.table === 'string' ? options.table : tableName(name);
  if (!isName(table)) throw new BadOption('the table needs a name', 'add --table NAME');
  if ((await io.files.stat(path))?.kind !== 'file') throw new NoSuchFile(path);
  const scratch = join(tmpdir(), `backlot-look-${createId(io.random)}`);
  await io.files.makeFolder(scratch);
  try {
    const found = await inferContract({
      ...{ io, table, path, format, compression, scratch, maxRows, signal },
    });
    output.result(found, contractSource([found.contract]));
    output.say(`// ${found.rows} rows were looked at`);
    for (const doubt of found.doubts) output.say(`// ${doubt}`);
  } finally {
    await io.files.remove(scratch);
  }
}

/** The file's name without its endings, as a table may be called. */
function tableName(file: string): string {
  return file
    .toLowerCase()
    .replace(/\.(?:csv|jsonl|ndjson|parquet)(?:\.gz)?$/, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+|-+$/g, '');
}
