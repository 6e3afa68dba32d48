import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  SQLNULL,
  VARCHAR,
} from '@duckdb/node-api';
import type { Relation, Shape } from '../relations/relation.ts';
import type { Binding, Dialect } from '../relations/sql/dialect.ts';
import { SqlPrinter } from '../relations/sql/printer.ts';
import { quoteName } from './session.ts';
import { duckDbType } from './types.ts';

/** A relation in DuckDB's SQL. Tables stand under their own names. */
export interface CompiledRelation {
  readonly sql: string;
  /** What is bound to `$1`, `$2`, ..., and as which types. */
  readonly values: readonly DuckDBValue[];
  readonly types: readonly DuckDBType[];
  /** The tables it reads, each once. */
  readonly tables: readonly string[];
}

/** Prints a relation for DuckDB: names quoted, values bound with their types. */
export function compileDuckDb(relation: Relation<Shape>): CompiledRelation {
  const printer = new SqlPrinter(duckDbDialect);
  const sql = printer.relation(relation.node);
  const bound = printer.bindings.map(boundValue);
  return {
    sql,
    values: bound.map(([value]) => value),
    types: bound.map(([, type]) => type),
    tables: [...printer.tables],
  };
}

const duckDbDialect: Dialect = {
  engine: 'duckdb',
  quoteName,
  place: (index) => `$${index}`,
  literal: (place, field) => {
    // DuckDB takes a bare whole number for whatever fits, so every place names its type.
    if (field.type === 'timestamp') {
      return `CAST(make_timestamp(CAST(${place} AS BIGINT)) AS TIMESTAMP WITH TIME ZONE)`;
    }
    if (field.type === 'date') return `(DATE '1970-01-01' + CAST(${place} AS INTEGER))`;
    return `CAST(${place} AS ${duckDbType(field.type, field.scale, field.members)})`;
  },
  typeName: (field) => duckDbType(field.type, field.scale, field.members),
  templateOf: ({ duckdb }) => duckdb,
  measureTemplateOf: ({ duckdb }) => duckdb,
  hash: (text) => `CAST('0x' || substr(md5(${text}), 1, 8) AS BIGINT)`,
  unnest: ({ from, columns, list, item, place, outer }) => {
    const some = (items: string): string =>
      outer ? `CASE WHEN len(${list}) > 0 THEN ${items} ELSE [NULL] END` : items;
    const added = [`unnest(${some(list)}) AS ${item}`];
    // Items and places are unnested side by side.
    if (place) added.push(`unnest(${some(`range(1, len(${list}) + 1)`)}) AS ${place}`);
    return `SELECT ${[...columns, ...added].join(', ')} FROM ${from}`;
  },
  micros: (timestamp) => `epoch_us(${timestamp})`,
  asOfJoin: true,
  semiJoin: 'SEMI JOIN',
  antiJoin: 'ANTI JOIN',
};

function boundValue({ type, value }: Binding): [DuckDBValue, DuckDBType] {
  if (value === null) return [null, SQLNULL];
  switch (type) {
    case 'int':
    case 'int64':
    case 'timestamp':
      return [BigInt(value), BIGINT];
    case 'date':
      return [Number(value), INTEGER];
    case 'float':
      return [Number(value), DOUBLE];
    case 'bool':
      return [value, BOOLEAN];
    default:
      return [String(value), VARCHAR];
  }
}
