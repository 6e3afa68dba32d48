import { assertPurpose, type Purpose } from '@backlot/access';
import { assert, type Io } from '@backlot/core';
import { columnType } from '../contract.ts';
import type { Relation, RelationRow, Shape } from '../relations/relation.ts';
import { type OutputSensitivity, outputSensitivity } from '../relations/sensitivity.ts';
import type { Snapshot } from '../snapshots/snapshot.ts';
import { snapshotOf } from '../snapshots/snapshot-of.ts';
import { compileDuckDb } from './compile.ts';
import { type ColumnResult, readColumns, readEncoded, rowsOf } from './result-columns.ts';
import { DuckDbSession, quoteName, quoteText } from './session.ts';
import { duckDbType } from './types.ts';
import { type DuckDbFile, writeQuery } from './write.ts';

export interface DuckDbOptions {
  readonly io: Io;
  /** In mebibytes; beyond it the engine spills to the scratch folder. */
  readonly memoryMiB: number;
  readonly threads: number;
  /** A folder for this engine alone. */
  readonly scratch: string;
}

export interface RunOptions<P extends Purpose = Purpose> {
  /** The snapshots to read, by table: opened for the same purpose. */
  readonly snapshots: readonly Snapshot[];
  readonly purpose: P;
  readonly signal?: AbortSignal;
}

export interface ColumnOptions<P extends Purpose, K extends string> extends RunOptions<P> {
  /** Text columns to answer as whole numbers into a sorted list of their values. */
  readonly encode?: readonly K[];
  /** More rows than this are an error. Default 50 million; 1 million for `rows`. */
  readonly maxRows?: number;
}

/** A relation's columns by name, each as one array. */
export type ColumnResults<S extends Shape> = { readonly [K in keyof S]: ColumnResult };

/** What an engine answers by columns. */
export interface ColumnsAnswer<S extends Shape> {
  readonly rows: number;
  readonly columns: ColumnResults<S>;
  /** How far the answer may be shown, by the contracts of the snapshots. */
  readonly sensitivity: OutputSensitivity;
}

type ShapeOfRelation<R extends Relation<Shape>> = R['types']['shape'];
type PurposeOf<R extends Relation<Shape>> = R['types']['purposes'];

/** What was written; `path` is the file where there is one. */
export interface DuckDbWritten {
  readonly path: string;
  readonly rows: number;
  readonly files: readonly DuckDbFile[];
}

/** Runs relations on DuckDB: a fresh engine for each, locked to the files that the relation reads. */
export interface DuckDbEngine {
  /** The columns, as typed arrays. */
  columns<R extends Relation<Shape>>(
    relation: R,
    options: ColumnOptions<PurposeOf<R>, keyof ShapeOfRelation<R> & string>,
  ): Promise<ColumnsAnswer<ShapeOfRelation<R>>>;
  /** The rows, as objects; for small results. */
  rows<R extends Relation<Shape>>(
    relation: R,
    options: ColumnOptions<PurposeOf<R>, never>,
  ): Promise<readonly RelationRow<R>[]>;
  /**
   * Writes Parquet into the scratch folder: one file, or of a bucketed relation one for each bucket
   * that has rows, in a folder of the name. The caller adopts them.
   */
  write<R extends Relation<Shape>>(
    relation: R,
    options: RunOptions<PurposeOf<R>> & { readonly name: string },
  ): Promise<DuckDbWritten>;
}

/** Makes an engine; nothing is opened before a relation runs. */
export function openDuckDb(options: DuckDbOptions): DuckDbEngine {
  return {
    columns: (relation, run) => columns(options, relation, run),
    rows: async (relation, run) => {
      const found = await columns(options, relation, { maxRows: 1_000_000, ...run });
      return rowsOf(found) as never;
    },
    write: (relation, run) => write(options, relation, run),
  };
}

const defaultMaxRows = 50_000_000;

async function columns<S extends Shape>(
  options: DuckDbOptions,
  relation: Relation<S>,
  run: ColumnOptions<Purpose, string>,
): Promise<ColumnsAnswer<S>> {
  return withSession(options, relation, run, async (session, query) => {
    const { fields } = relation.node;
    const encoded = new Set<string>(run.encode ?? []);
    for (const name of encoded) {
      const field = fields.find((candidate) => candidate.name === name);
      assert(field?.type === 'text', 'only text columns are encoded');
    }
    const maxRows = run.maxRows ?? defaultMaxRows;
    const found =
      encoded.size > 0
        ? await readEncoded(session, fields, query, maxRows, encoded)
        : await readColumns(session, fields, query, maxRows);
    const contracts = run.snapshots.map(({ manifest }) => manifest.contract);
    return {
      ...{ rows: found.rows, columns: found.columns as ColumnResults<S> },
      sensitivity: outputSensitivity(relation, contracts),
    };
  });
}

async function write(
  options: DuckDbOptions,
  relation: Relation<Shape>,
  run: RunOptions & { readonly name: string },
): Promise<DuckDbWritten> {
  assert(/^[a-z0-9][a-z0-9-]{0,63}$/.test(run.name), 'a scratch file has a plain name');
  const target = `${options.scratch}/${run.name}`;
  return withSession(options, relation, run, async (session, query) => {
    const files = await writeQuery(session, relation.node, query, target);
    const rows = files.reduce((sum, file) => sum + file.rows, 0);
    return { path: files[0]?.path ?? target, rows, files };
  });
}

type Query = ReturnType<typeof compileDuckDb>;

async function withSession<T>(
  options: DuckDbOptions,
  relation: Relation<Shape>,
  run: RunOptions,
  work: (session: DuckDbSession, query: Query) => Promise<T>,
): Promise<T> {
  assertPurpose(relation.node.purposes, run.purpose);
  const query = compileDuckDb(relation);
  const snapshots = query.tables.map((table) => snapshotOf(table, relation, run));
  await options.io.files.makeFolder(options.scratch);
  const session = await DuckDbSession.open({
    memoryMiB: options.memoryMiB,
    threads: options.threads,
    scratch: options.scratch,
    readable: snapshots.flatMap((snapshot) => snapshot.paths),
    signal: run.signal,
  });
  try {
    for (const snapshot of snapshots) await createView(session, snapshot);
    return await work(session, query);
  } finally {
    session.close();
  }
}

/** A view with exactly the contract's columns and types, empty where the snapshot is. */
export async function createView(
  session: DuckDbSession,
  { manifest, paths }: Snapshot,
): Promise<void> {
  const { contract } = manifest;
  const columns = contract.columns.map((column) => {
    const type = duckDbType(columnType(column), column.scale);
    const from = paths.length > 0 ? quoteName(column.name) : 'NULL';
    return `CAST(${from} AS ${type}) AS ${quoteName(column.name)}`;
  });
  const files = paths.map(quoteText).join(', ');
  const from =
    paths.length > 0
      ? `read_parquet([${files}], hive_partitioning = false)`
      : '(SELECT 1) WHERE false';
  await session.run(
    'open the snapshot',
    `CREATE TEMP VIEW ${quoteName(contract.table)} AS SELECT ${columns.join(', ')} FROM ${from}`,
  );
}
