import { canonicalJson, type Digest } from '@backlot/core';
import type { Metadata, Reader } from '@backlot/store';
import { type ContractData, retentionColumn } from '../contract.ts';
import { SnapshotConflict } from '../data-error.ts';
import type { Manifest } from '../snapshots/manifest.ts';
import { type Actor, publishSnapshot } from './publish-snapshot.ts';
import type { RetentionRun } from './retention.ts';
import { currentSnapshot } from './tables.ts';

interface RunToRecord {
  readonly table: string;
  readonly run: RetentionRun;
  /** The snapshot that it started from. */
  readonly current: Digest;
  readonly manifest: Manifest;
}

/** Publishes what retention kept, forgets old versions, and records the run: all or nothing. */
export async function recordRetention(
  metadata: Metadata,
  actor: Actor,
  { table, run, current, manifest }: RunToRecord,
): Promise<void> {
  const { workspace } = actor;
  await metadata.write(async (tx) => {
    if (run.snapshot && run.snapshot !== current) {
      const publication = { digest: run.snapshot, manifest, expectedPrevious: current, at: run.at };
      await publishSnapshot(tx, actor, publication);
    } else {
      const now = await currentSnapshot(tx, workspace, table);
      if (now !== current) throw new SnapshotConflict(table, current, now);
    }
    for (const digest of run.snapshotsRemoved) {
      await tx.run('DELETE FROM data_profiles WHERE workspace = ? AND id = ?', workspace, digest);
      await tx.run('DELETE FROM data_snapshots WHERE workspace = ? AND id = ?', workspace, digest);
    }
    const last = await tx.get<{ sequence: number | null }>(
      'SELECT MAX(sequence) AS sequence FROM data_retention WHERE workspace = ? AND id = ?',
      ...[workspace, table],
    );
    await tx.run(
      `INSERT INTO data_retention (workspace, id, sequence, applied_at, cutoff, body)
       VALUES (?, ?, ?, ?, ?, ?)`,
      ...[workspace, table, (last?.sequence ?? 0) + 1, run.at, run.cutoff ?? 0],
      canonicalJson(run),
    );
    await tx.record({
      ...{ workspace, actor: actor.id, action: 'retention.apply', resource: `table/${table}` },
      facts: {
        ...{ rowsRemoved: run.rowsRemoved, filesRewritten: run.filesRewritten },
        ...{ filesRemoved: run.filesRemoved, snapshotsRemoved: run.snapshotsRemoved.length },
        ...(run.cutoff !== undefined && { cutoff: run.cutoff }),
        ...(run.snapshot && { snapshot: run.snapshot }),
      },
    });
  });
}

/** What a contract says of retention, and what has been done. */
export interface RetentionFacts {
  /** Days that rows are kept; absent: for ever. */
  readonly days?: number;
  /** The column that it counts from; absent: the contract names none, so nothing is removed. */
  readonly by?: string;
  /** Runs, newest first, at most ten. */
  readonly runs: readonly RetentionRun[];
  /** When the next row is to be removed, as the newest run found; milliseconds since 1970, UTC. */
  readonly nextAt?: number;
}

/** What is known of a table's retention. */
export async function retentionFacts(
  reader: Reader,
  workspace: string,
  contract: ContractData,
): Promise<RetentionFacts> {
  const rows = await reader.all<{ body: string }>(
    `SELECT body FROM data_retention WHERE workspace = ? AND id = ? ORDER BY sequence DESC LIMIT 10`,
    ...[workspace, contract.table],
  );
  const runs = rows.map(({ body }) => JSON.parse(body) as RetentionRun);
  const by = retentionColumn(contract)?.name;
  const nextAt = runs[0]?.nextAt;
  return {
    ...(contract.retentionDays !== undefined && {
      days: contract.retentionDays,
      ...(by !== undefined && { by }),
    }),
    runs,
    ...(nextAt !== undefined && { nextAt }),
  };
}
