import type { CommandCall, CommandRun } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import type { Connection } from '../connect.ts';
import { connected } from './connected.ts';
import { moment, size } from './show.ts';

/** `backlot data ls`: the tables that have a contract here, with what is in them. */
export async function listTables({ output }: CommandCall, { api }: Connection): Promise<undefined> {
  const { tables } = await api.listTables();
  const rows = tables.map((one) => [
    ...[one.name, one.columns, one.rows, size(one.bytes), moment(one.at)],
    one.purposes.join(' '),
  ]);
  const head = ['table', 'columns', 'rows', 'size', 'since', 'purposes'];
  output.result({ tables }, rows.length === 0 ? [] : table([head, ...rows]));
  if (tables.length === 0) output.say('nothing was delivered yet: backlot deliver TABLE FILE');
}

export const run: CommandRun = connected(listTables);

/** The names that a mistyped table may have been. */
export function tableNames(api: Connection['api']): () => Promise<readonly string[]> {
  return async () => (await api.listTables()).tables.map(({ name }) => name);
}
