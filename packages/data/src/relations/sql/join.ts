import type { JoinNode } from '../nodes.ts';
import type { SqlPrinter } from './printer.ts';

/** A join on equal columns; of a full one the keys come from whichever side has the row. */
export function printJoin(printer: SqlPrinter, node: JoinNode): string {
  const left = printer.from(node.left, 'l');
  const right = printer.from(node.right, 'r');
  const at = (side: 'l' | 'r', name: string): string =>
    `${printer.name(side)}.${printer.name(name)}`;
  const on = node.on.map((pair) => `${at('l', pair.left)} = ${at('r', pair.right)}`);
  const ofLeft = new Set(node.left.fields.map((field) => field.name));
  const columns = node.fields.map(({ name }) => {
    const pair = node.how === 'full' && node.on.find((one) => one.left === name);
    const own = pair
      ? `coalesce(${at('l', pair.left)}, ${at('r', pair.right)})`
      : at(ofLeft.has(name) ? 'l' : 'r', name);
    return `${own} AS ${printer.name(name)}`;
  });
  const how = {
    inner: 'INNER JOIN',
    left: 'LEFT JOIN',
    full: 'FULL OUTER JOIN',
    semi: printer.dialect.semiJoin,
    anti: printer.dialect.antiJoin,
  }[node.how];
  return `SELECT ${columns.join(', ')} FROM ${left} ${how} ${right} ON ${on.join(' AND ')}`;
}
