import { assert, unreachable } from '@backlot/core';
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
import type {
  CallNode,
  ExpressionNode,
  LiteralNode,
  MeasureNode,
  RelationNode,
  SortNode,
} from '../relations/nodes.ts';
import type { Relation, Shape } from '../relations/relation.ts';
import { quoteName, quoteText } from './session.ts';
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
  const printer = new Printer();
  const sql = printer.relation(relation.node);
  return { sql, values: printer.values, types: printer.types, tables: [...printer.tables] };
}

const infixes = {
  eq: '=',
  ne: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
  add: '+',
  subtract: '-',
  concat: '||',
} as const;

const asciiUpper = "'ABCDEFGHIJKLMNOPQRSTUVWXYZ'";
const asciiLower = "'abcdefghijklmnopqrstuvwxyz'";

class Printer {
  readonly values: DuckDBValue[] = [];
  readonly types: DuckDBType[] = [];
  readonly tables = new Set<string>();

  relation(node: RelationNode): string {
    switch (node.kind) {
      case 'source':
        this.tables.add(node.table);
        return `SELECT ${names(node)} FROM ${quoteName(node.table)}`;
      case 'project':
        return `SELECT ${node.columns
          .map(({ name, expression }) => `${this.expression(expression)} AS ${quoteName(name)}`)
          .join(', ')} FROM ${this.#from(node.input)}`;
      case 'filter': {
        const from = this.#from(node.input);
        return `SELECT ${names(node)} FROM ${from} WHERE ${this.expression(node.predicate)}`;
      }
      case 'join':
        return this.#join(node);
      case 'aggregate':
        return this.#aggregate(node);
      case 'distinct':
        return `SELECT DISTINCT ${names(node)} FROM ${this.#from(node.input)}`;
      case 'sort':
        return `SELECT ${names(node)} FROM ${this.#from(node.input)} ORDER BY ${order(node)}`;
      case 'limit':
        return `${this.relation(node.input)} LIMIT ${whole(node.count)} OFFSET ${whole(node.offset)}`;
      case 'union':
        return node.inputs
          .map((input) => `SELECT ${names(node)} FROM ${this.#from(input)}`)
          .join(' UNION ALL ');
      default:
        return unreachable(node);
    }
  }

  #from(node: RelationNode, alias = 'input'): string {
    return `(${this.relation(node)}) AS ${quoteName(alias)}`;
  }

  #join(node: Extract<RelationNode, { readonly kind: 'join' }>): string {
    const left = this.#from(node.left, 'l');
    const right = this.#from(node.right, 'r');
    const on = node.on
      .map((pair) => `"l".${quoteName(pair.left)} = "r".${quoteName(pair.right)}`)
      .join(' AND ');
    const ofLeft = new Set(node.left.fields.map((field) => field.name));
    const columns = node.fields.map(
      ({ name }) => `${ofLeft.has(name) ? '"l"' : '"r"'}.${quoteName(name)} AS ${quoteName(name)}`,
    );
    return `SELECT ${columns.join(', ')} FROM ${left} ${node.how.toUpperCase()} JOIN ${right} ON ${on}`;
  }

  #aggregate(node: Extract<RelationNode, { readonly kind: 'aggregate' }>): string {
    const keys = node.keys.map(quoteName);
    const measures = node.measures.map(
      ({ name, measure }) => `${this.measure(measure)} AS ${quoteName(name)}`,
    );
    const group = keys.length > 0 ? ` GROUP BY ${keys.join(', ')}` : '';
    return `SELECT ${[...keys, ...measures].join(', ')} FROM ${this.#from(node.input)}${group}`;
  }

  expression(node: ExpressionNode): string {
    if (node.kind === 'column') return quoteName(node.name);
    return node.kind === 'literal' ? this.#literal(node) : this.#call(node);
  }

  #literal(node: LiteralNode): string {
    // DuckDB takes a bare whole number for whatever fits, so every place names its type; times go
    // as whole numbers, decimals as text.
    const [value, type] = bound(node);
    this.values.push(value);
    this.types.push(type);
    const place = `$${this.values.length}`;
    if (node.type === 'timestamp') {
      return `CAST(make_timestamp(CAST(${place} AS BIGINT)) AS TIMESTAMP WITH TIME ZONE)`;
    }
    if (node.type === 'date') return `(DATE '1970-01-01' + CAST(${place} AS INTEGER))`;
    return `CAST(${place} AS ${duckDbType(node.type, node.scale)})`;
  }

  #call(node: CallNode): string {
    const parts = node.operands.map((operand) => this.expression(operand));
    const [a = '', b = '', c = ''] = parts;
    switch (node.operation) {
      case 'and':
        return `(${parts.join(' AND ')})`;
      case 'or':
        return `(${parts.join(' OR ')})`;
      case 'inList':
        return `(${a} IN (${parts.slice(1).join(', ')}))`;
      case 'not':
        return `(NOT ${a})`;
      case 'isNull':
        return `(${a} IS NULL)`;
      case 'multiply':
        return signed(node, `${a} * ${b}`);
      case 'negate':
        return signed(node, `-${a}`);
      case 'divide':
        return `(CAST(${a} AS DOUBLE) / nullif(CAST(${b} AS DOUBLE), 0) + 0.0)`;
      case 'toFloat':
        return `CAST(${a} AS DOUBLE)`;
      case 'coalesce':
        return `coalesce(${a}, ${b})`;
      case 'choose':
        return `CASE WHEN ${a} THEN ${b} ELSE ${c} END`;
      case 'lower':
        return `translate(${a}, ${asciiUpper}, ${asciiLower})`;
      case 'upper':
        return `translate(${a}, ${asciiLower}, ${asciiUpper})`;
      case 'length':
        return `length(${a})`;
      case 'dateTrunc':
        return `date_trunc(${quoteText(node.unit ?? 'day')}, ${a})`;
      case 'toDate':
        return `CAST(${a} AS DATE)`;
      default:
        return `(${a} ${infixes[node.operation]} ${b})`;
    }
  }

  measure(node: MeasureNode): string {
    const of = node.of ? this.expression(node.of) : '*';
    const stored = duckDbType(node.type, node.scale);
    switch (node.aggregation) {
      case 'count':
      case 'countValues':
        return `count(${of})`;
      case 'countDistinct':
        return `count(DISTINCT ${of})`;
      case 'sum':
        return `CAST(sum(${of}) AS ${stored})`;
      case 'avg':
        return `avg(CAST(${of} AS DOUBLE))`;
      default:
        return `${node.aggregation}(${of})`;
    }
  }
}

function names(node: RelationNode): string {
  return node.fields.map(({ name }) => quoteName(name)).join(', ');
}

/** The columns asked for, then all others, so that equal rows are the only ties. */
function order(node: SortNode): string {
  const asked = new Set(node.by.map(({ column }) => column));
  const rest = node.fields.filter(({ name }) => !asked.has(name));
  return [...node.by, ...rest.map(({ name }) => ({ column: name, descending: false }))]
    .map(
      ({ column, descending }) => `${quoteName(column)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`,
    )
    .join(', ');
}

function whole(count: number): number {
  assert(Number.isSafeInteger(count) && count >= 0, 'a limit is a whole number from 0');
  return count;
}

/** Adding zero makes a negative zero one of no sign: it would be another group, and print otherwise. */
function signed(node: CallNode, text: string): string {
  return node.type === 'float' ? `(${text} + 0.0)` : `(${text})`;
}

function bound({ type, value }: LiteralNode): [DuckDBValue, DuckDBType] {
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
