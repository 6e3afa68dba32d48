import { BadRelation } from '../../data-error.ts';
import { parseDate } from '../../time.ts';
import { call, type Expression } from '../expression.ts';
import type { CallNode } from '../nodes.ts';
import { partial, unary } from './calls.ts';
import type { Bind, Definitions, FunctionDefinition, Value } from './definition.ts';
import { decimalText } from './rounding.ts';

export type ConversionOperation =
  | 'toFloat'
  | 'toInt'
  | 'toInt64'
  | 'toDecimal'
  | 'toText'
  | 'boolToInt'
  | 'readInt'
  | 'readInt64'
  | 'readFloat'
  | 'readDate';

/** Whole numbers beyond it are not exact in JavaScript, so they are no `int`. */
const exact = 9_007_199_254_740_991;

/** The first day of the year 1: before it engines count years otherwise. */
const firstDay = -719_162;

const wholeText = /^[+-]?[0-9]{1,18}$/;
const floatText = /^[+-]?[0-9]{1,300}([.][0-9]{1,300})?([eE][+-]?[0-9]{1,2})?$/;
const dateText = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

/** Engines read more texts as numbers than these, each its own; the pattern is what both agree on. */
function reading(
  pattern: RegExp,
  value: (text: string) => Value,
  type: string,
  inside = (read: string): string => read,
): FunctionDefinition {
  const sql = (text: string, shaped: string): string =>
    inside(`CAST(CASE WHEN ${shaped} THEN ${text} END AS ${type})`);
  return {
    value: ([text]) => (pattern.test(String(text)) ? value(String(text)) : null),
    duckdb: ([text], _, bind) => sql(text!, fits.duckdb(text!, pattern, bind)),
    spark: ([text], _, bind) => sql(text!, fits.spark(text!, pattern, bind)),
  };
}

/** Java's `$` also stands before a last line break. */
const fits = {
  duckdb: (text: string, pattern: RegExp, bind: Bind) =>
    `regexp_matches(${text}, ${bind('text', pattern.source)})`,
  spark: (text: string, pattern: RegExp, bind: Bind) =>
    `regexp_like(${text}, ${bind('text', pattern.source.replace(/\$$/, '\\z'))})`,
};

export const conversionFunctions: Definitions<ConversionOperation> = {
  toFloat: {
    value: ([a]) => Number(a),
    duckdb: ([a]) => `CAST(${a} AS DOUBLE)`,
    tolerance: 1e-15,
  },
  toInt: {
    value: ([a]) => {
      const whole = typeof a === 'bigint' ? Number(a) : Math.trunc(Number(a)) + 0;
      return Number.isSafeInteger(whole) ? whole : null;
    },
    duckdb: ([a], node) =>
      wholeSql(`${node.operands[0]?.type === 'int64' ? a : `trunc(${a})`}`, a!),
    spark: ([a]) => wholeSql(a!, a!),
  },
  toInt64: { value: ([a]) => BigInt(a as number), duckdb: ([a]) => `CAST(${a} AS BIGINT)` },
  toDecimal: {
    value: ([a], node) => {
      const [most, scale] = [mostWhole(node), node.scale ?? 0];
      const whole = BigInt(a as number | bigint);
      return whole > most || whole < -most
        ? null
        : decimalText(whole * 10n ** BigInt(scale), scale);
    },
    duckdb: ([a], node) =>
      `CAST(CASE WHEN ${a} BETWEEN -${mostWhole(node)} AND ${mostWhole(node)} THEN ${a} END
        AS DECIMAL(18, ${node.scale ?? 0}))`,
  },
  toText: {
    value: ([a], { operands }) =>
      operands[0]?.type === 'date'
        ? new Date(Number(a) * 86_400_000).toISOString().slice(0, 10)
        : String(a),
    duckdb: ([a]) => `CAST(${a} AS STRING)`,
  },
  boolToInt: {
    value: ([a]) => Number(a),
    duckdb: ([a]) => `CAST(${a} AS BIGINT)`,
  },
  readInt: reading(
    wholeText,
    (text) => (Math.abs(Number(text)) <= exact ? Number(text) + 0 : null),
    'BIGINT',
    (read) => `(CASE WHEN ${read} BETWEEN -${exact} AND ${exact} THEN ${read} END)`,
  ),
  readInt64: reading(wholeText, (text) => BigInt(text.replace('+', '')), 'BIGINT'),
  readFloat: reading(
    floatText,
    (text) => Number(text) + 0,
    'DOUBLE',
    (read) => `(${read} + CAST(0 AS DOUBLE))`,
  ),
  readDate: {
    value: ([text]) => {
      const day = dateText.test(String(text)) ? parseDate(String(text)) : undefined;
      return day === undefined || day < firstDay ? null : day;
    },
    duckdb: ([text], _, bind) => dateSql(text!, fits.duckdb(text!, dateText, bind)),
    spark: ([text], _, bind) => dateSql(text!, fits.spark(text!, dateText, bind)),
  },
};

function dateSql(text: string, fitting: string): string {
  const shaped = `CASE WHEN ${fitting} THEN ${text} END`;
  return `(CASE WHEN year(TRY_CAST(${shaped} AS DATE)) > 0 THEN TRY_CAST(${shaped} AS DATE) END)`;
}

function wholeSql(whole: string, number: string): string {
  const inside = `${number} > -${exact + 1} AND ${number} < ${exact + 1}`;
  return `CAST(CASE WHEN ${inside} THEN ${whole} END AS BIGINT)`;
}

function mostWhole({ scale = 0 }: CallNode): bigint {
  return 10n ** BigInt(18 - scale) - 1n;
}

/** A number as a float: the nearest one. */
export const toFloat = unary<'int' | 'int64' | 'decimal', 'float'>('toFloat', 'float');
/** The whole part; missing for NaN and beyond plus or minus 2^53 - 1. */
export const toInt = partial<'float' | 'int64', 'int'>('toInt', 'int');
/** A whole number with 64 bits. */
export const toInt64 = unary<'int', 'int64'>('toInt64', 'int64');

/** A whole number as a decimal of a scale (0 to 9); missing beyond 18 digits in all. */
export function toDecimal(
  value: Expression<'int' | 'int64'>,
  scale: number,
): Expression<'decimal', true> {
  if (!Number.isInteger(scale) || scale < 0 || scale > 9) {
    throw new BadRelation(`a decimal's scale is ${scale}; 0 to 9 are allowed`);
  }
  return call('toDecimal', [value.node], { type: 'decimal', nullable: true, scale });
}

/** As text: digits, `true` or `false`, `YYYY-MM-DD`. Floats have no such function: engines disagree. */
export const toText = unary<'int' | 'int64' | 'decimal' | 'bool' | 'date', 'text'>(
  'toText',
  'text',
);
/** 1 for true and 0 for false. */
export const boolToInt = unary<'bool', 'int'>('boolToInt', 'int');
/** 1 to 18 digits with or without a sign as a whole number; missing for all else, and beyond 2^53 - 1. */
export const readInt = partial<'text', 'int'>('readInt', 'int');
/** 1 to 18 digits with or without a sign as a whole number; missing for all else. */
export const readInt64 = partial<'text', 'int64'>('readInt64', 'int64');
/** Digits with a sign, a point and an exponent of one or two digits, or not; missing for all else. */
export const readFloat = partial<'text', 'float'>('readFloat', 'float');
/** A day written as `YYYY-MM-DD`; missing for all else, also for days that do not exist. */
export const readDate = partial<'text', 'date'>('readDate', 'date');
