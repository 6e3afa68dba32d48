import type { ReactNode } from 'react';
import { useConsole } from '../console-context.ts';
import { Id } from './copy.tsx';
import { Count } from './number.tsx';
import type { ColumnSpec } from './table.tsx';
import { Ago } from './time.tsx';

type Value<Row, T> = (row: Row) => T | undefined;

/** How long ago; rows without an instant stay empty and sort last. */
export function agoColumn<Row>(title: ReactNode, at: Value<Row, number>): ColumnSpec<Row> {
  return {
    id: 'at',
    title,
    end: true,
    by: (row) => at(row) ?? 0,
    cell: (row) => {
      const value = at(row);
      return value === undefined ? null : <Ago at={value} />;
    },
  };
}

export function digestColumn<Row>(title: ReactNode, digest: Value<Row, string>): ColumnSpec<Row> {
  return {
    id: 'digest',
    title,
    cell: (row) => {
      const value = digest(row);
      return value === undefined ? null : <Id id={value} />;
    },
  };
}

export function countColumn<Row>(
  id: string,
  title: ReactNode,
  count: (row: Row) => number,
): ColumnSpec<Row> {
  return { id, title, end: true, by: count, cell: (row) => <Count value={count(row)} /> };
}

export function bytesColumn<Row>(title: ReactNode, bytes: (row: Row) => number): ColumnSpec<Row> {
  return { id: 'bytes', title, end: true, by: bytes, cell: (row) => <Bytes value={bytes(row)} /> };
}

/** A length of time in milliseconds. */
export function durationColumn<Row>(
  id: string,
  title: ReactNode,
  ms: Value<Row, number>,
): ColumnSpec<Row> {
  return {
    id,
    title,
    end: true,
    by: (row) => ms(row) ?? 0,
    cell: (row) => {
      const value = ms(row);
      return value === undefined ? null : <Duration ms={value} />;
    },
  };
}

function Bytes({ value }: { readonly value: number }) {
  return useConsole().f.bytes(value);
}

function Duration({ ms }: { readonly ms: number }) {
  return useConsole().f.duration(ms);
}
