import { assertPurpose, type Purpose } from '@backlot/access';
import type { Digest } from '@backlot/core';
import type { Objects } from '@backlot/store';
import { type Manifest, readManifest } from './manifest.ts';

/** A snapshot opened for a purpose: the only way to its files. */
export interface Snapshot {
  readonly digest: Digest;
  readonly manifest: Manifest;
  readonly purpose: Purpose;
  /** The local files, in the manifest's order. */
  readonly paths: readonly string[];
}

/** Opens a snapshot to be read for a purpose; access's `PurposeRefused` when its
 * contract does not name it. */
export async function openSnapshot(
  objects: Objects,
  digest: Digest,
  { purpose }: { readonly purpose: Purpose },
): Promise<Snapshot> {
  const manifest = await readManifest(objects, digest);
  assertPurpose(manifest.contract.purposes, purpose);
  const paths = await Promise.all(manifest.files.map((file) => objects.localPath(file.digest)));
  return Object.freeze({ digest, manifest, purpose, paths });
}
