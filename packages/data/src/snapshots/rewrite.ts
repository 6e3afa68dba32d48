import type { Digest } from '@backlot/core';
import type { Objects } from '@backlot/store';
import { columnType, type NamedColumn } from '../contract.ts';
import { type DuckDbSession, quoteName, quoteText } from '../duckdb/session.ts';
import { parquetOptions } from '../duckdb/types.ts';
import type { Manifest, SnapshotFile } from './manifest.ts';

/** Reads files in the order given; row numbers and names of files are there to be asked for. */
export function parquetFiles(paths: readonly string[], more = ''): string {
  return `read_parquet([${paths.map(quoteText).join(', ')}], hive_partitioning = false${more})`;
}

/** The oldest time of each file that has one: days or microseconds since 1970, as the column has. */
export async function oldestTimes(
  session: DuckDbSession,
  objects: Objects,
  column: NamedColumn,
  digests: Iterable<Digest>,
): Promise<ReadonlyMap<Digest, number>> {
  const oldest = new Map<Digest, number>();
  const byPath = new Map<string, Digest>();
  for (const digest of digests) byPath.set(await objects.localPath(digest), digest);
  if (byPath.size === 0) return oldest;
  const result = await session.run(
    'look for old rows',
    `SELECT filename, min(${timeNumber(column)}) FROM ${parquetFiles([...byPath.keys()], ', filename = true')}
     GROUP BY filename`,
  );
  for (const [path, time] of await result.getRows()) {
    if (time !== null) oldest.set(byPath.get(String(path))!, Number(time));
  }
  return oldest;
}

/** A date or timestamp as a whole number: days or microseconds since 1970. */
export function timeNumber(column: NamedColumn): string {
  const name = quoteName(column.name);
  return columnType(column) === 'date'
    ? `date_diff('day', DATE '1970-01-01', ${name})`
    : `epoch_us(${name})`;
}

/** Writes what a query answers as a snapshot's file and takes it into the store; nothing when empty. */
export async function writeFile(
  parts: { readonly session: DuckDbSession; readonly objects: Objects; readonly folder: string },
  query: string,
  like: { readonly bucket: number; readonly delivery: string },
): Promise<SnapshotFile | undefined> {
  const path = `${parts.folder}/rewritten.parquet`;
  const copy = `COPY (${query}) TO ${quoteText(path)} ${parquetOptions}`;
  const result = await parts.session.run('write Parquet', copy);
  const rows = Number((await result.getRows())[0]?.[0]);
  if (rows === 0) return undefined;
  const { digest, bytes } = await parts.objects.adopt(path);
  return { bucket: like.bucket, digest, bytes, rows, delivery: like.delivery };
}

/** A version with other files. */
export function withFiles(
  before: Manifest,
  files: readonly SnapshotFile[],
  previous: Digest,
): Manifest {
  const merged = mergedDeliveries(before, files);
  const { merged: _, ...rest } = before;
  return {
    ...rest,
    rows: files.reduce((sum, file) => sum + file.rows, 0),
    files,
    ...(merged.length > 0 && { merged }),
    previous,
  };
}

/** Deliveries that the table has had and no file names any more, so that they stay known. */
export function mergedDeliveries(
  before: Manifest | undefined,
  files: readonly SnapshotFile[],
  ...more: readonly string[]
): readonly string[] {
  const named = new Set(files.map(({ delivery }) => delivery));
  const known = [
    ...(before?.merged ?? []),
    ...(before?.files ?? []).map(({ delivery }) => delivery),
    ...more,
  ];
  return [...new Set(known)].filter((delivery) => !named.has(delivery)).sort();
}
