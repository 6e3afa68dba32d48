import type { Purpose } from '@backlot/access';
import { assert, type Digest, hasErrno } from '@backlot/core';
import type { Objects } from '@backlot/store';
import type { RunOptions } from '../duckdb/engine.ts';
import type { RelationNode } from '../relations/nodes.ts';
import type { SparkOptions } from './engine.ts';
import {
  createUuid,
  type SparkOperation,
  SparkSession,
  type SparkSql,
  withoutPatterns,
} from './session.ts';
import { SparkOperationLost, SparkUnreachable } from './spark-error.ts';

export interface SparkWriteOptions<P extends Purpose = Purpose> extends RunOptions<P> {
  /** Where the files become objects. */
  readonly objects: Objects;
  /**
   * The write that the journal had when an earlier process ended. If the server still has it, its
   * files are taken; otherwise the relation is written again from its beginning.
   */
  readonly resume?: SparkOperation;
}

/** A file that was written and adopted. */
export interface SparkFile {
  readonly bucket: number;
  readonly digest: Digest;
  readonly bytes: number;
  readonly rows: number;
}

export interface SparkWritten {
  readonly rows: number;
  readonly files: readonly SparkFile[];
}

type Prepared = { readonly session: SparkSession; readonly query: SparkSql };

/**
 * Writes what `prepare` gives, or takes up the write of a process that ended. A bucketed relation
 * makes one file for each bucket that has rows; any other as many files as Spark likes, all in
 * bucket 0, in the relation's order.
 */
export async function writeRelation(
  options: SparkOptions,
  run: SparkWriteOptions,
  node: RelationNode,
  prepare: () => Promise<Prepared>,
): Promise<SparkWritten> {
  const resumed = run.resume && (await takeUp(options, run, run.resume));
  return resumed ?? writeAnew(options, run, node, prepare);
}

async function writeAnew(
  options: SparkOptions,
  run: SparkWriteOptions,
  node: RelationNode,
  prepare: () => Promise<Prepared>,
): Promise<SparkWritten> {
  const buckets = node.kind === 'bucketed' ? node : undefined;
  const { session, query } = await prepare();
  // The folder's name is the operation's id, so the journal alone leads to it.
  const operationId = createUuid(options.io);
  const folder = folderOf(options, operationId);
  return settle(options, session, folder, async (take) => {
    await options.io.files.makeFolder(options.scratch);
    await session.writeParquet(
      buckets ? bucketed(query, buckets) : query,
      {
        path: `file:${folder}`,
        operationId,
        ...(buckets && { partitionColumns: [bucketColumn] }),
      },
      { what, signal: run.signal },
    );
    // Another process may have taken up what it believed was left by one that ended.
    if (!(await take())) throw new SparkOperationLost(what, 'TAKEN', undefined);
    return adopt(options, run, session, folder);
  });
}

const what = 'write the relation';

async function takeUp(
  options: SparkOptions,
  run: SparkWriteOptions,
  operation: SparkOperation,
): Promise<SparkWritten | undefined> {
  assert(operation.kind === 'write', 'only a write is taken up again');
  assert(uuid.test(operation.operationId), 'an operation has a UUID');
  const session = SparkSession.resume(options, operation);
  const folder = folderOf(options, operation.operationId);
  try {
    return await settle(options, session, folder, async (take) => {
      for await (const _ of session.reattach(operation.operationId, { what, signal: run.signal }));
      if (!(await take())) throw new SparkOperationLost(what, 'TAKEN', undefined);
      return adopt(options, run, session, folder);
    });
  } catch (error) {
    // A new write has a folder of its own, so whatever is left of this one cannot meet it.
    if (error instanceof SparkOperationLost) return undefined;
    throw error;
  }
}

/**
 * Works on a write and cleans up after it. Where the server cannot be reached the write may still go
 * on there, and all is left as it is for whoever takes it up.
 */
