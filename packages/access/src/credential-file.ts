import { dirname } from 'node:path';
import { createId, type Io } from '@backlot/core';

/**
 * Writes a secret's text to a file that only its owner can read (mode 0600, by the io port),
 * replacing the one that stands there. Durable when it resolves.
 */
export async function writeCredentialFile(
  io: Pick<Io, 'files' | 'random'>,
  path: string,
  text: string,
): Promise<void> {
  const draft = `${path}.${createId(io.random)}`;
  const file = await io.files.create(draft);
  try {
    await file.write(new TextEncoder().encode(`${text}\n`));
    await file.sync();
  } finally {
    await file.close();
  }
  await io.files.rename(draft, path);
  await io.files.syncFolder(dirname(path));
}
