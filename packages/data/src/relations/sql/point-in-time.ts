import { fieldNamed } from '../fields.ts';
import type { PointInTimeNode, RelationNode } from '../nodes.ts';
import { tieOrder } from '../steps/point-in-time.ts';
import type { SqlPrinter } from './printer.ts';

/** A point-in-time join: by `ASOF JOIN` where there is one, else by one window over both sides. */
export function printPointInTime(printer: SqlPrinter, node: PointInTimeNode): string {
  return printer.dialect.asOfJoin ? printAsOf(printer, node) : printWindow(printer, node);
}

/**
 * Events that share key and time are reduced to the one that is found, for `ASOF JOIN` takes any. A
 * row without a time must find nothing, yet DuckDB 1.5 gives it the newest event when there are more
 * than a few rows: hence the guard.
 */
function printAsOf(printer: SqlPrinter, node: PointInTimeNode): string {
  const name = (of: string): string => printer.name(of);
  const left = (of: string): string => `${name('l')}.${name(of)}`;
  const right = (of: string): string => `${name('r')}.${name(of)}`;
  const rows = printer.from(node.left, 'l');
  const keys = [...node.on.map((pair) => name(pair.right)), name(node.asOf)];
  const order = tieTerms(printer, node, '').map((term) => `${term} DESC NULLS LAST`);
  // Two equal events are one: where nothing is left to order by, any may be kept.
  const events = `SELECT * FROM ${printer.from(node.right)} WHERE ${thereAll(keys)}
    QUALIFY row_number() OVER (PARTITION BY ${keys.join(', ')}
      ORDER BY ${order.length > 0 ? order.join(', ') : 'NULL'}) = 1`;
  const on = node.on.map((pair) => `${left(pair.left)} = ${right(pair.right)}`);
  on.push(`${left(node.at)} ${node.strict ? '>' : '>='} ${right(node.asOf)}`);
  const found = foundWhen(printer, node, left, right(node.asOf));
  const columns = [
    ...node.left.fields.map((field) => left(field.name)),
    ...added(node).map((of) => `CASE WHEN ${found} THEN ${right(of)} END AS ${name(of)}`),
  ];
  return `SELECT ${columns.join(', ')} FROM ${rows}
    ASOF LEFT JOIN (${events}) AS ${name('r')} ON ${on.join(' AND ')}`;
}

/**
 * Rows and events in one stream, each key's sorted by time: a row's event is the last one before it.
 * One exchange and one sort, where a range join with an aggregate grows with rows times events. The
 * columns that begin with `_` cannot clash: no column of a relation is named so.
 */
function printWindow(printer: SqlPrinter, node: PointInTimeNode): string {
  const name = (of: string): string => printer.name(of);
  const keys = node.on.map((_, index) => name(`_k${index}`));
  const rows = sideOf(printer, node.left, [
    ...node.on.map((pair, index) => `${name(pair.left)} AS ${keys[index]}`),
    `${name(node.at)} AS ${name('_t')}`,
    `${node.strict ? 0 : 1} AS ${name('_s')}`,
    `${structOf(printer, node.left)} AS ${name('_l')}`,
    `NULL AS ${name('_e')}`,
  ]);
  const times = [...node.on.map((pair) => name(pair.right)), name(node.asOf)];
  const events = sideOf(printer, node.right, [
    ...node.on.map((pair) => name(pair.right)),
    name(node.asOf),
    `${node.strict ? 1 : 0}`,
    'NULL',
    structOf(printer, node.right),
  ]);
  const order = [
    `${name('_t')} ASC NULLS FIRST`,
    name('_s'),
    ...tieTerms(printer, node, `${name('_e')}.`).map((term) => `${term} ASC NULLS FIRST`),
  ];
  const all = `SELECT ${name('_t')}, ${name('_l')}, last_value(${name('_e')}) IGNORE NULLS
      OVER (PARTITION BY ${keys.join(', ')} ORDER BY ${order.join(', ')}
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS ${name('_m')}
    FROM (${rows} UNION ALL ${events} WHERE ${thereAll(times)})`;
  const left = (of: string): string => `${name('_l')}.${name(of)}`;
  const found = foundWhen(printer, node, left, `${name('_m')}.${name(node.asOf)}`);
  const columns = [
    ...node.left.fields.map((field) => `${left(field.name)} AS ${name(field.name)}`),
    ...added(node).map(
      (of) => `CASE WHEN ${found} THEN ${name('_m')}.${name(of)} END AS ${name(of)}`,
    ),
  ];
  return `SELECT ${columns.join(', ')} FROM (${all}) WHERE ${name('_l')} IS NOT NULL`;
}

function tieTerms(printer: SqlPrinter, node: PointInTimeNode, of: string): readonly string[] {
  return tieOrder(node).flatMap((name) =>
    printer.orderTerms(`${of}${printer.name(name)}`, fieldNamed(node.right, name)),
  );
}

function sideOf(printer: SqlPrinter, side: RelationNode, columns: readonly string[]): string {
  return `SELECT ${columns.join(', ')} FROM ${printer.from(side)}`;
}

function structOf(printer: SqlPrinter, side: RelationNode): string {
  const members = side.fields.map(({ name }) => `${printer.name(name)} AS ${printer.name(name)}`);
  return `struct(${members.join(', ')})`;
}

function foundWhen(
  printer: SqlPrinter,
  node: PointInTimeNode,
  left: (name: string) => string,
  asOf: string,
): string {
  const there = thereAll([...node.on.map((pair) => left(pair.left)), left(node.at)]);
  if (node.withinMicros === undefined) return there;
  const { micros } = printer.dialect;
  // A number of the node, checked to be whole; bound values would be bound once for each column.
  return `${there} AND ${micros(left(node.at))} - ${micros(asOf)} <= ${Math.trunc(node.withinMicros)}`;
}

function thereAll(columns: readonly string[]): string {
  return columns.map((column) => `${column} IS NOT NULL`).join(' AND ');
}

/** The event's columns that come out, its time among them. */
function added(node: PointInTimeNode): readonly string[] {
  return node.fields.slice(node.left.fields.length).map(({ name }) => name);
}
