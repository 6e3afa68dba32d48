import { anyNullable, call, type Expression, type Operand, toNode } from '../expression.ts';
import type { Definitions } from './definition.ts';

export type TextOperation = 'lower' | 'upper' | 'length' | 'concat';

const asciiUpper = "'ABCDEFGHIJKLMNOPQRSTUVWXYZ'";
const asciiLower = "'abcdefghijklmnopqrstuvwxyz'";

export const textFunctions: Definitions<TextOperation> = {
  lower: {
    value: ([text]) => String(text).replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
    duckdb: ([text]) => `translate(${text}, ${asciiUpper}, ${asciiLower})`,
  },
  upper: {
    value: ([text]) => String(text).replace(/[a-z]/g, (letter) => letter.toUpperCase()),
    duckdb: ([text]) => `translate(${text}, ${asciiLower}, ${asciiUpper})`,
  },
  length: {
    value: ([text]) => [...String(text)].length,
    duckdb: ([text]) => `CAST(length(${text}) AS BIGINT)`,
  },
  concat: {
    value: ([left, right]) => `${left}${right}`,
    duckdb: ([left, right]) => `(${left} || ${right})`,
  },
};

function textCall(operation: 'lower' | 'upper') {
  return <N extends boolean>(value: Expression<'text', N>): Expression<'text', N> =>
    call(operation, [value.node], { type: 'text', nullable: value.node.nullable });
}

/** Folds A to Z alone: engines disagree about every other letter. */
export const lower = textCall('lower');
/** Raises a to z alone: engines disagree about every other letter. */
export const upper = textCall('upper');

/** The length in code points. */
export function length<N extends boolean>(value: Expression<'text', N>): Expression<'int', N> {
  return call('length', [value.node], { type: 'int', nullable: value.node.nullable });
}

/** Texts joined; missing when one is missing. */
export function concat(
  left: Expression<'text'>,
  right: Operand<'text'>,
): Expression<'text', boolean> {
  const operands = [left.node, toNode(right, left.node)];
  return call('concat', operands, { type: 'text', nullable: anyNullable(operands) });
}
