import { BadRelation } from '../../data-error.ts';
import { compareValues } from '../compare-values.ts';
import {
  anyNullable,
  call,
  type Equatable,
  type Expression,
  fieldOf,
  type Literal,
  type Operand,
  toNode,
} from '../expression.ts';
import type { Definitions, Value } from './definition.ts';

export type ConditionalOperation = 'coalesce' | 'choose' | 'chooseFrom' | 'nullIf';

export const conditionalFunctions: Definitions<ConditionalOperation> = {
  coalesce: {
    takesMissing: true,
    value: (values) => values.find((value) => value !== null) ?? null,
    duckdb: (values) => `coalesce(${values.join(', ')})`,
  },
  choose: {
    takesMissing: true,
    value: ([condition, yes, no]) => (condition === true ? yes : no) as Value,
    duckdb: ([condition, yes, no]) => `CASE WHEN ${condition} THEN ${yes} ELSE ${no} END`,
  },
  chooseFrom: {
    takesMissing: true,
    value: (operands) => {
      const first = pairs(operands.slice(0, -1)).find(([condition]) => condition === true);
      return first ? first[1] : operands.at(-1)!;
    },
    duckdb: (operands) => {
      const cases = pairs(operands.slice(0, -1)).map(([if_, then]) => `WHEN ${if_} THEN ${then}`);
      return `(CASE ${cases.join(' ')} ELSE ${operands.at(-1)} END)`;
    },
  },
  nullIf: {
    takesMissing: true,
    value: ([value, other], { type }) =>
      value !== null && other !== null && compareValues(value!, other!, type) === 0 ? null : value!,
    duckdb: ([value, other]) => `nullif(${value}, ${other})`,
  },
};

function pairs<T>(flat: readonly T[]): readonly (readonly [T, T])[] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at]!, flat[2 * at + 1]!]);
}

/** The first that is not missing. */
export function coalesce<V extends Equatable, M extends boolean = false>(
  value: Expression<V, boolean>,
  ...others: readonly [...Operand<NoInfer<V>>[], Operand<NoInfer<V>, M>]
): Expression<V, M> {
  const operands = [value.node, ...others.map((other) => toNode(other, value.node))];
  const nullable = operands.every((operand) => operand.nullable);
  return call('coalesce', operands, { ...fieldOf(value.node), nullable });
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

/**
 * The value beside the first condition that is true, or `otherwise`: 1 to 1,000 cases.
 *
 * ```ts
 * chooseFrom([[gt(play.ms, 60_000), 'long'], [gt(play.ms, 1_000), 'short']], literal('text', 'none'));
 * ```
 */
export function chooseFrom<V extends Equatable>(
  cases: readonly (readonly [
    condition: Expression<'bool'>,
    value: Expression<NoInfer<V>> | Literal<NoInfer<V>>,
  ])[],
  otherwise: Expression<V>,
): Expression<V, boolean> {
  if (cases.length === 0 || cases.length > 1000) {
    throw new BadRelation(`${cases.length} cases are given; 1 to 1000 are allowed`);
  }
  const values = cases.map(([, value]) => toNode(value, otherwise.node));
  const operands = cases.flatMap(([condition], at) => [condition.node, values[at]!]);
  const nullable = anyNullable([...values, otherwise.node]);
  const field = { ...fieldOf(otherwise.node), nullable };
  return call('chooseFrom', [...operands, otherwise.node], field);
}

/** The value, missing where it is equal to the other. */
export function nullIf<V extends Equatable>(
  value: Expression<V>,
  other: Operand<NoInfer<V>>,
): Expression<V, true> {
  const operands = [value.node, toNode(other, value.node)];
  return call('nullIf', operands, { ...fieldOf(value.node), nullable: true });
}
