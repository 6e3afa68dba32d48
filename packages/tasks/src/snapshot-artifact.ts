import { canonicalJson, type Digest } from '@backlot/core';
import { type Manifest, openSnapshot, type Snapshot } from '@backlot/data';
import { type ArtifactKind, artifact, type Input, type TaskContext } from '@backlot/pipelines';
import { NoSnapshot } from './error.ts';

/**
 * A table's snapshot by its manifest, whose digest is the snapshot's id; `null` stands for a table
 * that has none.
 */
export const snapshotArtifact: ArtifactKind<Manifest | null> = artifact<Manifest | null>({
  kind: 'snapshot',
  encode: (manifest) => new TextEncoder().encode(canonicalJson(manifest)),
  decode: async (content) => {
    const bytes = await content.bytes({ limitBytes: 64 * 2 ** 20 });
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Manifest | null;
  },
});

/** The bytes that stand for "no snapshot". */
export const absentSnapshot: Uint8Array = new TextEncoder().encode('null');

/** The digest of the snapshot that an input holds, or `undefined` for none. */
export async function snapshotDigest(input: Input<Manifest | null>): Promise<Digest | undefined> {
  return (await input.read()) === null ? undefined : input.ref.digest;
}

/**
 * Opens the snapshot of an input for training.
 *
 * @throws NoSnapshot when the table has none
 */
export async function openInput(
  context: TaskContext<unknown>,
  table: string,
  input: Input<Manifest | null>,
): Promise<Snapshot> {
  const digest = await snapshotDigest(input);
  if (digest === undefined) throw new NoSnapshot(table);
  return openSnapshot(context.objects, digest, { purpose: 'train' });
}
