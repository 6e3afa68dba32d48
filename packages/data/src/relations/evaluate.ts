import { unreachable } from '@backlot/core';
import { compareValues } from './compare-values.ts';
import type { Value } from './functions/definition.ts';
import { aggregates, functions } from './functions/registry.ts';
import type {
  ExpressionNode,
  MeasureNode,
  PointInTimeNode,
  RelationNode,
  SortNode,
} from './nodes.ts';
import { tieOrder } from './steps/point-in-time.ts';

/** A row by column name; a missing value is `null`. */
export type Row = Readonly<Record<string, Value>>;

/** Rows by table. */
export type TableRows = Readonly<Record<string, readonly Row[]>>;

/**
 * The rows of a relation by its reference semantics, over rows in memory: slow and plain, what the
 * engines are held to. Their order means something below `sort` and `limit` alone.
 */
export function evaluate(node: RelationNode, tables: TableRows): readonly Row[] {
  switch (node.kind) {
    case 'source':
      return tables[node.table] ?? [];
    case 'project':
      return evaluate(node.input, tables).map((row) =>
        Object.fromEntries(
          node.columns.map(({ name, expression }) => [name, evaluateExpression(expression, row)]),
        ),
      );
    case 'filter':
      return evaluate(node.input, tables).filter(
        (row) => evaluateExpression(node.predicate, row) === true,
      );
    case 'distinct':
      return [...new Map(evaluate(node.input, tables).map((row) => [keyOf(row), row])).values()];
    case 'union':
      return node.inputs.flatMap((input) => evaluate(input, tables));
    case 'sort':
      return sorted(node, evaluate(node.input, tables));
    case 'limit':
      return evaluate(node.input, tables).slice(node.offset, node.offset + node.count);
    case 'join':
      return joined(node, evaluate(node.left, tables), evaluate(node.right, tables));
    case 'pointInTime':
      return newest(node, evaluate(node.left, tables), evaluate(node.right, tables));
    case 'aggregate':
      return aggregated(node, evaluate(node.input, tables));
    default:
      return unreachable(node);
  }
}

/** The value of an expression on a row. */
export function evaluateExpression(node: ExpressionNode, row: Row): Value {
  if (node.kind === 'column') return row[node.name]!;
  if (node.kind === 'literal') {
    return node.type === 'int64' && node.value !== null ? BigInt(node.value) : node.value;
  }
  const definition = functions[node.operation];
  const operands = node.operands.map((operand) => evaluateExpression(operand, row));
  if (!definition.takesMissing && operands.includes(null)) return null;
  return definition.value(operands, node);
}

/** The value of an aggregate over the rows of a group. */
function evaluateMeasure(node: MeasureNode, rows: readonly Row[]): Value {
  const definition = aggregates[node.aggregation];
  const values = rows.map((row) =>
    node.operands.map((operand) => evaluateExpression(operand, row)),
  );
  const kept = definition.takesMissing ? values : values.filter(([first]) => first !== null);
  return definition.value(kept, node);
}

/** Two values are one to groups when they are equal, or both missing. */
function keyOf(values: Row | readonly Value[]): string {
  return JSON.stringify(values, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  });
}

function sorted(node: SortNode, rows: readonly Row[]): readonly Row[] {
  const rest = node.fields.filter(({ name }) => !node.by.some(({ column }) => column === name));
  const keys = [...node.by, ...rest.map(({ name }) => ({ column: name, descending: false }))];
  return [...rows].sort((a, b) => {
    for (const { column, descending } of keys) {
      const [x, y] = [a[column]!, b[column]!];
      if (x === null && y === null) continue;
      if (x === null || y === null) return x === null ? 1 : -1;
      const order = compareValues(x, y);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  });
}

function joined(
  node: Extract<RelationNode, { readonly kind: 'join' }>,
  left: readonly Row[],
  right: readonly Row[],
): readonly Row[] {
  const ofLeft = new Set(node.left.fields.map(({ name }) => name));
  const added = node.fields.filter(({ name }) => !ofLeft.has(name));
  return left.flatMap((row) => {
    const found = right.filter((other) => pairsMatch(node.on, row, other));
    if (node.how === 'semi') return found.length > 0 ? [row] : [];
    if (node.how === 'anti') return found.length > 0 ? [] : [row];
    const pairs: readonly (Row | undefined)[] =
      found.length === 0 && node.how === 'left' ? [undefined] : found;
    return pairs.map((other) => ({
      ...row,
      ...Object.fromEntries(added.map(({ name }) => [name, other?.[name] ?? null])),
    }));
  });
}

function newest(
  node: PointInTimeNode,
  left: readonly Row[],
  right: readonly Row[],
): readonly Row[] {
  const order = [node.asOf, ...tieOrder(node)];
  const added = node.fields.slice(node.left.fields.length);
  const found = (row: Row, event: Row): boolean => {
    const [at, asOf] = [row[node.at]!, event[node.asOf]!];
    if (at === null || asOf === null || !pairsMatch(node.on, row, event)) return false;
    const age = Number(at) - Number(asOf);
    return age >= (node.strict ? 1 : 0) && age <= (node.withinMicros ?? Number.POSITIVE_INFINITY);
  };
  return left.map((row) => {
    const event = right
      .filter((one) => found(row, one))
      .reduce<Row | undefined>(
        (best, one) => (best && compareRows(order, best, one) >= 0 ? best : one),
        undefined,
      );
    return {
      ...row,
      ...Object.fromEntries(added.map(({ name }) => [name, event?.[name] ?? null])),
    };
  });
}

/** By columns, missing values first. */
function compareRows(order: readonly string[], a: Row, b: Row): number {
  for (const name of order) {
    const [x, y] = [a[name]!, b[name]!];
    if (x === null && y === null) continue;
    if (x === null || y === null) return x === null ? -1 : 1;
    const compared = compareValues(x, y);
    if (compared !== 0) return compared;
  }
  return 0;
}

function pairsMatch(
  on: readonly { readonly left: string; readonly right: string }[],
  row: Row,
  other: Row,
): boolean {
  return on.every((pair) => {
    const [x, y] = [row[pair.left]!, other[pair.right]!];
    return x !== null && y !== null && compareValues(x, y) === 0;
  });
}

function aggregated(
  node: Extract<RelationNode, { readonly kind: 'aggregate' }>,
  rows: readonly Row[],
): readonly Row[] {
  const groups = Map.groupBy(rows, (row) => keyOf(node.keys.map((key) => row[key]!)));
  if (node.keys.length === 0 && groups.size === 0) groups.set('[]', []);
  return [...groups.values()].map((group) => ({
    ...Object.fromEntries(node.keys.map((key) => [key, group[0]![key]!])),
    ...Object.fromEntries(
      node.measures.map(({ name, measure }) => [name, evaluateMeasure(measure, group)]),
    ),
  }));
}
