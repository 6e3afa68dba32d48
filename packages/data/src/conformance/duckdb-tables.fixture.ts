import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ValueType } from '../column.ts';
import { columnType, contractData, type Table } from '../contract.ts';
import { compileDuckDb } from '../duckdb/compile.ts';
import { readColumns, rowsOf } from '../duckdb/result-columns.ts';
import { DuckDbSession, quoteName } from '../duckdb/session.ts';
import { duckDbType } from '../duckdb/types.ts';
import type { Row } from '../relations/reference/expression.ts';
import type { Relation, Shape } from '../relations/relation.ts';

/** A DuckDB that holds tables of rows as they are, to run many relations on. */
export interface DuckDbTables {
  readonly session: DuckDbSession;
  readonly folder: string;
  fill(table: Table, rows: readonly Row[]): Promise<void>;
  rows(relation: Relation<Shape>): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export async function duckDbTables(): Promise<DuckDbTables> {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-relations-'));
  const session = await DuckDbSession.open({ memoryMiB: 512, threads: 2, scratch: folder });
  return {
    session,
    folder,
    fill: (table, rows) => fill(session, table, rows),
    rows: (relation) => answer(session, relation),
    close: async () => {
      session.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function fill(session: DuckDbSession, table: Table, rows: readonly Row[]): Promise<void> {
  const { table: name, columns } = contractData(table);
  const structure = Object.fromEntries(
    columns.map((column) => [column.name, jsonType(columnType(column), column.scale)]),
  );
  const selected = columns.map((column) => {
    const value = fromJson(columnType(column), quoteName(column.name));
    return `${value} AS ${quoteName(column.name)}`;
  });
  const json = JSON.stringify(rows, (_, value: unknown) =>
    typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))
      ? String(value)
      : value,
  );
  await session.run(
    'fill a table',
    `CREATE OR REPLACE TABLE ${quoteName(name)} AS SELECT ${selected.join(', ')} FROM
      (SELECT unnest(from_json($1, $2), max_depth := 2))`,
    [json, JSON.stringify([structure])],
  );
}

function jsonType(type: ValueType, scale?: number): string | readonly string[] {
  if (type === 'texts') return ['VARCHAR'];
  if (type === 'numbers') return ['DOUBLE'];
  if (type === 'date' || type === 'timestamp') return 'BIGINT';
  return duckDbType(type, scale);
}

function fromJson(type: ValueType, column: string): string {
  if (type === 'date') return `DATE '1970-01-01' + CAST(${column} AS INTEGER)`;
  if (type === 'timestamp') return `CAST(make_timestamp(${column}) AS TIMESTAMP WITH TIME ZONE)`;
  return column;
}

async function answer(session: DuckDbSession, relation: Relation<Shape>): Promise<readonly Row[]> {
  const { fields } = relation.node;
  const read = await readColumns(session, fields, compileDuckDb(relation), 1_000_000);
  return rowsOf(read) as readonly Row[];
}
