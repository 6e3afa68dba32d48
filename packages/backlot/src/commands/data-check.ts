import type { CommandCall, CommandRun } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import { suggesting } from '../cli/suggesting.ts';
import type { Connection } from '../connect.ts';
import { connected } from './connected.ts';
import { tableNames } from './data-ls.ts';

/** `backlot data check TABLE`: its rules on its current snapshot; 1 when one that blocks is broken. */
export async function checkTable(
  { args, options, output }: CommandCall,
  { api }: Connection,
): Promise<number | undefined> {
  const name = args[0]!;
  const { override } = options;
  const body = typeof override === 'string' ? { override } : {};
  const found = await suggesting(name, tableNames(api), () =>
    api.checkTable({ params: { table: name }, body }),
  );
  const rows = found.results.map(({ rule, severity, passed, checked, failing, sample, note }) => [
    ...[passed ? 'ok' : severity === 'block' ? 'broken' : 'warning', rule, checked, failing],
    sample.length > 0 ? `rows ${sample.join(', ')}` : (note ?? ''),
  ]);
  output.result(found, table([['state', 'rule', 'rows', 'bad', ''], ...rows]));
  if (rows.length === 0) output.say(`${name} has no quality rules`);
  if (found.override)
    output.say(`${found.override.actor} lets it be read: ${found.override.reason}`);
  return found.passed ? undefined : 1;
}

export const run: CommandRun = connected(checkTable);
