import type { Value } from '../functions/definition.ts';
import { aggregates, functions } from '../functions/registry.ts';
import type { ExpressionNode, MeasureNode } from '../nodes.ts';

/** A row by column name; a missing value is `null`. */
export type Row = Readonly<Record<string, Value>>;

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
export function evaluateMeasure(node: MeasureNode, rows: readonly Row[]): Value {
  const definition = aggregates[node.aggregation];
  const values = rows.map((row) =>
    node.operands.map((operand) => evaluateExpression(operand, row)),
  );
  const kept = definition.takesMissing ? values : values.filter(([first]) => first !== null);
  return definition.value(kept, node);
}
