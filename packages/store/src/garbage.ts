import { assert, type Clock, type Digest } from '@backlot/core';
import { refreshAfterMs } from './file-objects.ts';
import type { CollectableObjects } from './objects.ts';

export interface GarbageOptions {
  readonly objects: CollectableObjects;
  readonly clock: Clock;
  /** Each lists digests that rows refer to; together they cover all metadata. */
  readonly roots: readonly (() => AsyncIterable<Digest>)[];
  /** The digests named inside an object, when it is a manifest; else nothing. */
  readonly references: (digest: Digest) => AsyncIterable<Digest>;
  /**
   * Objects younger than this are kept, referred to or not; one day by default, at least two
   * hours. Work has to refer to what it stored within this time less one hour.
   */
  readonly graceMs?: number;
}

export interface GarbageReport {
  readonly live: number;
  readonly removed: readonly Digest[];
  readonly bytes: number;
}

/**
 * Removes objects that nothing refers to, beside running work. An object is first set aside; then
 * the references are read again, and it is put back when one has appeared or when it was stored
 * again meanwhile. Of files, a reader that asks for one puts it back itself, and so does the next start
 * after a crash; in S3 nothing moves. Run one collection at a time, and none during a backup.
 */
export async function collectGarbage(options: GarbageOptions): Promise<GarbageReport> {
  const { objects, clock, graceMs = 86_400_000 } = options;
  assert(graceMs >= 2 * refreshAfterMs, 'objects are kept for two hours at least');
  const oldest = clock.now() - graceMs;
  const live = await liveObjects(options);
  const candidates: { digest: Digest; bytes: number }[] = [];
  for await (const { digest, bytes, modifiedAt } of objects.list()) {
    if (modifiedAt < oldest && !live.has(digest)) candidates.push({ digest, bytes });
  }
  for (const { digest } of candidates) {
    const modifiedAt = await objects.setAside(digest);
    // It was stored again between the list and now.
    if (modifiedAt !== undefined && modifiedAt >= oldest) await objects.restore(digest);
  }
  const liveNow = await liveObjects(options);
  const removed: Digest[] = [];
  let total = 0;
  for (const { digest, bytes } of candidates) {
    if (liveNow.has(digest)) await objects.restore(digest);
    else if ((await objects.discard(digest)) && !(await objects.has(digest))) {
      removed.push(digest);
      total += bytes;
    }
  }
  return { live: liveNow.size, removed, bytes: total };
}

/** Every digest that can be reached from the roots. */
async function liveObjects({ roots, references }: GarbageOptions): Promise<ReadonlySet<Digest>> {
  const live = new Set<Digest>();
  const open: Digest[] = [];
  const reach = (digest: Digest): void => {
    if (live.has(digest)) return;
    live.add(digest);
    open.push(digest);
  };
  for (const root of roots) for await (const digest of root()) reach(digest);
  for (let next = open.pop(); next; next = open.pop()) {
    for await (const digest of references(next)) reach(digest);
  }
  return live;
}
