import type { CommandCall, CommandRun } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import { suggesting } from '../cli/suggesting.ts';
import type { Connection } from '../connect.ts';
import { connected } from './connected.ts';
import { viewNames } from './features-ls.ts';
import { duration, moment } from './show.ts';

/** `backlot features show VIEW`: its features and what they are computed from. */
export async function showFeatures(
  { args, output }: CommandCall,
  { api }: Connection,
): Promise<undefined> {
  const view = args[0]!;
  const found = await suggesting(view, viewNames(api), () =>
    api.readFeatures({ params: { view } }),
  );
  const rows = found.features.map((one) => [
    ...[one.name, one.type, one.aggregate, one.column ?? '-'],
    ...[one.windowMs === undefined ? '-' : duration(one.windowMs), one.error ?? 'exact'],
  ]);
  const { entity, at, event, tables, purposes, freshness } = found;
  output.result(found, [
    `${found.name}  ${found.digest}`,
    `of ${entity.name} (${entity.key}), from ${tables.join(', ')}, by ${at}, events named by ${event}`,
    `for ${purposes.join(', ')}; ${freshness.state}, built through ${moment(freshness.through)}`,
    ...table([['feature', 'type', 'aggregate', 'column', 'window', 'error'], ...rows]),
  ]);
}

export const run: CommandRun = connected(showFeatures);
