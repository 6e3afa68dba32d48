import { join } from 'node:path';
import type { CommandCall, CommandRun } from '../cli/command.ts';
import type { Connection } from '../connect.ts';
import { backupsOf } from '../owner/home.ts';
import { connected } from './connected.ts';
import { size } from './show.ts';

/** `backlot backup`: a consistent copy of the state folder, in the folder of backups beside it. */
export async function backUp(
  { output }: CommandCall,
  { api, home }: Connection,
): Promise<undefined> {
  const made = await api.backUp({ body: {} });
  const folder = join(backupsOf(home), made.name);
  output.result({ ...made, folder }, [
    folder,
    `${made.objects} objects, ${made.entries} ledger entries, ${size(made.bytes)}`,
  ]);
  output.say('It holds keys: keep it as safe as the state folder, and not longer than 30 days.');
  output.say(`backlot restore ${folder} puts it back`);
}

export const run: CommandRun = connected(backUp);
