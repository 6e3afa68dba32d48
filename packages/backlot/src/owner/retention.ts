import type { Digest } from '@backlot/core';
import { applyRetention, currentSnapshot, listTables, SnapshotConflict } from '@backlot/data';
import type { Metadata } from '@backlot/store';
import { localWorkspace, type People } from './people.ts';
import type { State } from './state.ts';

const day = 86_400_000;

interface Options {
  readonly signal?: AbortSignal;
  /** Told of a table whose retention failed; the others go on. */
  readonly failed: (table: string, error: unknown) => void;
}

/**
 * Enforces the retention of each table for which that was not done for a day. Snapshots that open
 * runs began with stay listed. A table that a delivery is about to change is left for the next time,
 * as the delivery would be refused.
 */
export async function enforceRetention(
  { io, metadata, objects, folder }: Pick<State, 'io' | 'metadata' | 'objects' | 'folder'>,
  { owner }: Pick<People, 'owner'>,
  { signal, failed }: Options,
): Promise<void> {
  const scratch = folder.paths.runs;
  for (const { name: table } of await listTables(metadata, localWorkspace)) {
    if (signal?.aborted) return;
    if (!(await isDue(metadata, table, io.clock.now()))) continue;
    const held = await heldSnapshots(metadata);
    const options = { io, metadata, objects, table, scratch, held, ...(signal && { signal }) };
    try {
      await applyRetention(options, owner);
    } catch (error) {
      if (!signal?.aborted && !(error instanceof SnapshotConflict)) failed(table, error);
    }
  }
}

async function isDue(metadata: Metadata, table: string, now: number): Promise<boolean> {
  const last = await metadata.get<{ at: number | null }>(
    'SELECT MAX(applied_at) AS at FROM data_retention WHERE workspace = ? AND id = ?',
    ...[localWorkspace, table],
  );
  if (now - (last?.at ?? 0) < day) return false;
  const current = await currentSnapshot(metadata, localWorkspace, table);
  return current !== undefined && !(await heldSnapshots(metadata, 'deliver')).includes(current);
}

/** What runs that have not ended were given from outside. */
async function heldSnapshots(metadata: Metadata, pipeline = ''): Promise<readonly Digest[]> {
  const rows = await metadata.all<{ sources: string }>(
    `SELECT sources FROM pipeline_runs WHERE workspace = ?
       AND state IN ('queued', 'running', 'cancelling') AND ? IN ('', pipeline)`,
    ...[localWorkspace, pipeline],
  );
  return rows.flatMap(({ sources }) =>
    Object.values(JSON.parse(sources) as Record<string, { readonly digest: Digest }>).map(
      ({ digest }) => digest,
    ),
  );
}
