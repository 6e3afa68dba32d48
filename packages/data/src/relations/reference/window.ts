import { assert } from '@backlot/core';
import type { Value } from '../functions/definition.ts';
import type { WindowFunctionNode, WindowNode } from '../nodes.ts';
import { seesTies, totalOrder } from '../steps/window.ts';
import { evaluateExpression, evaluateMeasure, type Row } from './expression.ts';
import { keyOf, rowOrder } from './order.ts';

/** Each row with its functions' values, part by part. */
export function windowed(node: WindowNode, rows: readonly Row[]): readonly Row[] {
  const parts = Map.groupBy(rows, (row) => keyOf(node.by.map((name) => row[name]!)));
  return [...parts.values()].flatMap((part) => {
    const order = rowOrder(node.input.fields, totalOrder(node.input, node.order, node.by));
    const ordered = [...part].sort(order);
    return ordered.map((row, index) => ({
      ...row,
      ...Object.fromEntries(
        node.columns.map((column) => [
          column.name,
          valueOver(node, column.function, ordered, index),
        ]),
      ),
    }));
  });
}

function valueOver(
  node: WindowNode,
  of: WindowFunctionNode,
  part: readonly Row[],
  index: number,
): Value {
  const at = (row: Row | undefined): Value =>
    row === undefined ? null : evaluateExpression(of.operands[0]!, row);
  const frame = seesTies(of) && of.frame ? inTime(node, of, part, index) : inRows(of, part, index);
  switch (of.function) {
    case 'rowNumber':
      return index + 1;
    case 'rank':
      return 1 + before(node, part, index).length;
    case 'denseRank':
      return 1 + differentPlaces(node, before(node, part, index));
    case 'lag':
      return at(part[index - of.count!]);
    case 'lead':
      return at(part[index + of.count!]);
    case 'first':
      return at(frame[0]);
    case 'last':
      return at(frame.at(-1));
    case 'nth':
      return at(frame[of.count! - 1]);
    case 'measure':
      assert(of.measure, 'a measure over a frame');
      return evaluateMeasure(of.measure, frame);
  }
}

function inRows({ frame }: WindowFunctionNode, part: readonly Row[], index: number) {
  const first = frame?.preceding === undefined ? 0 : Math.max(0, index - frame.preceding);
  const end = frame?.following === undefined ? part.length : index + frame.following + 1;
  return part.slice(first, end);
}

/** A row without a time sees those without one, and all on the side that has no bound. */
function inTime(
  node: WindowNode,
  { frame }: WindowFunctionNode,
  part: readonly Row[],
  index: number,
) {
  const time = (row: Row): number | null => row[node.order[0]!.column] as number | null;
  const own = time(part[index]!);
  const { preceding, following } = frame!;
  return part.filter((row) => {
    const other = time(row);
    if (own === null) return other === null || preceding === undefined;
    if (other === null) return following === undefined;
    return (
      (preceding === undefined || other >= own - preceding) &&
      (following === undefined || other <= own + following)
    );
  });
}

function before(node: WindowNode, part: readonly Row[], index: number): readonly Row[] {
  const order = rowOrder(node.input.fields, node.order);
  return part.filter((row) => order(row, part[index]!) < 0);
}

function differentPlaces(node: WindowNode, rows: readonly Row[]): number {
  const order = rowOrder(node.input.fields, node.order);
  return rows.filter((row, index) => index === 0 || order(rows[index - 1]!, row) !== 0).length;
}
