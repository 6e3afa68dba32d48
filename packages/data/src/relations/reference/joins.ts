import type { JoinNode, PointInTimeNode } from '../nodes.ts';
import { tieOrder } from '../steps/point-in-time.ts';
import type { Row } from './expression.ts';
import { pairsMatch, rowOrder } from './order.ts';

export function joined(node: JoinNode, left: readonly Row[], right: readonly Row[]): Row[] {
  const ofLeft = new Set(node.left.fields.map(({ name }) => name));
  const added = node.fields.map(({ name }) => name).filter((name) => !ofLeft.has(name));
  const matches = pairsMatch(node.on, node.left.fields);
  const beside = (row: Row, other: Row | undefined): Row => ({
    ...row,
    ...Object.fromEntries(added.map((name) => [name, other?.[name] ?? null])),
  });
  const rows = left.flatMap((row) => {
    const found = right.filter((other) => matches(row, other));
    if (node.how === 'semi') return found.length > 0 ? [row] : [];
    if (node.how === 'anti') return found.length > 0 ? [] : [row];
    const none = found.length === 0 && node.how !== 'inner';
    return none ? [beside(row, undefined)] : found.map((other) => beside(row, other));
  });
  if (node.how !== 'full') return rows;
  const lonely = right.filter((other) => !left.some((row) => matches(row, other)));
  return [...rows, ...lonely.map((other) => beside(keysOf(node, other), other))];
}

/** A row of the right alone: its keys stand in the left's columns. */
function keysOf(node: JoinNode, other: Row): Row {
  return Object.fromEntries(
    node.left.fields.map(({ name }) => {
      const pair = node.on.find(({ left }) => left === name);
      return [name, pair ? other[pair.right]! : null];
    }),
  );
}

export function newest(
  node: PointInTimeNode,
  left: readonly Row[],
  right: readonly Row[],
): readonly Row[] {
  const keys = [node.asOf, ...tieOrder(node)].map((column) => ({ column, descending: false }));
  const order = rowOrder(node.right.fields, keys, 'first');
  const matches = pairsMatch(node.on, node.left.fields);
  const added = node.fields.slice(node.left.fields.length);
  const found = (row: Row, event: Row): boolean => {
    const [at, asOf] = [row[node.at]!, event[node.asOf]!];
    if (at === null || asOf === null || !matches(row, event)) return false;
    const age = Number(at) - Number(asOf);
    return age >= (node.strict ? 1 : 0) && age <= (node.withinMicros ?? Number.POSITIVE_INFINITY);
  };
  return left.map((row) => {
    const event = right
      .filter((one) => found(row, one))
      .reduce<Row | undefined>(
        (best, one) => (best && order(best, one) >= 0 ? best : one),
        undefined,
      );
    return {
      ...row,
      ...Object.fromEntries(added.map(({ name }) => [name, event?.[name] ?? null])),
    };
  });
}
