import type { CommandCall, CommandRun } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import type { Connection } from '../connect.ts';
import { connected } from './connected.ts';
import { moment, shortDigest } from './show.ts';

/** `backlot features ls`: the feature views, and how fresh they are. */
export async function listFeatures(
  { output }: CommandCall,
  { api }: Connection,
): Promise<undefined> {
  const { views } = await api.listFeatures();
  const rows = views.map(({ name, digest, entity, features, tables, freshness }) => [
    ...[name, shortDigest(digest), entity, features, tables.join(' ')],
    ...[freshness.state, moment(freshness.newestEvent)],
  ]);
  const head = ['view', 'version', 'entity', 'features', 'tables', 'state', 'newest event'];
  output.result({ views }, rows.length === 0 ? [] : table([head, ...rows]));
  if (views.length === 0)
    output.say('no feature view is defined: see features in backlot.config.ts');
}

export const run: CommandRun = connected(listFeatures);

/** The names that a mistyped view may have been. */
export function viewNames(api: Connection['api']): () => Promise<readonly string[]> {
  return async () => (await api.listFeatures()).views.map(({ name }) => name);
}
