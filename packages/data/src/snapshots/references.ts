import type { Digest } from '@backlot/core';
import type { Objects, Reader } from '@backlot/store';
import type { Receipt } from '../deliveries/receipt.ts';
import { readManifest } from './manifest.ts';

/** Every object that the data package's rows name: snapshots, receipts, quarantine. For garbage collection. */
export async function* dataRoots(reader: Reader): AsyncGenerator<Digest> {
  for (const { id } of await reader.all<{ id: Digest }>('SELECT id FROM data_snapshots')) yield id;
  const profiles = await reader.all<{ profile: Digest }>('SELECT profile FROM data_profiles');
  for (const { profile } of profiles) yield profile;
  const deliveries = await reader.all<{ receipt: Digest; body: string }>(
    'SELECT receipt, body FROM data_deliveries',
  );
  for (const { receipt, body } of deliveries) {
    yield receipt;
    const { quarantine, source } = JSON.parse(body) as Receipt;
    if (quarantine) yield quarantine;
    if (source.digest) yield source.digest;
  }
}

/** The objects that a snapshot is made of. */
export async function manifestReferences(
  objects: Objects,
  snapshot: Digest,
): Promise<readonly Digest[]> {
  return (await readManifest(objects, snapshot)).files.map((file) => file.digest);
}
