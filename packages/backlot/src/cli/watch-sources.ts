import { join } from 'node:path';
import type { Io } from '@backlot/core';

const everyMs = 500;
const skipped = new Set(['node_modules', '.git', '.backlot', '.backlot-backups', 'dist']);

/** Resolves when a TypeScript file below a folder has changed, come or gone, or the signal fires. */
export async function watchSources(io: Io, folder: string, signal: AbortSignal): Promise<void> {
  const before = await stateOf(io, folder);
  while (!signal.aborted) {
    await io.clock.sleep(everyMs, signal);
    if ((await stateOf(io, folder)) !== before) return;
  }
}

/** Paths, sizes and times of the sources, as one text. */
async function stateOf(io: Io, folder: string): Promise<string> {
  let text = '';
  for (const name of await io.files.list(folder)) {
    if (skipped.has(name)) continue;
    const path = join(folder, name);
    const stat = await io.files.stat(path);
    if (stat?.kind === 'folder') text += await stateOf(io, path);
    else if (stat && /\.m?ts$/.test(name)) text += `${path}:${stat.bytes}:${stat.modifiedAt}\n`;
  }
  return text;
}
