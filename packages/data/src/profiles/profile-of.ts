import { canonicalJson, createId, type Digest, type Io } from '@backlot/core';
import type { Metadata, Objects, Reader } from '@backlot/store';
import type { Actor } from '../catalogue/publish-snapshot.ts';
import { BadDocument } from '../data-error.ts';
import { profileSnapshot, type SnapshotProfile } from '../duckdb/profile.ts';
import { openSnapshot } from '../snapshots/snapshot.ts';

export interface ProfilingParts {
  readonly io: Io;
  readonly objects: Objects;
  readonly metadata: Metadata;
  readonly memoryMiB: number;
  readonly threads: number;
  /** A folder in which one of its own is made, and removed. */
  readonly scratch: string;
  readonly signal?: AbortSignal;
}

/**
 * The profile of a published snapshot: computed at first asking, kept as an object beside it, and
 * read ever after. Access's `PurposeRefused` where the contract does not let its rows be measured.
 */
export async function profileOf(
  parts: ProfilingParts,
  actor: Actor,
  snapshot: Digest,
): Promise<SnapshotProfile> {
  // Opened first: what may not be measured is not shown from the shelf either.
  const opened = await openSnapshot(parts.objects, snapshot, { purpose: 'measure' });
  const known = await storedProfile(parts.metadata, parts.objects, actor.workspace, snapshot);
  if (known) return known;
  const scratch = `${parts.scratch}/profile-${createId(parts.io.random)}`;
  try {
    const profile = await profileSnapshot(opened, { ...parts, scratch });
    await keepProfile(parts, actor, snapshot, profile);
    return profile;
  } finally {
    await parts.io.files.remove(scratch);
  }
}

async function keepProfile(
  { objects, metadata, io }: ProfilingParts,
  actor: Actor,
  snapshot: Digest,
  profile: SnapshotProfile,
): Promise<void> {
  const body = canonicalJson({ kind: 'profile', layout, snapshot, ...profile });
  const { digest } = await objects.put(Buffer.from(body));
  await metadata.write(async (tx) => {
    const published = await tx.get<{ table_id: string }>(
      'SELECT table_id FROM data_snapshots WHERE workspace = ? AND id = ?',
      ...[actor.workspace, snapshot],
    );
    if (!published) return;
    await tx.run(
      `INSERT INTO data_profiles (workspace, id, profile, computed_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (workspace, id) DO UPDATE SET profile = excluded.profile,
         computed_at = excluded.computed_at`,
      ...[actor.workspace, snapshot, digest, io.clock.now()],
    );
    await tx.record({
      ...{ workspace: actor.workspace, actor: actor.id, action: 'snapshot.profile' },
      ...{ resource: `table/${published.table_id}`, facts: { snapshot, profile: digest } },
    });
  });
}

/** Grows when profiles hold other things: one of another layout is computed anew. */
const layout = 1;
const maxProfileBytes = 64 * 2 ** 20;

async function storedProfile(
  reader: Reader,
  objects: Objects,
  workspace: string,
  snapshot: Digest,
): Promise<SnapshotProfile | undefined> {
  const kept = await reader.get<{ profile: Digest }>(
    'SELECT profile FROM data_profiles WHERE workspace = ? AND id = ?',
    ...[workspace, snapshot],
  );
  if (!kept || !(await objects.has(kept.profile))) return undefined;
  const bytes = await objects.get(kept.profile, { limitBytes: maxProfileBytes });
  const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as SnapshotProfile & {
    readonly kind: string;
    readonly layout: number;
    readonly snapshot: string;
  };
  if (value.kind !== 'profile' || value.snapshot !== snapshot) {
    throw new BadDocument('profile', kept.profile, 'it is not the profile of this snapshot');
  }
  return value.layout === layout ? { rows: value.rows, columns: value.columns } : undefined;
}
