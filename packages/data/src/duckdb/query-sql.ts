import type { Purpose } from '@backlot/access';
import type { Io } from '@backlot/core';
import { columnType, type NamedColumn } from '../contract.ts';
import { BadQuery, EngineFailed } from '../data-error.ts';
import type { Snapshot } from '../snapshots/snapshot.ts';
import { DuckDbSession, quoteName, quoteText } from './session.ts';
import { duckDbType } from './types.ts';

export interface SqlOptions {
  readonly io: Io;
  readonly memoryMiB: number;
  readonly threads: number;
  readonly scratch: string;
  /** At most so many rows are answered. */
  readonly maxRows: number;
  /** Opens the current snapshot of a table; throws where there is none, or it may not be read. */
  readonly open: (table: string) => Promise<Snapshot>;
  readonly signal?: AbortSignal;
}

export interface SqlAnswer {
  readonly columns: readonly string[];
  /** Values as JSON says them: wide numbers and times as text. */
  readonly rows: readonly (readonly unknown[])[];
  /** Whether there were more rows than are answered. */
  readonly cut: boolean;
  readonly tables: readonly string[];
  readonly purpose: Purpose | undefined;
}

/**
 * Answers one SELECT over current snapshots. DuckDB's own parser says which tables it names: those are
 * opened and nothing else is there, no files, no functions that read. Columns that are personal or
 * pseudonyms are not in the views, so that no query can answer or filter by them.
 *
 * @throws BadQuery where it is no single SELECT, or names what it must not
 */
export async function querySql(sql: string, options: SqlOptions): Promise<SqlAnswer> {
  const { io, scratch } = options;
  await io.files.makeFolder(scratch);
  const tables = await tablesOf(sql, options);
  const snapshots = await Promise.all(tables.map(options.open));
  const session = await DuckDbSession.open({
    ...options,
    readable: snapshots.flatMap(({ paths }) => paths),
  });
  try {
    for (const snapshot of snapshots) await createOpenView(session, snapshot);
    const found = await session.guard('answer the query', session.connection, () =>
      session.connection.streamAndReadUntil(sql, options.maxRows + 1),
    );
    const rows = found.getRowsJson();
    return {
      columns: found.columnNames(),
      rows: rows.slice(0, options.maxRows),
      cut: rows.length > options.maxRows,
      tables,
      purpose: snapshots[0]?.purpose,
    };
  } catch (error) {
    if (error instanceof EngineFailed) throw badQuery(error, snapshots);
    throw error;
  } finally {
    session.close();
  }
}

/** DuckDB's words may quote data, so only a column of ours that it does not know is named. */
function badQuery(error: EngineFailed, snapshots: readonly Snapshot[]): BadQuery {
  const text = error.cause instanceof Error ? error.cause.message : '';
  const hidden = snapshots.flatMap(({ manifest }) =>
    manifest.contract.columns.filter((column) => !isOpen(column)),
  );
  const named = hidden.find(({ name }) => text.includes(`"${name}"`));
  if (named)
    return new BadQuery(`column ${named.name} is ${named.sensitivity}: SQL does not see it`);
  return new BadQuery('DuckDB cannot answer it: look at names, types and functions', error);
}

function isOpen({ sensitivity }: NamedColumn): boolean {
  return sensitivity === 'public' || sensitivity === 'internal';
}

async function createOpenView(
  session: DuckDbSession,
  { manifest, paths }: Snapshot,
): Promise<void> {
  const { contract } = manifest;
  const columns = contract.columns.filter(isOpen).map((column) => {
    const from = paths.length > 0 ? quoteName(column.name) : 'NULL';
    const type = duckDbType(columnType(column), column.scale);
    return `CAST(${from} AS ${type}) AS ${quoteName(column.name)}`;
  });
  if (columns.length === 0) throw new BadQuery(`${contract.table} has no column that SQL may see`);
  const files = paths.map(quoteText).join(', ');
  const from =
    paths.length > 0
      ? `read_parquet([${files}], hive_partitioning = false)`
      : '(SELECT 1) WHERE false';
  const view = `CREATE TEMP VIEW ${quoteName(contract.table)}`;
  await session.run('open the snapshot', `${view} AS SELECT ${columns.join(', ')} FROM ${from}`);
}

type Json = Readonly<Record<string, unknown>>;

/** The tables that a query names, as the parser of DuckDB reads it. */
async function tablesOf(sql: string, options: SqlOptions): Promise<readonly string[]> {
  const session = await DuckDbSession.open({ ...options, readable: [] });
  try {
    const result = await session.run('parse', 'SELECT json_serialize_sql($1::VARCHAR)', [sql]);
    const tree = JSON.parse(String((await result.getRows())[0]?.[0])) as Json;
    const statements = tree.statements;
    if (tree.error === true || !Array.isArray(statements) || statements.length !== 1) {
      throw new BadQuery('it is not one SELECT statement');
    }
    const found = { tables: new Set<string>(), named: new Set<string>() };
    look(statements[0], found);
    return [...found.tables].filter((name) => !found.named.has(name));
  } finally {
    session.close();
  }
}

interface Found {
  readonly tables: Set<string>;
  /** What the query itself calls a table, by WITH. */
  readonly named: Set<string>;
}

/** Functions of tables that make rows of what they are given. */
const makers: ReadonlySet<unknown> = new Set(['unnest', 'range', 'generate_series']);
/** Functions of values that tell of the machine, or of settings. */
const telling =
  /^(?:current_setting|getenv|getvariable|current_query|pg_|duckdb_|pragma_|sqlite_|read_|query|write_)/i;

/** What DuckDB has itself: a name of a WITH elsewhere in the query must not open the way to it. */
const catalogue = /^(?:duckdb_|sqlite_|pragma_|pg_|information_schema)/i;
/** A path in place of a name would be read as a file. */
const plainTable = /^[a-z_][a-z0-9_-]{0,62}$/i;

/** Looks at every part of the parsed query; what is not known to be harmless is refused. */
function look(node: unknown, found: Found): void {
  if (Array.isArray(node)) for (const one of node) look(one, found);
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
  const { type, table_name: table, function: called, ...rest } = node as Json;
  if (type === 'BASE_TABLE') {
    const plain = rest.schema_name === '' && rest.catalog_name === '';
    if (!plain) throw new BadQuery('tables are named without a schema');
    const name = String(table);
    if (catalogue.test(name) || !plainTable.test(name)) {
      throw new BadQuery('tables are those of the project, and what WITH calls by a plain name');
    }
    found.tables.add(name);
  }
  if (type === 'TABLE_FUNCTION') {
    const name = (called as Json | undefined)?.function_name;
    if (!makers.has(name)) throw new BadQuery('functions that answer tables are not called');
  }
  if (type === 'SHOW_REF') throw new BadQuery('it is not one SELECT statement');
  if (typeof rest.function_name === 'string' && telling.test(rest.function_name)) {
    throw new BadQuery(`the function ${rest.function_name} is not called here`);
  }
  const { map } = (rest.cte_map ?? {}) as { readonly map?: readonly { readonly key: unknown }[] };
  for (const { key } of map ?? []) found.named.add(String(key));
  look(called, found);
  for (const value of Object.values(rest)) look(value, found);
}
