import { createId, type Digest, type Io, throwIfCancelled } from '@backlot/core';
import type { Metadata, Objects } from '@backlot/store';
import { type ContractData, columnType, type NamedColumn, retentionColumn } from '../contract.ts';
import { DuckDbSession, quoteName } from '../duckdb/session.ts';
import {
  type Manifest,
  putManifest,
  readManifest,
  type SnapshotFile,
} from '../snapshots/manifest.ts';
import {
  oldestTimes,
  parquetFiles,
  timeNumber,
  withFiles,
  writeFile,
} from '../snapshots/rewrite.ts';
import type { Actor } from './publish-snapshot.ts';
import { recordRetention } from './record-retention.ts';
import { currentSnapshot, snapshotHistory } from './tables.ts';

export interface RetentionOptions {
  readonly io: Io;
  readonly objects: Objects;
  readonly metadata: Metadata;
  readonly table: string;
  /** A folder in which one of its own is made, and removed. */
  readonly scratch: string;
  /** Snapshots kept at the most, the current one included; from 1. Default 30. */
  readonly history?: number;
  /** Snapshots that running work has open: they stay listed until a later run. */
  readonly held?: readonly Digest[];
  /** Memory of the engine. Default 512. */
  readonly memoryMiB?: number;
  readonly signal?: AbortSignal;
}

/** What a run of retention did, as it is recorded. Times are milliseconds since 1970, UTC. */
export interface RetentionRun {
  readonly at: number;
  /** Rows from before this moment were removed; absent where the contract keeps rows for ever. */
  readonly cutoff?: number;
  readonly rowsRemoved: number;
  /** Files that were written anew, and files of which no row was kept. */
  readonly filesRewritten: number;
  readonly filesRemoved: number;
  /** Old versions that are no longer listed: beyond the history, or with rows past their time. */
  readonly snapshotsRemoved: readonly Digest[];
  /** Old versions that would have gone, but running work has them open. */
  readonly snapshotsHeld: readonly Digest[];
  readonly snapshot?: Digest;
  /** When the oldest row that was kept is to be removed; absent where there is none. */
  readonly nextAt?: number;
}

const defaultHistory = 30;
const longestHistory = 100_000;
const day = 86_400_000;

/**
 * Enforces a table's retention: rows whose time lies more than `retentionDays` back leave the
 * current snapshot (only the files that hold some are written anew), and old snapshots that hold
 * such rows, or lie beyond the history, are no longer listed: their objects are garbage then, but
 * for those that other rows name. Rows without a time are kept. Throws `SnapshotConflict` when the
 * table changed meanwhile: run it again.
 */
export async function applyRetention(
  options: RetentionOptions,
  actor: Actor,
): Promise<RetentionRun> {
  throwIfCancelled(options.signal, 'the retention');
  const { io, metadata, table, history = defaultHistory } = options;
  const at = io.clock.now();
  const current = await currentSnapshot(metadata, actor.workspace, table);
  if (!current) {
    const nothing = { rowsRemoved: 0, filesRewritten: 0, filesRemoved: 0 };
    return { at, ...nothing, snapshotsRemoved: [], snapshotsHeld: [] };
  }
  const listed = await snapshotHistory(metadata, actor.workspace, table, longestHistory);
  const older = listed.map(({ digest }) => digest).filter((digest) => digest !== current);
  const folder = `${options.scratch}/retention-${createId(io.random)}`;
  await io.files.makeFolder(folder);
  try {
    const trimmed = await trim(options, { current, older, at, folder });
    const held = new Set(options.held);
    const replaced = trimmed.snapshot === current ? older : [current, ...older];
    const leaving = replaced.filter(
      (digest, index) => index >= history - 1 || trimmed.stale.has(digest),
    );
    const { stale: _, manifest, ...facts } = trimmed;
    const run: RetentionRun = {
      ...{ at, ...facts },
      snapshotsRemoved: leaving.filter((digest) => !held.has(digest)),
      snapshotsHeld: leaving.filter((digest) => held.has(digest)),
    };
    await recordRetention(metadata, actor, { table, run, current, manifest });
    return run;
  } finally {
    await io.files.remove(folder);
  }
}

interface Trimmed {
  readonly manifest: Manifest;
  readonly snapshot: Digest;
  readonly cutoff?: number;
  readonly rowsRemoved: number;
  readonly filesRewritten: number;
  readonly filesRemoved: number;
  readonly nextAt?: number;
  /** Older versions that hold rows past their time. */
  readonly stale: ReadonlySet<Digest>;
}

interface Place {
  readonly current: Digest;
  readonly older: readonly Digest[];
  readonly at: number;
  readonly folder: string;
}