async function settle<T>(
  options: SparkOptions,
  session: SparkSession,
  folder: string,
  work: (take: () => Promise<boolean>) => Promise<T>,
): Promise<T> {
  let mine = false;
  const take = async (): Promise<boolean> => {
    mine ||= await claim(options, folder);
    return mine;
  };
  try {
    const result = await work(take);
    await options.io.files.remove(folder);
    await session.release();
    return result;
  } catch (error) {
    // What was claimed nobody else will remove.
    if (mine || (!(error instanceof SparkUnreachable) && (await take()))) {
      await options.io.files.remove(folder);
      await session.release();
    } else {
      session.close();
    }
    throw error;
  }
}

/**
 * Says durably, once for all processes, that the folder is being adopted or removed: after that the
 * write must not be taken up again, for a part of its files would then be taken for the whole.
 */
async function claim({ io, scratch }: SparkOptions, folder: string): Promise<boolean> {
  try {
    const file = await io.files.create(`${folder}.claimed`);
    await file.sync();
    await file.close();
    await io.files.syncFolder(scratch);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function folderOf({ scratch }: SparkOptions, operationId: string): string {
  return `${scratch}/spark-${operationId}`;
}

const bucketColumn = '__bucket';

/** The rows with their bucket, those of one bucket in one task and so in one file. */
function bucketed(
  { sql, args }: SparkSql,
  { key, buckets }: { readonly key: string; readonly buckets: number },
): SparkSql {
  const name = `\`${key.replaceAll('`', '``')}\``;
  const bucket = `CAST(pmod(CAST(conv(substr(md5(${name}), 1, 8), 16, 10) AS BIGINT), ${buckets}) AS INT)`;
  const text = `SELECT /*+ REPARTITION(${buckets}, ${bucketColumn}) */ * FROM (
    SELECT *, ${bucket} AS ${bucketColumn} FROM (${sql}))`;
  return { sql: text, ...(args && { args }) };
}

/** Counts the rows of the files of a write that is complete, and makes them objects. */
async function adopt(
  options: SparkOptions,
  run: SparkWriteOptions,
  session: SparkSession,
  folder: string,
): Promise<SparkWritten> {
  const names = await parquetNames(options, folder);
  const counts =
    names.length > 0 ? await rowsByFile(session, folder, run.signal) : new Map<string, number>();
  const files: SparkFile[] = [];
  for (const name of names) {
    const rows = counts.get(name) ?? 0;
    // Spark writes a file for the schema alone when there are no rows.
    if (rows === 0) continue;
    const [, bucket = '0'] = new RegExp(`^${bucketColumn}=(\\d+)/`).exec(name) ?? [];
    const { digest, bytes } = await run.objects.adopt(`${folder}/${name}`);
    files.push({ bucket: Number(bucket), digest, bytes, rows });
  }
  files.sort((a, b) => a.bucket - b.bucket);
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const counted = [...counts.values()].reduce((sum, count) => sum + count, 0);
  assert(rows === counted, 'every file that has rows is adopted');
  return { rows, files };
}

async function parquetNames({ io }: SparkOptions, folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const name of await io.files.list(folder)) {
    if (name.endsWith('.parquet')) names.push(name);
    if (!name.startsWith(`${bucketColumn}=`)) continue;
    for (const inner of await io.files.list(`${folder}/${name}`)) {
      if (inner.endsWith('.parquet')) names.push(`${name}/${inner}`);
    }
  }
  return names;
}

/** From the files' footers: Spark reads no rows for it. */
async function rowsByFile(
  session: SparkSession,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, number>> {
  const path = withoutPatterns(`file:${folder}`).replaceAll('`', '``');
  const sql = `SELECT _metadata.file_path, count(*) FROM parquet.\`${path}\` GROUP BY 1`;
  const counts = new Map<string, number>();
  for await (const batch of session.query({ sql }, { what: 'count the rows', signal })) {
    for (let row = 0; row < batch.numRows; row++) {
      const uri = String(batch.getChildAt(0)?.get(row));
      const inFolder = uri
        .slice(uri.lastIndexOf('/spark-') + 1)
        .split('/')
        .slice(1);
      counts.set(decodeURIComponent(inFolder.join('/')), Number(batch.getChildAt(1)?.get(row)));
    }
  }
  return counts;
}
