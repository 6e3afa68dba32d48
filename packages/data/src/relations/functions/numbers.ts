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
import { binary, partial, unary } from './calls.ts';
import type { Definitions, FunctionDefinition, Value } from './definition.ts';

export type NumberOperation =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'negate'
  | 'abs'
  | 'sign'
  | 'integerDivide'
  | 'mod'
  | 'remainder'
  | 'isNan'
  | 'isFiniteNumber'
  | 'bitAnd'
  | 'bitOr'
  | 'bitXor'
  | 'bitNot'
  | 'bitCount';

/** Adding zero makes a negative zero one of no sign: it would be another group, and print otherwise. */
export function unsigned(node: CallNode, text: string): string {
  return node.type === 'float' ? `(${text} + CAST(0 AS DOUBLE))` : `(${text})`;
}

function compute(
  numbers: (a: number, b: number) => number,
  whole: (a: bigint, b: bigint) => bigint,
): (operands: readonly Value[]) => Value {
  return ([a, b]) =>
    typeof a === 'bigint' ? whole(a, b as bigint) : numbers(Number(a), Number(b)) + 0;
}

/** A function of whole numbers of 64 bits, for both of their types. */
function wholes(compute: (a: bigint, b: bigint) => bigint | null): FunctionDefinition['value'] {
  return ([a, b]) => {
    const result = compute(BigInt(a as number | bigint), BigInt((b ?? 0) as number | bigint));
    return result === null || typeof a === 'bigint' ? result : Number(result);
  };
}

/** Where the signs of a remainder and of the divisor differ, the floor is one below what is left by truncation. */
const belowFloor = (a: string, b: string): string =>
  `((${a} % nullif(${b}, 0)) <> 0 AND ((${a} % nullif(${b}, 0)) < 0) <> (${b} < 0))`;

function floorQuotient(a: bigint, b: bigint): bigint | null {
  if (b === 0n) return null;
  return a / b - (a % b !== 0n && a % b < 0n !== b < 0n ? 1n : 0n);
}

const arithmeticFunctions = {
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
    duckdb: ([a, b], node) => unsigned(node, `${a} * ${b}`),
  },
  divide: {
    value: ([a, b]) => (Number(b) === 0 ? null : Number(a) / Number(b) + 0),
    duckdb: ([a, b]) =>
      `(CAST(${a} AS DOUBLE) / nullif(CAST(${b} AS DOUBLE), CAST(0 AS DOUBLE)) + CAST(0 AS DOUBLE))`,
  },
  negate: {
    value: ([a]) => (typeof a === 'bigint' ? -a : -Number(a) + 0),
    duckdb: ([a], node) => unsigned(node, `-${a}`),
  },
  abs: {
    value: ([a]) => (typeof a === 'bigint' ? (a < 0n ? -a : a) : Math.abs(Number(a))),
    duckdb: ([a]) => `abs(${a})`,
  },
  sign: {
    value: ([a]) => (Number.isNaN(Number(a)) ? null : Math.sign(Number(a)) + 0),
    duckdb: ([a]) =>
      `CAST(CASE WHEN ${a} < 0 THEN -1 WHEN ${a} = 0 THEN 0 WHEN CAST(${a} AS DOUBLE) <= ${infinity} THEN 1
          END AS BIGINT)`,
  },
  integerDivide: {
    value: wholes(floorQuotient),
    duckdb: ([a, b]) =>
      `((${a} // nullif(${b}, 0)) - CASE WHEN ${belowFloor(a!, b!)} THEN 1 ELSE 0 END)`,
    spark: ([a, b]) =>
      `((${a} div nullif(${b}, 0)) - CASE WHEN ${belowFloor(a!, b!)} THEN 1 ELSE 0 END)`,
  },
  mod: {
    value: wholes((a, b) => (b === 0n ? null : a - b * floorQuotient(a, b)!)),
    duckdb: ([a, b]) =>
      `((${a} % nullif(${b}, 0)) + CASE WHEN ${belowFloor(a!, b!)} THEN ${b} ELSE 0 END)`,
  },
  remainder: {
    value: wholes((a, b) => (b === 0n ? null : a % b)),
    duckdb: ([a, b]) => `(${a} % nullif(${b}, 0))`,
  },
} satisfies Partial<Definitions<NumberOperation>>;

