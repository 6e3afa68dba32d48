import { exitCodes } from '@backlot/core';
import type { CommandCall, CommandRun } from '../cli/command.ts';
import type { Connection } from '../connect.ts';
import { connected } from './connected.ts';
import { duration } from './show.ts';

/** `backlot audit verify`: recomputes the ledger; a broken one names its first bad entry. */
export async function verifyAudit(
  { output }: CommandCall,
  { api }: Connection,
): Promise<number | undefined> {
  const verdict = await api.verifyAudit({ body: {} });
  const { ok, entries, checkpoints, root, firstBad, reason, ms } = verdict;
  if (ok) {
    output.result(verdict, [
      `ok  ${entries} entries, ${checkpoints} signed checkpoints, root ${root}  ${duration(ms)}`,
    ]);
    return undefined;
  }
  const where = firstBad === undefined ? '' : ` at entry ${firstBad}`;
  output.result(verdict, [`BROKEN${where}: ${reason ?? 'no reason is known'}`]);
  output.say('keep this state folder as it is, and compare it with a backup');
  return exitCodes.refused;
}

export const run: CommandRun = connected(verifyAudit);
