import { dirname, join } from 'node:path';
import { BacklotError, createId, DurabilityLost, hasErrno, type Io } from '@backlot/core';

/** The disk has no room left. Nothing was acknowledged; work goes on when there is room again. */
export class StorageFull extends BacklotError {
  constructor(cause: unknown) {
    super({
      code: 'E-STORE-004',
      kind: 'unreachable',
      reason: 'the disk that holds the state folder is full',
      mend: 'free some space, or run backlot gc',
      cause,
    });
  }
}

/** Makes a folder whose name is there after a crash; its parent's name has to be durable already. */
export async function makeFolderDurably(io: Io, folder: string): Promise<void> {
  await io.files.makeFolder(folder);
  await io.files.syncFolder(dirname(folder));
}

const unfinished = '.new';

/** Removes what a crash left of files that were being written; only while nobody else writes there. */
export async function removeUnfinished(io: Io, folder: string): Promise<void> {
  for (const name of await io.files.list(folder)) {
    if (name.endsWith(unfinished)) await io.files.remove(join(folder, name));
  }
}

/** Writes a file that is whole or as before after every crash, readable by its owner alone. */
export async function writeFileDurably(io: Io, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${createId(io.random)}${unfinished}`;
  await withRoom(io, temporary, async () => {
    const file = await io.files.create(temporary);
    try {
      await file.write(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await io.files.rename(temporary, path);
  });
  await io.files.syncFolder(dirname(path));
}

/**
 * Runs work that fills a temporary file. When it fails the file is removed, and a full disk becomes
 * `StorageFull`; after a failed sync nothing is touched any more.
 */
export async function withRoom<T>(io: Io, temporary: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DurabilityLost) throw error;
    await io.files.remove(temporary);
    if (hasErrno(error, 'ENOSPC') || hasErrno(error, 'EDQUOT')) throw new StorageFull(error);
    throw error;
  }
}
