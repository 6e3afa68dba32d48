import { BacklotError, type Io } from '@backlot/core';
import { statePaths } from '@backlot/store';
import type { Storage } from '../owner/storage.ts';
import type { Finding } from './doctor-checks.ts';

/** Whether what a project keeps outside its state folder can be reached; nothing is changed there. */
export async function storageFindings(
  io: Io,
  storage: Storage,
  home: string,
): Promise<readonly Finding[]> {
  const { metadata, objects } = storage.places;
  return [
    ...(metadata ? [await tried('metadata', () => metadataFinding(storage))] : []),
    ...(objects ? [await tried('objects', () => objectsFinding(io, storage, home))] : []),
  ];
}

async function metadataFinding({ describeMetadata }: Storage): Promise<Finding> {
  const described = await describeMetadata();
  const found = `PostgreSQL ${described?.version}`;
  if (described?.syncs) return { name: 'metadata', state: 'ok', found };
  return {
    ...{ name: 'metadata', state: 'fail', found: `${found}, which loses commits in a power cut` },
    mend: 'set fsync and full_page_writes to on in postgresql.conf',
  };
}

async function objectsFinding(io: Io, storage: Storage, home: string): Promise<Finding> {
  const objects = await storage.openObjects(io, statePaths(home), false);
  // The first one is enough: what is listed can be reached.
  for await (const _ of objects.list()) break;
  return { name: 'objects', state: 'ok', found: storage.places.objects ?? '' };
}

async function tried(name: string, check: () => Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof BacklotError)) throw error;
    const { reason, mend } = error;
    return { name, state: 'fail', found: reason, ...(mend && { mend }) };
  }
}