async function trim(options: RetentionOptions, place: Place): Promise<Trimmed> {
  const { objects } = options;
  const manifest = await readManifest(objects, place.current);
  const column = retentionColumn(manifest.contract);
  if (manifest.contract.retentionDays === undefined || !column) {
    const nothing = { rowsRemoved: 0, filesRewritten: 0, filesRemoved: 0 };
    return { manifest, snapshot: place.current, ...nothing, stale: new Set() };
  }
  const versions = new Map<Digest, readonly Digest[]>();
  for (const digest of place.older) {
    const { files, contract } = await readManifest(objects, digest);
    // A version from before the column was there has no times to go by.
    const has = contract.columns.some(({ name }) => name === column.name);
    versions.set(digest, has ? files.map((file) => file.digest) : []);
  }
  const known = new Set([manifest.files.map(({ digest }) => digest), ...versions.values()].flat());
  const paths = await Promise.all([...known].map((digest) => objects.localPath(digest)));
  const session = await DuckDbSession.open({
    ...{ memoryMiB: options.memoryMiB ?? 512, threads: 1, scratch: place.folder },
    ...{ readable: paths, signal: options.signal },
  });
  try {
    const oldest = await oldestTimes(session, objects, column, known);
    const cutoff = cutoffOf(manifest.contract, column, place.at);
    const stale = [...versions].filter(([, files]) =>
      files.some((file) => (oldest.get(file) ?? cutoff) < cutoff),
    );
    const parts = { session, objects, folder: place.folder };
    const kept = await trimFiles(parts, { manifest, column, cutoff, oldest });
    return {
      ...(await nextVersion(objects, manifest, place.current, kept.files)),
      ...{ filesRewritten: kept.rewritten, filesRemoved: kept.removed },
      cutoff: momentOf(column, cutoff),
      ...(kept.first !== undefined && {
        nextAt: momentOf(column, kept.first) + manifest.contract.retentionDays * day,
      }),
      // The version it started from holds the rows that left.
      stale: new Set([place.current, ...stale.map(([digest]) => digest)]),
    };
  } finally {
    session.close();
  }
}

/** The first moment that is kept, in the column's own unit. */
function cutoffOf(contract: ContractData, column: NamedColumn, at: number): number {
  const moment = at - contract.retentionDays! * day;
  return columnType(column) === 'date' ? Math.floor(moment / day) : moment * 1000;
}

function momentOf(column: NamedColumn, value: number): number {
  return columnType(column) === 'date' ? value * day : Math.floor(value / 1000);
}

async function trimFiles(
  parts: Parameters<typeof writeFile>[0],
  {
    manifest,
    column,
    cutoff,
    oldest,
  }: {
    readonly manifest: Manifest;
    readonly column: NamedColumn;
    readonly cutoff: number;
    readonly oldest: ReadonlyMap<Digest, number>;
  },
): Promise<{
  readonly files: readonly SnapshotFile[];
  readonly rewritten: number;
  readonly removed: number;
  readonly first?: number;
}> {
  const files: SnapshotFile[] = [];
  const times: number[] = [];
  let [rewritten, removed] = [0, 0];
  for (const file of manifest.files) {
    const time = oldest.get(file.digest);
    if (time === undefined || time >= cutoff) {
      files.push(file);
      if (time !== undefined) times.push(time);
      continue;
    }
    const from = parquetFiles([await parts.objects.localPath(file.digest)]);
    const keep = `(${quoteName(column.name)} IS NULL OR ${timeNumber(column)} >= ${cutoff})`;
    const made = await writeFile(parts, `SELECT * FROM ${from} WHERE ${keep}`, file);
    if (made) {
      files.push(made);
      rewritten++;
      const least = await parts.session.run(
        'look for old rows',
        `SELECT min(${timeNumber(column)}) FROM ${from} WHERE ${keep}`,
      );
      const [found] = (await least.getRows())[0] ?? [];
      if (found !== null && found !== undefined) times.push(Number(found));
    } else removed++;
  }
  const first = times.reduce<number | undefined>(
    (a, b) => (a === undefined || b < a ? b : a),
    undefined,
  );
  return { files, rewritten, removed, ...(first !== undefined && { first }) };
}

async function nextVersion(
  objects: Objects,
  before: Manifest,
  current: Digest,
  files: readonly SnapshotFile[],
): Promise<Pick<Trimmed, 'manifest' | 'snapshot' | 'rowsRemoved'>> {
  const manifest = withFiles(before, files, current);
  const rowsRemoved = before.rows - manifest.rows;
  if (rowsRemoved === 0) return { manifest: before, snapshot: current, rowsRemoved };
  return { manifest, snapshot: await putManifest(objects, manifest), rowsRemoved };
}