export const infinity = `CAST('Infinity' AS DOUBLE)`;

export const numberFunctions: Definitions<NumberOperation> = {
  ...arithmeticFunctions,
  isNan: {
    value: ([a]) => Number.isNaN(a),
    duckdb: ([a]) => `(${a} = CAST('NaN' AS DOUBLE))`,
  },
  isFiniteNumber: {
    value: ([a]) => Number.isFinite(a),
    duckdb: ([a]) => `(abs(${a}) < ${infinity})`,
  },
  bitAnd: { value: wholes((a, b) => a & b), duckdb: ([a, b]) => `(${a} & ${b})` },
  bitOr: { value: wholes((a, b) => a | b), duckdb: ([a, b]) => `(${a} | ${b})` },
  bitXor: {
    value: wholes((a, b) => a ^ b),
    duckdb: ([a, b]) => `xor(${a}, ${b})`,
    spark: ([a, b]) => `(${a} ^ ${b})`,
  },
  bitNot: { value: wholes((a) => ~a), duckdb: ([a]) => `(~${a})` },
  bitCount: {
    value: ([a]) =>
      [...BigInt.asUintN(64, BigInt(a as number)).toString(2)].filter((bit) => bit === '1').length,
    duckdb: ([a]) => `CAST(bit_count(${a}) AS BIGINT)`,
  },
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

/** Results of whole numbers beyond 64 bits are an error of the engine. */
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

function sameType(operation: 'negate' | 'abs') {
  return <V extends Numeric, N extends boolean>(value: Expression<V, N>): Expression<V, N> =>
    call(operation, [value.node], fieldOf(value.node));
}

/** The least `int64` has no negative: an error of the engine. */
export const negate = sameType('negate');
/** Without its sign. The least `int64` has none: an error of the engine. */
export const abs = sameType('abs');
/** -1, 0 or 1; missing for NaN. */
export const sign = partial<Numeric, 'int'>('sign', 'int');

type Whole = 'int' | 'int64';

function wholeQuotient(operation: 'integerDivide' | 'mod' | 'remainder') {
  return <V extends Whole>(left: Expression<V>, right: Operand<NoInfer<V>>): Expression<V, true> =>
    call(operation, [left.node, toNode(right, left.node)], {
      type: left.node.type,
      nullable: true,
    });
}

/** The quotient rounded down, so -7 by 2 is -4; missing where the divisor is zero. */
export const integerDivide = wholeQuotient('integerDivide');
/** What is left by `integerDivide`, with the divisor's sign; missing where the divisor is zero. */
export const mod = wholeQuotient('mod');
/** What is left when the quotient is cut towards zero, with the dividend's sign. */
export const remainder = wholeQuotient('remainder');

/** Whether it is no number. */
export const isNan = unary<'float', 'bool'>('isNan', 'bool');
/** Whether it is neither NaN nor infinite. */
export const isFiniteNumber = unary<'float', 'bool'>('isFiniteNumber', 'bool');

/** Bits of 64-bit two's complement that are set in both. */
export const bitAnd = binary<'int64', 'int64', 'int64'>('bitAnd', 'int64', 'int64');
/** Bits that are set in one or both. */
export const bitOr = binary<'int64', 'int64', 'int64'>('bitOr', 'int64', 'int64');
/** Bits that are set in exactly one. */
export const bitXor = binary<'int64', 'int64', 'int64'>('bitXor', 'int64', 'int64');
/** Each bit turned. */
export const bitNot = unary<'int64', 'int64'>('bitNot', 'int64');
/** How many bits are set. */
export const bitCount = unary<'int64', 'int'>('bitCount', 'int');
