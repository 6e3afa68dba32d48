import { assert } from '@backlot/core';
import {
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBVector,
} from '@duckdb/node-api';
import { NumberInexact, ResultTooLarge } from '../data-error.ts';
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

interface ResultQuery {
  readonly sql: string;
  readonly values?: readonly DuckDBValue[];
  readonly types?: readonly DuckDBType[];
}

/** Reads a query's columns in one pass, as it runs; more than `maxRows` are an error. */
export async function readColumns(
  session: DuckDbSession,
  fields: readonly NamedField[],
  query: ResultQuery,
  maxRows: number,
): Promise<{ readonly rows: number; readonly columns: Readonly<Record<string, ColumnResult>> }> {
  const readers = fields.map(readerOf);
  const selected = fields.map((field) => readable(field));
  const sql = `SELECT ${selected.join(', ')} FROM (${query.sql})`;
  const rows = await stream(session, { ...query, sql }, readers, maxRows);
  const columns = fields.map(({ name }, at) => [name, readers[at]!.finish(rows)] as const);
  return { rows, columns: Object.fromEntries(columns) };
}

/** The same, with some text columns as codes: the answer is kept in a table until they are known. */
export async function readEncoded(
  session: DuckDbSession,
  fields: readonly NamedField[],
  query: ResultQuery,
  maxRows: number,
  encoded: ReadonlySet<string>,
): Promise<{ readonly rows: number; readonly columns: Readonly<Record<string, ColumnResult>> }> {
  const { connection } = session;
  await session.guard('run the relation', connection, () =>
    connection.run(
      `CREATE OR REPLACE TEMP TABLE answer AS ${query.sql}`,
      [...(query.values ?? [])],
      [...(query.types ?? [])],
    ),
  );
  const plain = fields.filter(({ name }) => !encoded.has(name));
  // Of a table whose columns are all encoded the rows are read by themselves.
  const counted = await session.run('count', 'SELECT count(*) FROM answer');
  const rows = Number((await counted.getRows())[0]?.[0]);
  if (rows > maxRows) throw new ResultTooLarge(maxRows);
  const read =
    plain.length > 0 && (await readColumns(session, plain, { sql: 'FROM answer' }, rows));
  const columns: Record<string, ColumnResult> = {};
  for (const field of fields) {
    columns[field.name] = encoded.has(field.name)
      ? await readCodes(session, field)
      : (read as Exclude<typeof read, false>).columns[field.name]!;
  }
  return { rows, columns };
}

/** Takes a column's chunks one after another. */
interface ColumnReader {
  /** `from` is the row of the chunk's first value. */
  take(vector: DuckDBVector, count: number, from: number): void;
  finish(rows: number): ColumnResult;
}

async function stream(
  session: DuckDbSession,
  { sql, values = [], types = [] }: ResultQuery,
  readers: readonly ColumnReader[],
  maxRows: number,
): Promise<number> {
  const { connection } = session;
  const what = 'run the relation';
  const result = await session.guard(what, connection, () =>
    connection.stream(sql, [...values], [...types]),
  );
  for (let rows = 0; ; ) {
    const chunk = await session.guard(what, connection, () => result.fetchChunk());
    if (!chunk || chunk.rowCount === 0) return rows;
    if (rows + chunk.rowCount > maxRows) throw new ResultTooLarge(maxRows);
    for (const [at, reader] of readers.entries()) {
      reader.take(chunk.getColumnVector(at), chunk.rowCount, rows);
    }
    rows += chunk.rowCount;
  }
}

/** A column as its reader takes it. */
function readable({ name, type }: NamedField): string {
  const quoted = quoteName(name);
  switch (type) {
    case 'int':
      return `CAST(${quoted} AS DOUBLE)`;
    case 'timestamp':
      return `CAST(epoch_us(${quoted}) AS DOUBLE)`;
    case 'date':
      return `CAST(date_diff('day', DATE '1970-01-01', ${quoted}) AS INTEGER)`;
    case 'decimal':
      return `CAST(${quoted} AS VARCHAR)`;
    default:
      return quoted;
  }
}

