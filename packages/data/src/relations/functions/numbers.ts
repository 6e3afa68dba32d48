import {
  anyNullable,
  call,
  type Expression,
  fieldOf,
  type Numeric,
  type Operand,
  toNode,
} from '../expression.ts';
import type { CallNode } from '../nodes.ts';
import type { Definitions, Value } from './definition.ts';

export type NumberOperation = 'add' | 'subtract' | 'multiply' | 'divide' | 'negate' | 'toFloat';

/** Adding zero makes a negative zero one of no sign: it would be another group, and print otherwise. */
function signed(node: CallNode, text: string): string {
  return node.type === 'float' ? `(${text} + CAST(0 AS DOUBLE))` : `(${text})`;
}

function compute(
  numbers: (a: number, b: number) => number,
  whole: (a: bigint, b: bigint) => bigint,
): (operands: readonly Value[]) => Value {
  return ([a, b]) =>
    typeof a === 'bigint' ? whole(a, b as bigint) : numbers(Number(a), Number(b)) + 0;
}

export const numberFunctions: Definitions<NumberOperation> = {
  add: {
    value: compute(
      (a, b) => a + b,
      (a, b) => a + b,
    ),
    duckdb: ([a, b]) => `(${a} + ${b})`,
  },
  subtract: {
    value: compute(
      (a, b) => a - b,
      (a, b) => a - b,
    ),
    duckdb: ([a, b]) => `(${a} - ${b})`,
  },
  multiply: {
    value: compute(
      (a, b) => a * b,
      (a, b) => a * b,
    ),
    duckdb: ([a, b], node) => signed(node, `${a} * ${b}`),
  },
  divide: {
    takesMissing: true,
    value: ([a, b]) =>
      a === null || b === null || Number(b) === 0 ? null : Number(a) / Number(b) + 0,
    duckdb: ([a, b]) =>
      `(CAST(${a} AS DOUBLE) / nullif(CAST(${b} AS DOUBLE), CAST(0 AS DOUBLE)) + CAST(0 AS DOUBLE))`,
  },
  negate: {
    value: ([a]) => (typeof a === 'bigint' ? -a : -Number(a) + 0),
    duckdb: ([a], node) => signed(node, `-${a}`),
  },
  toFloat: { value: ([a]) => Number(a), duckdb: ([a]) => `CAST(${a} AS DOUBLE)` },
};

function arithmetic(operation: 'add' | 'subtract' | 'multiply') {
  return <V extends Numeric, N extends boolean>(
    left: Expression<V, N>,
    right: Operand<NoInfer<V>>,
  ): Expression<V, boolean> => {
    const operands = [left.node, toNode(right, left.node)];
    return call(operation, operands, { type: left.node.type, nullable: anyNullable(operands) });
  };
}

/** Sums of whole numbers beyond 64 bits are an error of the engine. */
export const add = arithmetic('add');
export const subtract = arithmetic('subtract');
export const multiply = arithmetic('multiply');

/** A float; missing where the divisor is zero. */
export function divide<V extends Numeric>(
  left: Expression<V>,
  right: Operand<NoInfer<V>>,
): Expression<'float', true> {
  const operands = [left.node, toNode(right, left.node)];
  return call('divide', operands, { type: 'float', nullable: true });
}

export function negate<V extends Numeric, N extends boolean>(
  value: Expression<V, N>,
): Expression<V, N> {
  return call('negate', [value.node], fieldOf(value.node));
}

/** A number as a float: the nearest one. */
export function toFloat<N extends boolean>(
  value: Expression<'int' | 'int64' | 'decimal', N>,
): Expression<'float', N> {
  return call('toFloat', [value.node], { type: 'float', nullable: value.node.nullable });
}
