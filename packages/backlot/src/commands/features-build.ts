import type { CommandCall, CommandRun } from '../cli/command.ts';
import { suggesting } from '../cli/suggesting.ts';
import type { Connection } from '../connect.ts';
import { connected } from './connected.ts';
import { viewNames } from './features-ls.ts';
import { moment } from './show.ts';

/** `backlot features build VIEW`: brings what is served up to the tables. */
export async function buildFeatures(
  { args, options, output }: CommandCall,
  { api }: Connection,
): Promise<undefined> {
  const view = args[0]!;
  const body = { whole: options.whole === true };
  const built = await suggesting(view, viewNames(api), () =>
    api.buildFeatures({ params: { view }, body }),
  );
  const how = built.resumed ? ', going on where a build broke off' : '';
  const said = `${built.keys} keys from ${built.events} events, through ${moment(built.to)}${how}`;
  output.result(built, [said]);
}

export const run: CommandRun = connected(buildFeatures);