function readerOf(field: NamedField): ColumnReader {
  switch (field.type) {
    case 'int':
    case 'timestamp':
      return numberReader(
        (size) => new Float64Array(size),
        (data) => {
          // Whole numbers beyond 2^53 - 1 are at least 2^53 as doubles, so none is missed.
          if (!data.every((value) => Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
            throw new NumberInexact(field.name);
          }
        },
        (data, valid) => ({ kind: 'float64', data, ...valid }),
      );
    case 'float':
      return numberReader(
        (size) => new Float64Array(size),
        undefined,
        (data, valid) => ({ kind: 'float64', data, ...valid }),
      );
    case 'date':
      return int32Reader();
    case 'int64':
      return numberReader(
        (size) => new BigInt64Array(size),
        undefined,
        (data, valid) => ({ kind: 'int64', data, ...valid }),
      );
    case 'bool':
      return boolReader();
    case 'texts':
    case 'numbers':
    case 'ints':
    case 'struct':
      return listReader((value) => nestedValue(field, value));
    case 'decimal':
    case 'text':
      return listReader((value) => value);
  }
}

function int32Reader(): ColumnReader {
  return numberReader(
    (size) => new Int32Array(size),
    undefined,
    (data, valid) => ({ kind: 'int32', data, ...valid }),
  );
}

type Numbers = Float64Array | Int32Array | BigInt64Array;

/** Copies whole chunks; only where values are missing are they looked at one by one. */
function numberReader<A extends Numbers>(
  make: (size: number) => A,
  check: ((chunk: A) => void) | undefined,
  finish: (data: A, valid: { readonly valid?: Uint8Array }) => ColumnResult,
): ColumnReader {
  let data = make(2048);
  const validity = new Validity();
  return {
    take: (vector, count, from) => {
      if (from + count > data.length) {
        const grown = make(Math.max(data.length * 2, from + count));
        grown.set(data as never);
        data = grown;
      }
      data.set(itemsOf<A>(vector) as never, from);
      validity.take(vector, count, from, (row) => {
        data[row] = (data instanceof BigInt64Array ? 0n : 0) as never;
      });
      check?.(data.subarray(from, from + count) as A);
    },
    finish: (rows) => finish(data.slice(0, rows) as A, validity.finish(rows)),
  };
}

function boolReader(): ColumnReader {
  let data = new Uint8Array(2048);
  const validity = new Validity();
  return {
    take: (vector, count, from) => {
      if (from + count > data.length) {
        const grown = new Uint8Array(Math.max(data.length * 2, from + count));
        grown.set(data);
        data = grown;
      }
      for (let at = 0; at < count; at++) data[from + at] = vector.getItem(at) === true ? 1 : 0;
      validity.take(vector, count, from, () => undefined);
    },
    finish: (rows) => ({ kind: 'bool', data: data.slice(0, rows), ...validity.finish(rows) }),
  };
}

function listReader(convert: (value: DuckDBValue) => unknown): ColumnReader {
  const data: unknown[] = [];
  return {
    take: (vector, count) => {
      for (let at = 0; at < count; at++) {
        const value = vector.getItem(at) as DuckDBValue;
        data.push(value === null ? null : convert(value));
      }
    },
    finish: () => ({ kind: 'list', data }),
  };
}

/** Which values are there; nothing while all are. */
class Validity {
  #valid: Uint8Array | undefined;

  take(vector: DuckDBVector, count: number, from: number, clear: (row: number) => void): void {
    const bits = validBits(vector);
    if (!bits && !this.#valid) return;
    const end = from + count;
    if (!this.#valid || this.#valid.length < end) {
      const grown = new Uint8Array(Math.max(end, 2 * (this.#valid?.length ?? 0))).fill(1);
      if (this.#valid) grown.set(this.#valid);
      this.#valid = grown;
    }
    if (!bits) return;
    for (let at = 0; at < count; at++) {
      if (((bits[at >> 3]! >> (at & 7)) & 1) === 1) continue;
      this.#valid[from + at] = 0;
      clear(from + at);
    }
  }

  finish(rows: number): { readonly valid?: Uint8Array } {
    const valid = this.#valid?.slice(0, rows);
    return valid?.includes(0) ? { valid } : {};
  }
}

/** What a vector holds in memory, which the binding's types keep to themselves: copied as a whole. */
interface RawVector {
  readonly items: unknown;
  readonly validity: { readonly data: BigUint64Array | null; readonly offset: number };
}

function itemsOf<A extends Numbers>(vector: DuckDBVector): A {
  const { items } = vector as unknown as RawVector;
  assert(ArrayBuffer.isView(items), 'a vector of numbers is a typed array');
  return items as unknown as A;
}

function validBits(vector: DuckDBVector): Uint8Array | undefined {
  const { data, offset } = (vector as unknown as RawVector).validity;
  assert(offset === 0, 'a chunk begins with its vector');
  return data ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : undefined;
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

/** Codes are the places of the values in their byte order, so that they depend on the data alone. */
async function readCodes(session: DuckDbSession, field: NamedField): Promise<ColumnResult> {
  const name = quoteName(field.name);
  await session.run(
    'encode texts',
    `CREATE OR REPLACE TEMP TABLE dictionary AS
     SELECT value, CAST(row_number() OVER (ORDER BY value) - 1 AS INTEGER) AS code
     FROM (SELECT DISTINCT ${name} AS value FROM answer WHERE ${name} IS NOT NULL)`,
  );
  const listed = await session.run('encode texts', 'SELECT value FROM dictionary ORDER BY code');
  const values = ((await listed.getColumns())[0] as string[] | undefined) ?? [];
  const sql = `SELECT d.code FROM answer a LEFT JOIN dictionary d ON d.value = a.${name} ORDER BY a.rowid`;
  const reader = int32Reader();
  const rows = await stream(session, { sql }, [reader], Number.POSITIVE_INFINITY);
  const read = reader.finish(rows);
  assert(read.kind === 'int32', 'codes are whole numbers');
  const { data: codes, valid } = read;
  if (!valid) return { kind: 'codes', codes, values };
  for (let row = 0; row < rows; row++) if (valid[row] === 0) codes[row] = -1;
  return { kind: 'codes', codes, values, valid };
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
