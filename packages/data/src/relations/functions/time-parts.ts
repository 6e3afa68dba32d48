import { unary } from './calls.ts';
import type { Definitions, FunctionDefinition } from './definition.ts';

export type TimePartOperation =
  | 'yearOf'
  | 'quarterOf'
  | 'monthOf'
  | 'dayOfMonth'
  | 'dayOfYear'
  | 'isoDayOfWeek'
  | 'isoWeek'
  | 'isoYear'
  | 'hourOf'
  | 'minuteOf'
  | 'secondOf'
  | 'microsOfSecond';

/** The clock of a date (in days) or a moment (in microseconds), in UTC. */
function part(
  value: (at: Date, micros: number) => number,
  duckdb: (at: string) => string,
  spark = duckdb,
): FunctionDefinition {
  return {
    value: ([at], { operands }) => {
      const micros = operands[0]?.type === 'date' ? Number(at) * 86_400_000_000 : Number(at);
      return value(new Date(Math.floor(micros / 1000)), micros);
    },
    duckdb: ([at]) => `CAST(${duckdb(at!)} AS BIGINT)`,
    spark: ([at]) => `CAST(${spark(at!)} AS BIGINT)`,
  };
}

/** Monday is 1. */
const isoDay = (at: Date): number => ((at.getUTCDay() + 6) % 7) + 1;

/** The Thursday of the same ISO week: its year is the week's. */
function thursday(at: Date): Date {
  return new Date(at.getTime() + (4 - isoDay(at)) * 86_400_000);
}

function dayInYear(at: Date): number {
  const start = new Date(0);
  start.setUTCFullYear(at.getUTCFullYear(), 0, 1);
  return Math.floor((at.getTime() - start.getTime()) / 86_400_000) + 1;
}

export const timePartFunctions: Definitions<TimePartOperation> = {
  yearOf: part(
    (at) => at.getUTCFullYear(),
    (at) => `year(${at})`,
  ),
  quarterOf: part(
    (at) => Math.floor(at.getUTCMonth() / 3) + 1,
    (at) => `quarter(${at})`,
  ),
  monthOf: part(
    (at) => at.getUTCMonth() + 1,
    (at) => `month(${at})`,
  ),
  dayOfMonth: part(
    (at) => at.getUTCDate(),
    (at) => `day(${at})`,
  ),
  dayOfYear: part(dayInYear, (at) => `dayofyear(${at})`),
  isoDayOfWeek: part(
    isoDay,
    (at) => `isodow(${at})`,
    (at) => `extract(dow_iso FROM ${at})`,
  ),
  isoWeek: part(
    (at) => Math.ceil(dayInYear(thursday(at)) / 7),
    (at) => `week(${at})`,
    (at) => `weekofyear(${at})`,
  ),
  isoYear: part(
    (at) => thursday(at).getUTCFullYear(),
    (at) => `isoyear(${at})`,
    (at) => `extract(yearofweek FROM ${at})`,
  ),
  hourOf: part(
    (at) => at.getUTCHours(),
    (at) => `hour(${at})`,
  ),
  minuteOf: part(
    (at) => at.getUTCMinutes(),
    (at) => `minute(${at})`,
  ),
  secondOf: part(
    (at) => at.getUTCSeconds(),
    (at) => `second(${at})`,
  ),
  microsOfSecond: part(
    (_, micros) => ((micros % 1_000_000) + 1_000_000) % 1_000_000,
    (at) => `(epoch_us(${at}) % 1000000 + 1000000) % 1000000`,
    (at) => `(unix_micros(${at}) % 1000000 + 1000000) % 1000000`,
  ),
};

type Time = 'date' | 'timestamp';

/** All parts are in UTC; for another clock take the parts of `wallTime`. */
export const yearOf = unary<Time, 'int'>('yearOf', 'int');
/** 1 to 4. */
export const quarterOf = unary<Time, 'int'>('quarterOf', 'int');
/** 1 to 12. */
export const monthOf = unary<Time, 'int'>('monthOf', 'int');
/** 1 to 31. */
export const dayOfMonth = unary<Time, 'int'>('dayOfMonth', 'int');
/** 1 to 366. */
export const dayOfYear = unary<Time, 'int'>('dayOfYear', 'int');
/** 1 for Monday to 7 for Sunday. */
export const isoDayOfWeek = unary<Time, 'int'>('isoDayOfWeek', 'int');
/** 1 to 53: week 1 has the year's first Thursday. */
export const isoWeek = unary<Time, 'int'>('isoWeek', 'int');
/** The year that the ISO week belongs to. */
export const isoYear = unary<Time, 'int'>('isoYear', 'int');
/** 0 to 23. */
export const hourOf = unary<'timestamp', 'int'>('hourOf', 'int');
/** 0 to 59. */
export const minuteOf = unary<'timestamp', 'int'>('minuteOf', 'int');
/** 0 to 59, without the fraction. */
export const secondOf = unary<'timestamp', 'int'>('secondOf', 'int');
/** The fraction of the second: 0 to 999999. */
export const microsOfSecond = unary<'timestamp', 'int'>('microsOfSecond', 'int');
