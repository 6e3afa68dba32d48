import type { CommandCall, CommandRun } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import type { Connection } from '../connect.ts';
import { BadOption, countOf } from './bad-option.ts';
import { connected } from './connected.ts';

/** `backlot data sql "SELECT ..." --purpose P`: one question over current snapshots. */
export async function querySql(
  { args, options, output }: CommandCall,
  { api }: Connection,
): Promise<undefined> {
  const { purpose } = options;
  if (typeof purpose !== 'string') {
    throw new BadOption('rows are read for a purpose', 'add --purpose measure, or another');
  }
  const limit = countOf(String(options.limit ?? 100), '--limit', 10_000);
  const found = await api.queryTables({ body: { sql: args[0]!, purpose, limit } });
  const rows = found.rows.map((row) => row.map((value) => (value === null ? '' : text(value))));
  output.result(found, table([found.columns, ...rows]));
  if (found.cut) output.say(`these are the first ${limit} rows: more with --limit`);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export const run: CommandRun = connected(querySql);
