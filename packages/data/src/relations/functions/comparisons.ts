import type { ValueType } from '../../column.ts';
import { BadRelation } from '../../data-error.ts';
import { compareValues } from '../compare-values.ts';
import {
  anyNullable,
  call,
  type Equatable,
  type Expression,
  type Literal,
  literalNode,
  type Operand,
  toNode,
} from '../expression.ts';
import type { CallNode } from '../nodes.ts';
import type { Definitions, FunctionDefinition, Value } from './definition.ts';

export type ComparisonOperation = 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte' | 'inList';

function typeOf(node: CallNode): ValueType | undefined {
  return node.operands[0]?.type;
}

function infix(sign: string, holds: (order: number) => boolean): FunctionDefinition {
  return {
    value: ([a, b], node) => holds(compareValues(a as Value, b as Value, typeOf(node))),
    duckdb: ([a, b]) => `(${a} ${sign} ${b})`,
  };
}

/** NaN is equal to itself and greater than every number; texts are in the order of their bytes. */
export const comparisonFunctions: Definitions<ComparisonOperation> = {
  eq: infix('=', (order) => order === 0),
  ne: infix('<>', (order) => order !== 0),
  lt: infix('<', (order) => order < 0),
  lte: infix('<=', (order) => order <= 0),
  gt: infix('>', (order) => order > 0),
  gte: infix('>=', (order) => order >= 0),
  inList: {
    value: ([value, ...list], node) =>
      list.some((item) => compareValues(value as Value, item, typeOf(node)) === 0),
    duckdb: ([value, ...list]) => `(${value} IN (${list.join(', ')}))`,
  },
};

function compare(operation: ComparisonOperation) {
  return <V extends Equatable, N extends boolean, M extends boolean = false>(
    left: Expression<V, N>,
    right: Operand<NoInfer<V>, M>,
  ): Expression<'bool', N | M extends false ? false : boolean> => {
    const operands = [left.node, toNode(right, left.node)];
    return call(operation, operands, { type: 'bool', nullable: anyNullable(operands) });
  };
}

/** Equal; missing when a side is missing. */
export const eq = compare('eq');
export const ne = compare('ne');
export const lt = compare('lt');
export const lte = compare('lte');
export const gt = compare('gt');
export const gte = compare('gte');

/** Whether the value is one of those listed: 1 to 10,000 of them. */
export function inList<V extends Equatable, N extends boolean>(
  value: Expression<V, N>,
  list: readonly Literal<NoInfer<V>>[],
): Expression<'bool', N> {
  if (list.length === 0 || list.length > 10_000) {
    throw new BadRelation(`a list has ${list.length} values; 1 to 10000 are allowed`);
  }
  const items = list.map((item) => literalNode(value.node, item));
  const field = { type: 'bool' as ValueType, nullable: value.node.nullable };
  return call('inList', [value.node, ...items], field);
}
