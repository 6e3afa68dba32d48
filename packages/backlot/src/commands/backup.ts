import { dirname, join, resolve } from 'node:path';
import { BacklotError, type Io } from '@backlot/core';
import { makeFolderDurably, verifyBackup } from '@backlot/store';
import type { CommandCall, CommandRun } from '../cli/command.ts';
import type { Connection } from '../connect.ts';
import { backupsOf } from '../owner/home.ts';
import { connected } from './connected.ts';
import { size } from './show.ts';

/** Something stands where the backup would go. */
class TargetStands extends BacklotError {
  constructor(place: string) {
    super({
      code: 'E-BACKLOT-024',
      kind: 'conflict',
      reason: 'a backup needs a folder that is not there yet',
      place,
      mend: 'backlot backup ANOTHER-FOLDER',
    });
  }
}

/**
 * `backlot backup`: a consistent copy of the state folder. The owner writes it into the folder of
 * backups beside the state, for callers never tell a server where to write; from there this process
 * moves it to the folder asked for.
 */
export async function backUp(
  { args, cwd, io, output }: CommandCall,
  { api, home }: Connection,
): Promise<undefined> {
  const target = args[0] === undefined ? undefined : resolve(cwd, args[0]);
  if (target !== undefined && (await io.files.stat(target))) throw new TargetStands(target);
  const made = await api.backUp({ body: {} });
  const written = join(backupsOf(home), made.name);
  const folder = target ?? written;
  if (target !== undefined) await moveBackup(io, written, target);
  output.result({ ...made, folder }, [
    folder,
    `${made.objects} objects, ${made.entries} ledger entries, ${size(made.bytes)}`,
  ]);
  output.say('It holds keys: keep it as safe as the state folder, and not longer than 30 days.');
  output.say(`backlot restore ${folder} puts it back`);
}

export const run: CommandRun = connected(backUp);

/** Copies, since the target may be another disk; only a copy that verifies ends the original. */
async function moveBackup(io: Io, from: string, to: string): Promise<void> {
  await copyFolder(io, from, to);
  await io.files.syncFolder(dirname(to));
  await verifyBackup({ io, backup: to });
  await io.files.remove(from);
}

async function copyFolder(io: Io, from: string, to: string): Promise<void> {
  await makeFolderDurably(io, to);
  for (const name of await io.files.list(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    const isFolder = (await io.files.stat(source))?.kind === 'folder';
    await (isFolder ? copyFolder(io, source, target) : copyFile(io, source, target));
  }
  await io.files.syncFolder(to);
}

async function copyFile(io: Io, from: string, to: string): Promise<void> {
  const file = await io.files.create(to);
  try {
    for await (const chunk of io.files.stream(from)) await file.write(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}
