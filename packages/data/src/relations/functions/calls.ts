import type { ValueType } from '../../column.ts';
import { anyNullable, call, type Expression, type Operand, toNode } from '../expression.ts';
import type { FieldData, Operation, Parameters } from '../nodes.ts';

/** A function of one value; missing where the value is. */
export function unary<V extends ValueType, R extends ValueType>(
  operation: Operation,
  type: R & FieldData['type'],
  parameters?: Parameters,
): <N extends boolean>(value: Expression<V, N>) => Expression<R, N> {
  return ({ node }) => call(operation, [node], { type, nullable: node.nullable }, parameters);
}

/** A function of one value that may be missing where the value is not. */
export function partial<V extends ValueType, R extends ValueType>(
  operation: Operation,
  type: R & FieldData['type'],
): (value: Expression<V>) => Expression<R, true> {
  return ({ node }) => call(operation, [node], { type, nullable: true });
}

/** A function of two values; missing where one is, and never elsewhere unless `missing` says so. */
export function binary<V extends ValueType, W extends ValueType, R extends ValueType>(
  operation: Operation,
  second: W & FieldData['type'],
  type: R & FieldData['type'],
): <N extends boolean, M extends boolean = false>(
  left: Expression<V, N>,
  right: Operand<W, M>,
) => Expression<R, N | M extends false ? false : boolean> {
  return (left, right) => {
    const operands = [left.node, toNode(right, { type: second, nullable: false })];
    return call(operation, operands, { type, nullable: anyNullable(operands) });
  };
}

/** A function of two values that may be missing where both are there. */
export function partialBinary<V extends ValueType, W extends ValueType, R extends ValueType>(
  operation: Operation,
  second: W & FieldData['type'],
  type: R & FieldData['type'],
): (left: Expression<V>, right: Operand<W>) => Expression<R, true> {
  return (left, right) => {
    const operands = [left.node, toNode(right, { type: second, nullable: false })];
    return call(operation, operands, { type, nullable: true });
  };
}
