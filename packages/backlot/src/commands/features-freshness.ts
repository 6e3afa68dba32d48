import type { CommandCall, CommandRun } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import { suggesting } from '../cli/suggesting.ts';
import type { Connection } from '../connect.ts';
import { connected } from './connected.ts';
import { viewNames } from './features-ls.ts';
import { duration, moment } from './show.ts';

/** `backlot features freshness [VIEW]`: how far what is served is behind. */
export async function showFreshness(
  { args, output }: CommandCall,
  { api }: Connection,
): Promise<undefined> {
  const [view] = args;
  const names = view === undefined ? await viewNames(api)() : [view];
  const all = await Promise.all(
    names.map(async (name) => {
      const params = { view: name };
      const ask = () => api.readFeatureFreshness({ params });
      return { view: name, ...(await suggesting(name, viewNames(api), ask)) };
    }),
  );
  const rows = all.map((one) => [
    ...[one.view, one.state, moment(one.through), moment(one.newestEvent), duration(one.lagMs)],
    ...[one.keys, one.pushed],
  ]);
  const head = ['view', 'state', 'built through', 'newest event', 'behind', 'keys', 'pushed'];
  output.result({ views: all }, table([head, ...rows]));
}

export const run: CommandRun = connected(showFreshness);
