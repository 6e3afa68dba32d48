import {
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { NumberInexact } from '../data-error.ts';
import type { NamedField } from '../relations/nodes.ts';
import { type DuckDbSession, quoteName } from './session.ts';

/**
 * A column's values: numbers in typed arrays (dates are days, timestamps microseconds since 1970),
 * texts in a list, or as `codes` into sorted `values`. Where `valid` is there, 0 marks a missing
 * value; its number is then 0 and its code -1.
 */
export type ColumnResult =
  | { readonly kind: 'float64'; readonly data: Float64Array; readonly valid?: Uint8Array }
  | { readonly kind: 'int32'; readonly data: Int32Array; readonly valid?: Uint8Array }
  | { readonly kind: 'int64'; readonly data: BigInt64Array; readonly valid?: Uint8Array }
  | { readonly kind: 'bool'; readonly data: Uint8Array; readonly valid?: Uint8Array }
  | {
      readonly kind: 'codes';
      readonly codes: Int32Array;
      readonly values: readonly string[];
      readonly valid?: Uint8Array;
    }
  | { readonly kind: 'list'; readonly data: readonly unknown[] };

/** Reads the columns of the `answer` table in its order. */
export async function readColumns(
  session: DuckDbSession,
  fields: readonly NamedField[],
  rows: number,
  encoded: ReadonlySet<string>,
): Promise<Readonly<Record<string, ColumnResult>>> {
  const columns: Record<string, ColumnResult> = {};
  for (const field of fields) {
    columns[field.name] = encoded.has(field.name)
      ? await readCodes(session, field, rows)
      : await readColumn(session, field, rows);
  }
  return columns;
}

async function readColumn(
  session: DuckDbSession,
  field: NamedField,
  rows: number,
): Promise<ColumnResult> {
  const name = quoteName(field.name);
  switch (field.type) {
    case 'int':
      return readNumbers(session, field, rows, name);
    case 'timestamp':
      return readNumbers(session, field, rows, `epoch_us(${name})`);
    case 'float':
      return readFloats(session, rows, name);
    case 'date':
      return readDays(
        session,
        rows,
        `CAST(date_diff('day', DATE '1970-01-01', ${name}) AS INTEGER)`,
      );
    case 'int64': {
      const data = new BigInt64Array(rows);
      return {
        kind: 'int64',
        data,
        ...(await fill(session, name, rows, (row, value) => (data[row] = value as bigint))),
      };
    }
    case 'bool': {
      const data = new Uint8Array(rows);
      return {
        kind: 'bool',
        data,
        ...(await fill(session, name, rows, (row, value) => (data[row] = value ? 1 : 0))),
      };
    }
    case 'decimal':
      return readList(session, rows, `CAST(${name} AS VARCHAR)`, (value) => value);
    case 'texts':
    case 'numbers':
    case 'ints':
    case 'struct':
      return readList(session, rows, name, (value) => nestedValue(field, value));
    case 'text':
      return readList(session, rows, name, (value) => value);
  }
}

/** A value inside a list or a struct, as its JavaScript value. */
function nestedValue(field: NamedField, value: DuckDBValue): unknown {
  if (value === null) return null;
  if (value instanceof DuckDBListValue) {
    return value.items.map((item) =>
      field.type === 'ints' ? exactNumber(field, item as bigint) : item,
    );
  }
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(
      (field.members ?? []).map((member) => [
        member.name,
        nestedValue(member, value.entries[member.name] ?? null),
      ]),
    );
  }
  if (value instanceof DuckDBTimestampTZValue) return exactNumber(field, value.micros);
  if (value instanceof DuckDBDateValue) return value.days;
  if (value instanceof DuckDBDecimalValue) return value.toString();
  return field.type === 'int' ? exactNumber(field, value as bigint) : value;
}

function exactNumber(field: NamedField, value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new NumberInexact(field.name);
  return number;
}

async function readNumbers(
  session: DuckDbSession,
  field: NamedField,
  rows: number,
  sql: string,
): Promise<ColumnResult> {
  const result = await session.run(
    'check whole numbers',
    `SELECT count(*) FROM answer WHERE abs(CAST(${sql} AS HUGEINT)) > 9007199254740991`,
  );
  if (Number((await result.getRows())[0]?.[0]) > 0) throw new NumberInexact(field.name);
  return readFloats(session, rows, `CAST(${sql} AS DOUBLE)`);
}

