import { assert } from '@backlot/core';
import type { Data, RecordBatch, Vector } from 'apache-arrow';
import { NumberInexact } from '../data-error.ts';
import type { ColumnResult } from '../duckdb/result-columns.ts';
import type { NamedField } from '../relations/nodes.ts';

/** Turns a result's batches into columns of the same shape as the other engine's. */
export function columnsOf(
  batches: readonly RecordBatch[],
  fields: readonly NamedField[],
  encoded: ReadonlySet<string>,
): Readonly<Record<string, ColumnResult>> {
  const rows = batches.reduce((sum, batch) => sum + batch.numRows, 0);
  const columns: Record<string, ColumnResult> = {};
  for (const [index, field] of fields.entries()) {
    const vectors = batches.map((batch) => {
      const vector = batch.getChildAt(index);
      assert(vector, 'a batch has every column');
      return vector;
    });
    columns[field.name] = encoded.has(field.name)
      ? codesOf(vectors, rows)
      : columnOf(field, vectors, rows);
  }
  return columns;
}

function columnOf(field: NamedField, vectors: readonly Vector[], rows: number): ColumnResult {
  switch (field.type) {
    case 'int':
    case 'timestamp':
    case 'float': {
      const data = new Float64Array(rows);
      const validity = fill(field, vectors, rows, (row, value) => (data[row] = value as number));
      return { kind: 'float64', data, ...validity };
    }
    case 'date': {
      const data = new Int32Array(rows);
      const validity = fill(field, vectors, rows, (row, value) => (data[row] = value as number));
      return { kind: 'int32', data, ...validity };
    }
    case 'int64': {
      const data = new BigInt64Array(rows);
      const validity = fill(field, vectors, rows, (row, value) => (data[row] = value as bigint));
      return { kind: 'int64', data, ...validity };
    }
    case 'bool': {
      const data = new Uint8Array(rows);
      const validity = fill(field, vectors, rows, (row, value) => (data[row] = value ? 1 : 0));
      return { kind: 'bool', data, ...validity };
    }
    default: {
      const data = new Array<unknown>(rows).fill(null);
      fill(field, vectors, rows, (row, value) => (data[row] = value));
      return { kind: 'list', data };
    }
  }
}

/** Gives each value that is there to `set`; answers which are, when some are not. */
function fill(
  field: NamedField,
  vectors: readonly Vector[],
  rows: number,
  set: (row: number, value: unknown) => void,
): { readonly valid?: Uint8Array } {
  let valid: Uint8Array | undefined;
  let row = 0;
  for (const vector of vectors) {
    const read = readerOf(field, vector);
    for (let index = 0; index < vector.length; index++, row++) {
      if (vector.isValid(index)) set(row, read(index));
      else {
        valid ??= new Uint8Array(rows).fill(1);
        valid[row] = 0;
      }
    }
  }
  return valid ? { valid } : {};
}

/** Reads a value that is there, as its JavaScript value. */
function readerOf(field: NamedField, vector: Vector): (index: number) => unknown {
  const [data] = vector.data;
  if (!data) return () => null;
  switch (field.type) {
    case 'int':
    case 'timestamp': {
      // Arrow's own reading of a timestamp loses microseconds, the integers below it do not.
      const values = wholeNumbers(data);
      return (index) => exactNumber(field, values[index]!);
    }
    case 'int64': {
      const values = wholeNumbers(data);
      return (index) => values[index];
    }
    case 'date': {
      const values = data.values as Int32Array;
      return (index) => values[index];
    }
    case 'decimal':
      return (index) => decimalText(BigInt(String(vector.get(index))), field.scale ?? 0);
    case 'texts':
    case 'numbers':
      return (index) => [...(vector.get(index) as Vector)];
    case 'ints':
      return (index) =>
        Array.from(vector.get(index) as Vector, (item: bigint) => exactNumber(field, item));
    case 'struct':
      return structReader(field, vector);
    default:
      return (index) => vector.get(index);
  }
}

function structReader(field: NamedField, vector: Vector): (index: number) => unknown {
  const members = (field.members ?? []).map((member, place) => {
    const child = vector.getChildAt(place);
    assert(child, 'a struct has every member');
    return { name: member.name, child, read: readerOf(member, child) };
  });
  return (index) =>
    Object.fromEntries(
      members.map(({ name, child, read }) => [name, child.isValid(index) ? read(index) : null]),
    );
}

function wholeNumbers(data: Data): BigInt64Array {
  assert(data.values instanceof BigInt64Array, 'whole numbers and times come as 64 bits');
  return data.values;
}

function exactNumber(field: NamedField, value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new NumberInexact(field.name);
  return number;
}

/** A decimal from its digits without a point. */
function decimalText(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? '-' : '';
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const point = digits.length - scale;
  return sign + (scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`);
}

/** Codes are the places of the values in their byte order, so that they depend on the data alone. */
function codesOf(vectors: readonly Vector[], rows: number): ColumnResult {
  const places = new Map<string, number>();
  const codes = new Int32Array(rows).fill(-1);
  const field = { name: '', type: 'text', nullable: true } as const;
  const validity = fill(field, vectors, rows, (row, value) => {
    const place = places.get(value as string) ?? places.size;
    places.set(value as string, place);
    codes[row] = place;
  });
  const sorted = [...places.keys()]
    .map((value) => ({ value, bytes: Buffer.from(value) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ value }) => value);
  const order = new Int32Array(places.size);
  for (const [code, value] of sorted.entries()) order[places.get(value)!] = code;
  for (let row = 0; row < rows; row++) if (codes[row]! >= 0) codes[row] = order[codes[row]!]!;
  return { kind: 'codes', codes, values: sorted, ...validity };
}
