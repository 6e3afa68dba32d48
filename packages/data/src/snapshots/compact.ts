import type { Digest } from '@backlot/core';
import type { Objects } from '@backlot/store';
import { DuckDbSession, quoteText } from '../duckdb/session.ts';
import type { SnapshotFile } from './manifest.ts';
import { parquetFiles, writeFile } from './rewrite.ts';

/** A file under so many bytes is small. */
const smallBytes = 16 * 2 ** 20;
/** So many small files of one bucket are joined to one. */
const joinedFiles = 16;

/**
 * The small files of each bucket that has at least sixteen of them, under 16 MiB each: they are to
 * be joined. It follows from the files alone, so the same deliveries always end in the same files.
 */
export function smallFiles(files: readonly SnapshotFile[]): readonly (readonly SnapshotFile[])[] {
  const small = Map.groupBy(
    files.filter(({ bytes }) => bytes < smallBytes),
    ({ bucket }) => bucket,
  );
  return [...small.values()].filter((group) => group.length >= joinedFiles);
}

/** Rows of files that newer ones replace. */
export interface Corrected {
  /** A Parquet file of `digest` and `file_row_number`, from 0: rows that newer ones replace. */
  readonly path: string;
  readonly files: ReadonlySet<Digest>;
}

interface Options {
  readonly objects: Objects;
  readonly folder: string;
  readonly memoryMiB: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Files with the rows of `corrected` gone and small ones joined; all others stay as they are. Rows
 * go from the files that stood `before` alone: one that was `added` may be equal to one of those.
 */
export async function tidyFiles(
  before: readonly SnapshotFile[],
  added: readonly SnapshotFile[],
  corrected: Corrected | undefined,
  options: Options,
): Promise<readonly SnapshotFile[]> {
  const kept = corrected ? await trimFiles(before, corrected, options) : before;
  const trimmed = [...kept, ...added];
  const groups = smallFiles(trimmed);
  if (groups.length === 0) return trimmed;
  const paths = await pathsOf(groups.flat(), options.objects);
  const session = await openSession(options, [...paths.values()]);
  try {
    let next = trimmed;
    for (const group of groups) {
      const from = parquetFiles(group.map(({ digest }) => paths.get(digest)!));
      const made = await writeFile({ ...options, session }, `FROM ${from}`, group.at(-1)!);
      const [first] = group;
      next = next.flatMap((file) => {
        if (file === first) return made ? [made] : [];
        return group.includes(file) ? [] : [file];
      });
    }
    return next;
  } finally {
    session.close();
  }
}

async function trimFiles(
  files: readonly SnapshotFile[],
  corrected: Corrected,
  options: Options,
): Promise<readonly SnapshotFile[]> {
  const touched = files.filter(({ digest }) => corrected.files.has(digest));
  const paths = await pathsOf(touched, options.objects);
  const session = await openSession(options, [...paths.values()]);
  try {
    const next: SnapshotFile[] = [];
    for (const file of files) {
      const path = paths.get(file.digest);
      if (path === undefined) {
        next.push(file);
        continue;
      }
      const gone = `SELECT file_row_number FROM ${parquetFiles([corrected.path])}
        WHERE digest = ${quoteText(file.digest)}`;
      const query = `SELECT * EXCLUDE file_row_number FROM ${parquetFiles([path], ', file_row_number = true')}
        WHERE file_row_number NOT IN (${gone})`;
      const made = await writeFile({ ...options, session }, query, file);
      if (made) next.push(made);
    }
    return next;
  } finally {
    session.close();
  }
}

async function pathsOf(
  files: readonly SnapshotFile[],
  objects: Objects,
): Promise<ReadonlyMap<Digest, string>> {
  const paths = new Map<Digest, string>();
  for (const { digest } of files) paths.set(digest, await objects.localPath(digest));
  return paths;
}

/** One thread, so that the bytes follow from the rows. */
function openSession(
  { folder, memoryMiB, signal }: Options,
  readable: readonly string[],
): Promise<DuckDbSession> {
  return DuckDbSession.open({ memoryMiB, threads: 1, scratch: folder, readable, signal });
}
