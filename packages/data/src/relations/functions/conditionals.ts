import {
  anyNullable,
  call,
  type Equatable,
  type Expression,
  fieldOf,
  type Operand,
  toNode,
} from '../expression.ts';
import type { Definitions, Value } from './definition.ts';

export type ConditionalOperation = 'coalesce' | 'choose';

export const conditionalFunctions: Definitions<ConditionalOperation> = {
  coalesce: {
    takesMissing: true,
    value: ([value, otherwise]) => (value ?? otherwise) as Value,
    duckdb: ([value, otherwise]) => `coalesce(${value}, ${otherwise})`,
  },
  choose: {
    takesMissing: true,
    value: ([condition, yes, no]) => (condition === true ? yes : no) as Value,
    duckdb: ([condition, yes, no]) => `CASE WHEN ${condition} THEN ${yes} ELSE ${no} END`,
  },
};

/** The first that is not missing. */
export function coalesce<V extends Equatable, M extends boolean = false>(
  value: Expression<V, boolean>,
  otherwise: Operand<NoInfer<V>, M>,
): Expression<V, M> {
  const other = toNode(otherwise, value.node);
  return call('coalesce', [value.node, other], {
    ...fieldOf(value.node),
    nullable: other.nullable,
  });
}

/** `yes` where the condition is true, `no` where it is false or missing. */
export function choose<V extends Equatable>(
  condition: Expression<'bool'>,
  yes: Expression<V>,
  no: Operand<NoInfer<V>>,
): Expression<V, boolean> {
  const operands = [yes.node, toNode(no, yes.node)];
  const field = { ...fieldOf(yes.node), nullable: anyNullable(operands) };
  return call('choose', [condition.node, ...operands], field);
}
