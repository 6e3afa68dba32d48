import { assertPurpose, type Purpose } from '@backlot/access';
import { assert, type Io } from '@backlot/core';
import type { RecordBatch } from 'apache-arrow';
import { type ContractData, columnType } from '../contract.ts';
import { ResultTooLarge } from '../data-error.ts';
import type { ColumnOptions, ColumnResults, ColumnsAnswer, RunOptions } from '../duckdb/engine.ts';
import { rowsOf } from '../duckdb/result-columns.ts';
import type { NamedField } from '../relations/nodes.ts';
import type { Relation, RelationRow, Shape } from '../relations/relation.ts';
import { outputSensitivity } from '../relations/sensitivity.ts';
import type { Binding } from '../relations/sql/dialect.ts';
import type { Snapshot } from '../snapshots/snapshot.ts';
import { snapshotOf } from '../snapshots/snapshot-of.ts';
import type { SparkArgument } from './arguments.ts';
import { type CompiledSparkRelation, compileSpark, sparkType } from './compile.ts';
import { columnsOf } from './result-columns.ts';
import { type SessionOptions, SparkSession, type SparkSql } from './session.ts';
import { type SparkWriteOptions, type SparkWritten, writeRelation } from './write.ts';

export interface SparkOptions extends SessionOptions {
  readonly io: Io;
  /** A folder that this process and Spark both see under this path; each write has its own below. */
  readonly scratch: string;
}

/**
 * Runs relations on a Spark Connect server: a fresh session for each, with views of the snapshots
 * that the relation reads and nothing else of ours.
 */
export interface SparkEngine {
  /** The columns, as typed arrays. For previews and small results; large ones are written. */
  columns<S extends Shape, P extends Purpose>(
    relation: Relation<S, P>,
    options: ColumnOptions<NoInfer<P>, keyof S & string>,
  ): Promise<ColumnsAnswer<S>>;
  /** The rows, as objects; for small results. */
  rows<S extends Shape, P extends Purpose>(
    relation: Relation<S, P>,
    options: ColumnOptions<NoInfer<P>, never>,
  ): Promise<readonly RelationRow<Relation<S, P>>[]>;
  /**
   * Writes Parquet files and adopts them into the object store. All of them or none: they become
   * objects only once Spark has said that the write is complete.
   */
  write<S extends Shape, P extends Purpose>(
    relation: Relation<S, P>,
    options: SparkWriteOptions<NoInfer<P>>,
  ): Promise<SparkWritten>;
}

/** Makes an engine; nothing is sent before a relation runs. */
export function openSpark(options: SparkOptions): SparkEngine {
  return {
    columns: (relation, run) => columns(options, relation, run),
    rows: async (relation, run) => {
      const found = await columns(options, relation, { maxRows: 1_000_000, ...run });
      return rowsOf(found) as never;
    },
    write: (relation, run) =>
      writeRelation(options, run, relation.node, () => prepare(options, relation, run)),
  };
}

const defaultMaxRows = 50_000_000;

async function columns<S extends Shape>(
  options: SparkOptions,
  relation: Relation<S>,
  run: ColumnOptions<Purpose, string>,
): Promise<ColumnsAnswer<S>> {
  const { fields } = relation.node;
  const encoded = new Set<string>(run.encode ?? []);
  for (const name of encoded) {
    const field = fields.find((candidate) => candidate.name === name);
    assert(field?.type === 'text', 'only text columns are encoded');
  }
  const { session, query } = await prepare(options, relation, run);
  try {
    const maxRows = run.maxRows ?? defaultMaxRows;
    const step = { what: 'run the relation', signal: run.signal };
    const batches: RecordBatch[] = [];
    let rows = 0;
    // There is no LIMIT: over a sorted relation Spark would gather all those rows in one task.
    for await (const batch of session.query(query, step)) {
      rows += batch.numRows;
      if (rows > maxRows) throw new ResultTooLarge(maxRows);
      batches.push(batch);
    }
    const contracts = run.snapshots.map(({ manifest }) => manifest.contract);
    return {
      ...{ rows, columns: columnsOf(batches, fields, encoded) as ColumnResults<S> },
      sensitivity: outputSensitivity(relation, contracts),
    };
  } finally {
    await session.release();
  }
}

/** A session that has what the relation reads, and the query in it. The caller releases it. */
async function prepare(
  options: SparkOptions,
  relation: Relation<Shape>,
  run: RunOptions,
): Promise<{ readonly session: SparkSession; readonly query: SparkSql }> {
  assertPurpose(relation.node.purposes, run.purpose);
  const compiled = compileSpark(relation);
  const snapshots = compiled.tables.map((table) => snapshotOf(table, relation, run));
  const session = await SparkSession.open(options);
  try {
    for (const snapshot of snapshots) await createView(session, snapshot, run.signal);
  } catch (error) {
    await session.release();
    throw error;
  }
  return { session, query: sparkQuery(relation, compiled) };
}

/** A relation as Spark is asked for it: every column cast to the type that it is said to have. */
export function sparkQuery(
  relation: Relation<Shape>,
  compiled: CompiledSparkRelation = compileSpark(relation),
): SparkSql {
  const sql = `SELECT ${typedColumns(relation.node.fields)} FROM (${compiled.sql})`;
  const args = compiled.bindings.map((binding, index) => [`p${index + 1}`, argumentOf(binding)]);
  return { sql, args: Object.fromEntries(args) };
}

function typedColumns(fields: readonly NamedField[]): string {
  return fields
    .map((field) => {
      const name = quoteSparkName(field.name);
      return `CAST(${name} AS ${sparkType(field)}) AS ${name}`;
    })
    .join(', ');
}

/** A name as an identifier of Spark's SQL. */
export function quoteSparkName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

function argumentOf({ type, value }: Binding): SparkArgument {
  if (value === null) return { type: 'string', value };
  switch (type) {
    case 'int':
    case 'int64':
    case 'timestamp':
      return { type: 'bigint', value: BigInt(value) };
    case 'date':
      return { type: 'int', value: Number(value) };
    case 'float':
      return { type: 'double', value: Number(value) };
    case 'bool':
      return { type: 'boolean', value: Boolean(value) };
    default:
      return { type: 'string', value: String(value) };
  }
}

/** A view with exactly the contract's columns and types, empty where the snapshot is. */
async function createView(
  session: SparkSession,
  { manifest, paths }: Snapshot,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { contract } = manifest;
  const step = { what: 'open the snapshot', signal };
  if (paths.length > 0) {
    const files = paths.map((path) => `file:${path}`);
    await session.viewOfParquet(contract.table, { paths: files, schema: schemaOf(contract) }, step);
    return;
  }
  const columns = contract.columns.map(
    (column) => `CAST(NULL AS ${sparkType(fieldOf(column))}) AS ${quoteSparkName(column.name)}`,
  );
  await session.viewOfSql(
    contract.table,
    { sql: `SELECT ${columns.join(', ')} WHERE false` },
    step,
  );
}

function schemaOf(contract: ContractData): string {
  return contract.columns
    .map((column) => `${quoteSparkName(column.name)} ${sparkType(fieldOf(column))}`)
    .join(', ');
}

function fieldOf(column: ContractData['columns'][number]): NamedField {
  return {
    name: column.name,
    type: columnType(column),
    nullable: column.optional,
    ...(column.scale !== undefined && { scale: column.scale }),
  };
}