async function readFloats(
  session: DuckDbSession,
  rows: number,
  sql: string,
): Promise<ColumnResult> {
  const data = new Float64Array(rows);
  const validity = await fill(session, sql, rows, (row, value) => {
    data[row] = value as number;
  });
  return { kind: 'float64', data, ...validity };
}

async function readDays(session: DuckDbSession, rows: number, sql: string): Promise<ColumnResult> {
  const data = new Int32Array(rows);
  const validity = await fill(session, sql, rows, (row, value) => {
    data[row] = value as number;
  });
  return { kind: 'int32', data, ...validity };
}

async function readList(
  session: DuckDbSession,
  rows: number,
  sql: string,
  convert: (value: DuckDBValue) => unknown,
): Promise<ColumnResult> {
  const data = new Array<unknown>(rows).fill(null);
  await fill(session, sql, rows, (row, value) => {
    data[row] = convert(value);
  });
  return { kind: 'list', data };
}

/** Codes are the places of the values in their byte order, so that they depend on the data alone. */
async function readCodes(
  session: DuckDbSession,
  field: NamedField,
  rows: number,
): Promise<ColumnResult> {
  const name = quoteName(field.name);
  await session.run(
    'encode texts',
    `CREATE OR REPLACE TEMP TABLE dictionary AS
     SELECT value, CAST(row_number() OVER (ORDER BY value) - 1 AS INTEGER) AS code
     FROM (SELECT DISTINCT ${name} AS value FROM answer WHERE ${name} IS NOT NULL)`,
  );
  const listed = await session.run('encode texts', 'SELECT value FROM dictionary ORDER BY code');
  const values = (await listed.getColumns())[0] as string[] | undefined;
  const codes = new Int32Array(rows).fill(-1);
  const from = `(SELECT d.code FROM answer a LEFT JOIN dictionary d ON d.value = a.${name} ORDER BY a.rowid)`;
  const validity = await fill(
    session,
    'code',
    rows,
    (row, value) => {
      codes[row] = value as number;
    },
    from,
  );
  return { kind: 'codes', codes, values: values ?? [], ...validity };
}

/** Streams one expression over the answer; answers which values are there, when some are not. */
async function fill(
  session: DuckDbSession,
  sql: string,
  rows: number,
  set: (row: number, value: DuckDBValue) => void,
  from = 'answer',
): Promise<{ readonly valid?: Uint8Array }> {
  const { connection } = session;
  const what = 'read the result';
  const result = await session.guard(what, connection, () =>
    connection.stream(`SELECT ${sql} FROM ${from}`),
  );
  let valid: Uint8Array | undefined;
  let row = 0;
  for (;;) {
    const chunk = await session.guard(what, connection, () => result.fetchChunk());
    if (!chunk || chunk.rowCount === 0) break;
    const vector = chunk.getColumnVector(0);
    for (let index = 0; index < chunk.rowCount; index++, row++) {
      const value = vector.getItem(index);
      if (value !== null) set(row, value);
      else {
        valid ??= new Uint8Array(rows).fill(1);
        valid[row] = 0;
      }
    }
  }
  return valid ? { valid } : {};
}

/** Columns turned into row objects. */
export function rowsOf(found: {
  readonly rows: number;
  readonly columns: Readonly<Record<string, ColumnResult>>;
}): readonly Readonly<Record<string, unknown>>[] {
  const entries = Object.entries(found.columns).map(
    ([name, column]) => [name, valueAt(column)] as const,
  );
  return Array.from({ length: found.rows }, (_, row) =>
    Object.fromEntries(entries.map(([name, at]) => [name, at(row)])),
  );
}

function valueAt(column: ColumnResult): (row: number) => unknown {
  if (column.kind === 'list') return (row) => column.data[row];
  const present = (row: number): boolean => column.valid === undefined || column.valid[row] === 1;
  if (column.kind === 'codes')
    return (row) => (present(row) ? column.values[column.codes[row]!] : null);
  if (column.kind === 'bool') return (row) => (present(row) ? column.data[row] === 1 : null);
  return (row) => (present(row) ? column.data[row] : null);
}
