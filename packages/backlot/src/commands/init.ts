import { basename, join, relative, resolve } from 'node:path';
import { BacklotError } from '@backlot/core';
import type { CommandCall } from '../cli/command.ts';
import { projectFiles } from '../project-template.ts';

/** The folder that should hold a new project holds something else. */
class FolderNotEmpty extends BacklotError {
  constructor(folder: string) {
    super({
      code: 'E-BACKLOT-004',
      kind: 'conflict',
      reason: 'a new project needs a folder that is absent or empty',
      place: folder,
      mend: 'backlot init ANOTHER-FOLDER',
    });
  }
}

/** `backlot init`: writes a project that depends on this checkout and can be grown. */
export async function run({ args, output, io, cwd }: CommandCall): Promise<undefined> {
  const folder = resolve(cwd, args[0]!);
  if ((await io.files.list(folder)).length > 0) throw new FolderNotEmpty(folder);
  const checkout = join(import.meta.dirname, '../../../..');
  const files = projectFiles(basename(folder), relative(folder, checkout));
  for (const [name, text] of Object.entries(files)) {
    await io.files.makeFolder(join(folder, name, '..'));
    const file = await io.files.create(join(folder, name));
    await file.write(new TextEncoder().encode(text));
    await file.sync();
    await file.close();
  }
  await io.files.syncFolder(folder);
  const names = Object.keys(files);
  const next = `cd ${args[0]} && npm install && npm start`;
  output.result({ folder, files: names, next }, [
    ...names.map((name) => `wrote ${join(args[0]!, name)}`),
    '',
    next,
  ]);
}
