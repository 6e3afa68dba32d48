import type { CommandCall, CommandRun } from '../cli/command.ts';
import type { Connection } from '../connect.ts';
import { connected } from './connected.ts';
import { size } from './show.ts';

/** `backlot gc`: removes the objects that nothing refers to, or counts them. */
export async function collectGarbage(
  { options, output }: CommandCall,
  { api }: Connection,
): Promise<undefined> {
  const dryRun = options.dryRun === true;
  const report = await api.collectGarbage({ body: { dryRun } });
  const { kept, removed, bytes } = report;
  const verb = dryRun ? 'would be removed' : 'removed';
  output.result({ ...report, dryRun }, [
    `${removed} objects ${verb}, ${size(bytes)}; ${kept} are kept`,
  ]);
}

export const run: CommandRun = connected(collectGarbage);
