import { resolve } from 'node:path';
import { BacklotError } from '@backlot/core';
import { readStateOwner, restoreState, StateFolderOwned } from '@backlot/store';
import type { CommandCall } from '../cli/command.ts';
import { homeOf } from '../owner/home.ts';
import { findProject } from '../project.ts';
import { moment, size } from './show.ts';

/** A state folder stands where the backup would go. */
class StateStands extends BacklotError {
  constructor(home: string) {
    super({
      code: 'E-BACKLOT-022',
      kind: 'conflict',
      reason: 'a state folder stands there; nothing was changed',
      place: home,
      mend: 'backlot restore FOLDER --replace moves it aside first',
    });
  }
}

/**
 * `backlot restore`: verifies a backup and puts it in place of the state folder, which is kept
 * beside it. Works on the files alone, and only while no process owns them.
 */
export async function run(call: CommandCall): Promise<undefined> {
  const { args, options, output, io, cwd } = call;
  const home =
    typeof options.home === 'string'
      ? resolve(cwd, options.home)
      : homeOf(await findProject(io, cwd), undefined, cwd);
  const owner = await readStateOwner(io, home);
  if (owner) throw new StateFolderOwned(owner);
  const stood = (await io.files.stat(home)) !== undefined;
  if (stood && !options.replace) throw new StateStands(home);
  const { at, ledger, files } = await restoreState({ io, backup: resolve(cwd, args[0]!), home });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  output.result({ home, at, ledger, files: files.length, bytes }, [
    `${home} is as of ${moment(at)}: ${files.length} files, ${size(bytes)}, ${ledger.size} ledger entries`,
  ]);
  if (stood) output.say(`what stood there is in ${home}.replaced`);
}
