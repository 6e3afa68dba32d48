import { unreachable } from '@backlot/core';
import { BadRelation } from '../data-error.ts';
import type { Value } from './functions/definition.ts';
import { inputsOf } from './inputs-of.ts';
import type { AggregateNode, RelationNode, SetNode, UnnestNode, ValuesNode } from './nodes.ts';
import { evaluateExpression, evaluateMeasure, type Row } from './reference/expression.ts';
import { joined, newest } from './reference/joins.ts';
import { keyOf, rowKey, rowOrder } from './reference/order.ts';
import { windowed } from './reference/window.ts';
import { inSample } from './steps/sample.ts';
import { totalOrder } from './steps/window.ts';

/** Rows by table. */
export type TableRows = Readonly<Record<string, readonly Row[]>>;

/**
 * The rows of a relation by its reference semantics, over rows in memory: slow and plain, what the
 * engines are held to. Their order means something below `sort` and `limit` alone.
 */
export function evaluate(node: RelationNode, tables: TableRows): readonly Row[] {
  if (node.kind === 'source') return tables[node.table] ?? [];
  return rowsOf(
    node,
    inputsOf(node).map((input) => evaluate(input, tables)),
  );
}

type Inner = Exclude<RelationNode, { readonly kind: 'source' }>;

function rowsOf(node: Inner, inputs: readonly (readonly Row[])[]): readonly Row[] {
  const [rows = [], others = []] = inputs;
  switch (node.kind) {
    case 'values':
      return written(node);
    case 'project':
      return rows.map((row) =>
        Object.fromEntries(
          node.columns.map(({ name, expression }) => [name, evaluateExpression(expression, row)]),
        ),
      );
    case 'filter':
      return rows.filter((row) => evaluateExpression(node.predicate, row) === true);
    case 'distinct':
      return distinct(node, rows);
    case 'union':
      return inputs.flat();
    case 'except':
    case 'intersect':
      return setOf(node, rows, others);
    case 'sort':
      return [...rows].sort(rowOrder(node.fields, totalOrder(node, node.by)));
    case 'limit':
      return rows.slice(node.offset, node.offset + node.count);
    case 'join':
      return joined(node, rows, others);
    case 'cross':
      return rows.flatMap((row) => others.map((other) => ({ ...row, ...other })));
    case 'pointInTime':
      return newest(node, rows, others);
    case 'aggregate':
      return aggregated(node, rows);
    case 'window':
      return windowed(node, rows);
    case 'unnest':
      return rows.flatMap((row) => unnested(node, row));
    case 'sample':
      return rows.filter(
        ({ [node.key]: key }) => key !== null && inSample(key as string | number | bigint, node),
      );
    case 'bucketed':
      return rows;
    case 'sql':
      throw new BadRelation('SQL of its own has no reference semantics', 'run it on an engine');
    default:
      return unreachable(node);
  }
}

function written(node: ValuesNode): readonly Row[] {
  return node.rows.map((row) =>
    Object.fromEntries(
      node.fields.map(({ name }, at) => [name, evaluateExpression(row[at]!, {})] as const),
    ),
  );
}

function distinct(node: RelationNode, rows: readonly Row[]): readonly Row[] {
  return [...new Map(rows.map((row) => [rowKey(node.fields, row), row])).values()];
}

function setOf(node: SetNode, rows: readonly Row[], others: readonly Row[]): readonly Row[] {
  const known = new Set(others.map((row) => rowKey(node.fields, row)));
  const wanted = node.kind === 'intersect';
  return distinct(node, rows).filter((row) => known.has(rowKey(node.fields, row)) === wanted);
}

function aggregated(node: AggregateNode, rows: readonly Row[]): readonly Row[] {
  const groups = Map.groupBy(rows, (row) => keyOf(node.keys.map((key) => row[key]!)));
  if (node.keys.length === 0 && groups.size === 0) groups.set('[]', []);
  return [...groups.values()].map((group) => ({
    ...Object.fromEntries(node.keys.map((key) => [key, group[0]![key]!])),
    ...Object.fromEntries(
      node.measures.map(({ name, measure }) => [name, evaluateMeasure(measure, group)]),
    ),
  }));
}

function unnested({ list, item, place, outer }: UnnestNode, row: Row): readonly Row[] {
  const { [list]: items, ...rest } = row;
  const found = (items ?? []) as readonly Value[];
  const placed = found.map((value, index) => ({
    ...rest,
    [item]: value,
    ...(place !== undefined && { [place]: index + 1 }),
  }));
  const none = { ...rest, [item]: null, ...(place !== undefined && { [place]: null }) };
  return placed.length === 0 && outer ? [none] : placed;
}
