import type { Digest } from '@backlot/core';
import { dataRoots, manifestReferences } from '@backlot/data';
import { artifactDigests } from '@backlot/pipelines';
import { registryRoots } from '@backlot/registry';
import type { CollectionReport } from '@backlot/server';
import { collectGarbage } from '@backlot/store';
import type { State } from './state.ts';

/** Removes the objects that neither runs, data nor the registry refer to; or only counts them. */
export async function collectStateGarbage(
  { io, metadata, objects }: State,
  dryRun: boolean,
): Promise<CollectionReport> {
  const roots = [dataRoots, registryRoots, artifactDigests].map((list) => () => list(metadata));
  const references = (digest: Digest) => referencesOf(objects, digest);
  if (dryRun) return count(objects, roots, references);
  const { live, removed, bytes } = await collectGarbage({
    ...{ objects, clock: io.clock, roots, references },
  });
  return { kept: live, removed: removed.length, bytes };
}

type Roots = readonly (() => AsyncIterable<Digest>)[];

async function count(
  objects: State['objects'],
  roots: Roots,
  references: (digest: Digest) => AsyncIterable<Digest>,
): Promise<CollectionReport> {
  const live = new Set<Digest>();
  for (const list of roots) {
    for await (const digest of list()) {
      live.add(digest);
      for await (const named of references(digest)) live.add(named);
    }
  }
  let [removed, bytes] = [0, 0];
  for await (const object of objects.list()) {
    if (live.has(object.digest)) continue;
    removed++;
    bytes += object.bytes;
  }
  return { kept: live.size, removed, bytes };
}

/** How the canonical JSON of a snapshot's manifest begins; no other object of ours does. */
const manifestStart = '{"buckets":';

async function* referencesOf(objects: State['objects'], digest: Digest): AsyncIterable<Digest> {
  if (!(await objects.has(digest))) return;
  let start = '';
  // No local copy is made: the objects may be many, and elsewhere.
  for await (const chunk of objects.stream(digest)) {
    start += Buffer.from(chunk.subarray(0, manifestStart.length)).toString('latin1');
    if (start.length >= manifestStart.length) break;
  }
  if (start.startsWith(manifestStart)) yield* await manifestReferences(objects, digest);
}
