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

export type ComparisonOperation =
  | 'eq'
  | 'ne'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte'
  | 'inList'
  | 'between'
  | 'same';

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
  same: {
    takesMissing: true,
    value: ([a, b], node) =>
      a === null || b === null ? a === b : compareValues(a!, b!, typeOf(node)) === 0,
    duckdb: ([a, b]) => `(${a} IS NOT DISTINCT FROM ${b})`,
  },
  between: {
    value: ([value, low, high], node) =>
      compareValues(value!, low!, typeOf(node)) >= 0 &&
      compareValues(value!, high!, typeOf(node)) <= 0,
    duckdb: ([value, low, high]) => `(${value} BETWEEN ${low} AND ${high})`,
  },
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

/** Equal, or both missing; never missing itself. */
export function same<V extends Equatable>(
  left: Expression<V>,
  right: Operand<NoInfer<V>>,
): Expression<'bool', false> {
  const operands = [left.node, toNode(right, left.node)];
  return call('same', operands, { type: 'bool', nullable: false });
}

/** Whether the value is at or above `low` and at or below `high`. */
export function between<V extends Equatable, N extends boolean>(
  value: Expression<V, N>,
  low: Literal<NoInfer<V>>,
  high: Literal<NoInfer<V>>,
): Expression<'bool', N> {
  const bounds = [low, high].map((bound) => literalNode(value.node, bound));
  const field = { type: 'bool' as ValueType, nullable: value.node.nullable };
  return call('between', [value.node, ...bounds], field);
}
