import { anyNullable, call, type Expression } from '../expression.ts';
import { binary } from './calls.ts';
import type { Definitions } from './definition.ts';

export type LogicOperation = 'and' | 'or' | 'not' | 'xor' | 'isNull' | 'isTrue';

/** Three-valued logic: a missing truth may be either. */
export const logicFunctions: Definitions<LogicOperation> = {
  and: {
    takesMissing: true,
    value: (terms) => (terms.includes(false) ? false : terms.includes(null) ? null : true),
    duckdb: (terms) => `(${terms.join(' AND ')})`,
  },
  or: {
    takesMissing: true,
    value: (terms) => (terms.includes(true) ? true : terms.includes(null) ? null : false),
    duckdb: (terms) => `(${terms.join(' OR ')})`,
  },
  not: { value: ([term]) => term !== true, duckdb: ([term]) => `(NOT ${term})` },
  xor: {
    value: ([a, b]) => a !== b,
    duckdb: ([a, b]) => `(${a} <> ${b})`,
  },
  isTrue: {
    takesMissing: true,
    value: ([term]) => term === true,
    duckdb: ([term]) => `coalesce(${term}, false)`,
  },
  isNull: {
    takesMissing: true,
    value: ([value]) => value === null,
    duckdb: ([value]) => `(${value} IS NULL)`,
  },
};

type Truth = Expression<'bool', boolean>;

/** True when all are; false when one is false; else missing. */
export function and(...terms: readonly [Truth, ...Truth[]]): Truth {
  return connect('and', terms);
}

/** True when one is; false when all are false; else missing. */
export function or(...terms: readonly [Truth, ...Truth[]]): Truth {
  return connect('or', terms);
}

function connect(operation: 'and' | 'or', terms: readonly Truth[]): Truth {
  const operands = terms.map((term) => term.node);
  return call(operation, operands, { type: 'bool', nullable: anyNullable(operands) });
}

export function not<N extends boolean>(term: Expression<'bool', N>): Expression<'bool', N> {
  return call('not', [term.node], { type: 'bool', nullable: term.node.nullable });
}

/** Whether the value is missing. */
export function isNull(value: Expression): Expression<'bool', false> {
  return call('isNull', [value.node], { type: 'bool', nullable: false });
}

/** True when exactly one is; missing when a side is missing. */
export const xor = binary<'bool', 'bool', 'bool'>('xor', 'bool', 'bool');

/** Whether it is true: false where it is missing. */
export function isTrue(term: Truth): Expression<'bool', false> {
  return call('isTrue', [term.node], { type: 'bool', nullable: false });
}
