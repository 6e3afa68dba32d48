import { BadRelation } from '../../data-error.ts';
import {
  anyNullable,
  call,
  type Expression,
  fieldOf,
  type Operand,
  toNode,
} from '../expression.ts';
import type { CallNode } from '../nodes.ts';
import { binary, partial, unary } from './calls.ts';
import type { Definitions } from './definition.ts';

export type TimeOperation =
  | 'dateTrunc'
  | 'toDate'
  | 'toTimestamp'
  | 'addDays'
  | 'addMonths'
  | 'addMicros'
  | 'daysBetween'
  | 'weeksBetween'
  | 'monthsBetween'
  | 'fullYearsBetween'
  | 'microsBetween'
  | 'epochMicros'
  | 'fromEpochMicros'
  | 'epochDays'
  | 'fromEpochDays'
  | 'makeDate'
  | 'lastDayOfMonth'
  | 'formatTime';

export type TimeUnit = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';

const timeUnits: readonly TimeUnit[] = ['hour', 'day', 'week', 'month', 'quarter', 'year'];
const hourMicros = 3_600_000_000;
const dayMicros = 24 * hourMicros;

/** The first and the last day that `makeDate` and `fromEpochDays` make: years 1 to 9999. */
const [firstDay, lastDay] = [-719_162, 2_932_896];

const isDate = (node: CallNode): boolean => node.operands[0]?.type === 'date';
const dayOf = (days: unknown): Date => new Date(Number(days) * 86_400_000);
const daysFrom = (year: number, month: number, day: number): number => {
  const at = new Date(0);
  at.setUTCFullYear(year, month, day);
  return Math.round(at.getTime() / 86_400_000);
};

const micros = {
  duckdb: (at: string) => `epoch_us(${at})`,
  spark: (at: string) => `unix_micros(${at})`,
};
const moment = {
  duckdb: (at: string) => `CAST(make_timestamp(CAST(${at} AS BIGINT)) AS TIMESTAMP WITH TIME ZONE)`,
  spark: (at: string) => `timestamp_micros(CAST(${at} AS BIGINT))`,
};

const stepFunctions = {
  addDays: {
    value: ([at, days], node) => Number(at) + Number(days) * (isDate(node) ? 1 : dayMicros),
    duckdb: ([at, days], node) =>
      isDate(node)
        ? `(${at} + CAST(${days} AS INTEGER))`
        : moment.duckdb(`${micros.duckdb(at!)} + ${days} * ${dayMicros}`),
    spark: ([at, days], node) =>
      isDate(node)
        ? `date_add(${at}, CAST(${days} AS INT))`
        : moment.spark(`${micros.spark(at!)} + ${days} * ${dayMicros}`),
  },
  addMonths: {
    value: ([at, months], node) =>
      isDate(node)
        ? monthsLater(Number(at), Number(months))
        : monthsLater(Math.floor(Number(at) / dayMicros), Number(months)) * dayMicros +
          microsOfDay(Number(at)),
    duckdb: ([at, months], node) =>
      `CAST(${at} + to_months(CAST(${months} AS INTEGER)) AS ${isDate(node) ? 'DATE' : 'TIMESTAMP WITH TIME ZONE'})`,
    spark: ([at, months], node) =>
      isDate(node)
        ? `add_months(${at}, CAST(${months} AS INT))`
        : `(${at} + make_ym_interval(0, CAST(${months} AS INT)))`,
  },
  addMicros: {
    value: ([at, more]) => Number(at) + Number(more),
    duckdb: ([at, more]) => moment.duckdb(`${micros.duckdb(at!)} + ${more}`),
    spark: ([at, more]) => moment.spark(`${micros.spark(at!)} + ${more}`),
  },
} satisfies Partial<Definitions<TimeOperation>>;

const daysSql = {
  duckdb: (from: string, to: string) => `date_diff('day', ${from}, ${to})`,
  spark: (from: string, to: string) => `CAST(datediff(${to}, ${from}) AS BIGINT)`,
};

const differenceFunctions = {
  daysBetween: {
    value: ([from, to]) => Number(to) - Number(from),
    duckdb: ([from, to]) => daysSql.duckdb(from!, to!),
    spark: ([from, to]) => daysSql.spark(from!, to!),
  },
  weeksBetween: {
    value: ([from, to]) => Math.floor((Number(to) - Number(from)) / 7) + 0,
    duckdb: ([from, to]) =>
      `CAST(floor(CAST(${daysSql.duckdb(from!, to!)} AS DOUBLE) / 7) AS BIGINT)`,
    spark: ([from, to]) =>
      `CAST(floor(CAST(${daysSql.spark(from!, to!)} AS DOUBLE) / 7) AS BIGINT)`,
  },
  monthsBetween: {
    value: ([from, to]) => monthNumber(to) - monthNumber(from),
    duckdb: ([from, to]) =>
      `CAST((year(${to}) - year(${from})) * 12 + month(${to}) - month(${from}) AS BIGINT)`,
  },
  fullYearsBetween: {
    value: ([from, to]) => Math.floor((birthday(to) - birthday(from)) / 10_000),
    duckdb: ([from, to]) => `CAST(year(${to}) - year(${from}) -
      CASE WHEN month(${to}) * 100 + day(${to}) < month(${from}) * 100 + day(${from}) THEN 1 ELSE 0 END AS BIGINT)`,
  },
  microsBetween: {
    value: ([from, to]) => Number(to) - Number(from),
    duckdb: ([from, to]) => `(${micros.duckdb(to!)} - ${micros.duckdb(from!)})`,
    spark: ([from, to]) => `(${micros.spark(to!)} - ${micros.spark(from!)})`,
  },
} satisfies Partial<Definitions<TimeOperation>>;

const makingFunctions = {
  epochMicros: {
    value: ([at]) => at!,
    duckdb: ([at]) => micros.duckdb(at!),
    spark: ([at]) => micros.spark(at!),
  },
  fromEpochMicros: {
    value: ([at]) => at!,
    duckdb: ([at]) => moment.duckdb(at!),
    spark: ([at]) => moment.spark(at!),
  },
  epochDays: {
    value: ([day]) => day!,
    duckdb: ([day]) => `date_diff('day', DATE '1970-01-01', ${day})`,
    spark: ([day]) => `CAST(unix_date(${day}) AS BIGINT)`,
  },
  fromEpochDays: {
    value: ([days]) => (Number(days) < firstDay || Number(days) > lastDay ? null : days!),
    duckdb: ([days]) => `(DATE '1970-01-01' + ${insideDays(days!)})`,
    spark: ([days]) => `date_from_unix_date(${insideDays(days!)})`,
  },
  makeDate: {
    value: ([year, month, day]) => dateOf(Number(year), Number(month), Number(day)),
    duckdb: ([year, month, day]) => `TRY_CAST(CASE WHEN ${year} BETWEEN 1 AND 9999
      AND ${month} BETWEEN 1 AND 12 AND ${day} BETWEEN 1 AND 31
      THEN lpad(CAST(${year} AS STRING), 4, '0') || '-' || lpad(CAST(${month} AS STRING), 2, '0')
        || '-' || lpad(CAST(${day} AS STRING), 2, '0') END AS DATE)`,
  },
  lastDayOfMonth: {
    value: ([day]) => daysFrom(dayOf(day).getUTCFullYear(), dayOf(day).getUTCMonth() + 1, 0),
    duckdb: ([day]) => `last_day(${day})`,
  },
  toDate: {
    value: ([at]) => Math.floor(Number(at) / dayMicros),
    duckdb: ([at]) => `CAST(${at} AS DATE)`,
  },
  toTimestamp: {
    value: ([day]) => Number(day) * dayMicros,
    duckdb: ([day]) => `CAST(${day} AS TIMESTAMP WITH TIME ZONE)`,
    spark: ([day]) => `CAST(${day} AS TIMESTAMP)`,
  },
} satisfies Partial<Definitions<TimeOperation>>;

export const timeFunctions: Definitions<TimeOperation> = {
  ...stepFunctions,
  ...differenceFunctions,
  ...makingFunctions,
  dateTrunc: {
    value: ([at], node) => {
      const unit = unitOf(node.parameters?.unit);
      return isDate(node)
        ? truncate(unit, Number(at) * dayMicros) / dayMicros
        : truncate(unit, Number(at));
    },
    duckdb: ([at], node) => {
      const start = `date_trunc('${unitOf(node.parameters?.unit)}', ${at})`;
      return isDate(node) ? `CAST(${start} AS DATE)` : start;
    },
  },
  formatTime: {
    value: ([at], node) => formatted(node, isDate(node) ? Number(at) * dayMicros : Number(at)),
    duckdb: ([at], node) => `strftime(${at}, '${layout(node, 'duckdb')}')`,
    spark: ([at], node) => `date_format(${at}, '${layout(node, 'spark')}')`,
  },
};

/** The unit stands in the SQL itself, so that it is one of ours whatever built the node. */
function unitOf(unit: unknown): TimeUnit {
  const known = timeUnits.find((one) => one === unit);
  if (!known) throw new BadRelation(`a time unit is one of ${timeUnits.join(', ')}`);
  return known;
}

function truncate(unit: TimeUnit, micros: number): number {
  if (unit === 'hour') return Math.floor(micros / hourMicros) * hourMicros;
  const at = new Date(Math.floor(micros / 1000));
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  const start = {
    day: [month, day],
    week: [month, day - ((at.getUTCDay() + 6) % 7)],
    month: [month, 1],
    quarter: [month - (month % 3), 1],
    year: [0, 1],
  }[unit];
  return daysFrom(year, start[0]!, start[1]!) * dayMicros;
}

function microsOfDay(at: number): number {
  return at - Math.floor(at / dayMicros) * dayMicros;
}

/** The same day of a later month, or that month's last. */
function monthsLater(days: number, months: number): number {
  const at = dayOf(days);
  const month = at.getUTCFullYear() * 12 + at.getUTCMonth() + months;
  const [year, ofYear] = [Math.floor(month / 12), ((month % 12) + 12) % 12];
  const last = dayOf(daysFrom(year, ofYear + 1, 0)).getUTCDate();
  return daysFrom(year, ofYear, Math.min(at.getUTCDate(), last));
}

function monthNumber(day: unknown): number {
  return dayOf(day).getUTCFullYear() * 12 + dayOf(day).getUTCMonth();
}

/** Years, months and days as the digits of one number. */
function birthday(day: unknown): number {
  const at = dayOf(day);
  return at.getUTCFullYear() * 10_000 + at.getUTCMonth() * 100 + at.getUTCDate();
}

function dateOf(year: number, month: number, day: number): number | null {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return null;
  const days = daysFrom(year, month - 1, day);
  return dayOf(days).getUTCMonth() === month - 1 && day <= 31 ? days : null;
}

function insideDays(days: string): string {
  return `CAST(CASE WHEN ${days} BETWEEN ${firstDay} AND ${lastDay} THEN ${days} END AS INTEGER)`;
}

const formatParts: Readonly<
  Record<
    string,
    { readonly duckdb: string; readonly spark: string; readonly value: (iso: string) => string }
  >
> = {
  year: { duckdb: '%Y', spark: 'yyyy', value: (iso) => iso.slice(0, 4) },
  month: { duckdb: '%m', spark: 'MM', value: (iso) => iso.slice(5, 7) },
  day: { duckdb: '%d', spark: 'dd', value: (iso) => iso.slice(8, 10) },
  hour: { duckdb: '%H', spark: 'HH', value: (iso) => iso.slice(11, 13) },
  minute: { duckdb: '%M', spark: 'mm', value: (iso) => iso.slice(14, 16) },
  second: { duckdb: '%S', spark: 'ss', value: (iso) => iso.slice(17, 19) },
  micro: { duckdb: '%f', spark: 'SSSSSS', value: (iso) => iso.slice(20, 26) },
};

const formatPattern = /^(?:\{(?:year|month|day|hour|minute|second|micro)\}|[-/:. _,TZ]){1,60}$/;

/** The template's parts stand in the SQL itself, so that they are ours whatever built the node. */
function partsOf({ parameters }: CallNode): readonly string[] {
  const template = String(parameters?.template);
  if (!formatPattern.test(template)) {
    throw new BadRelation(
      "a part of a time's template is unknown",
      'use {year}, {month}, {day}, {hour}, {minute}, {second}, {micro}, and - / : . _ , T Z or spaces',
    );
  }
  return template.match(/\{\w+\}|./g) ?? [];
}

function layout(node: CallNode, engine: 'duckdb' | 'spark'): string {
  return partsOf(node)
    .map((part) => {
      if (part.startsWith('{')) return formatParts[part.slice(1, -1)]![engine];
      return engine === 'spark' && /[TZ]/.test(part) ? `''${part}''` : part;
    })
    .join('');
}

function formatted(node: CallNode, micros: number): string {
  const millis = new Date(Math.floor(micros / 1000)).toISOString().slice(0, -1);
  const iso = `${millis}${String(((micros % 1000) + 1000) % 1000).padStart(3, '0')}`;
  return partsOf(node)
    .map((part) => (part.startsWith('{') ? formatParts[part.slice(1, -1)]!.value(iso) : part))
    .join('');
}

type Time = 'date' | 'timestamp';

/** The start of the hour, day, week (Monday), month, quarter or year in UTC; dates stay dates. */
export function dateTrunc<V extends Time, N extends boolean>(
  unit: V extends 'date' ? Exclude<TimeUnit, 'hour'> : TimeUnit,
  value: Expression<V, N>,
): Expression<V, N> {
  if (value.node.type === 'date' && unit === 'hour') throw new BadRelation('a date has no hours');
  return call('dateTrunc', [value.node], fieldOf(value.node), { unit: unitOf(unit) });
}

/** The day of a moment in UTC. */
export const toDate = unary<'timestamp', 'date'>('toDate', 'date');
/** Midnight in UTC at the start of a day. */
export const toTimestamp = unary<'date', 'timestamp'>('toTimestamp', 'timestamp');

function later(operation: 'addDays' | 'addMonths') {
  return <V extends Time>(value: Expression<V>, count: Operand<'int'>): Expression<V, boolean> => {
    const operands = [value.node, toNode(count, { type: 'int', nullable: false })];
    return call(operation, operands, { type: value.node.type, nullable: anyNullable(operands) });
  };
}

/** Days later, or earlier below zero; a day of a moment is 24 hours. */
export const addDays = later('addDays');
/** The same day of a later month, or that month's last: 31 January and one month is 28 or 29 February. */
export const addMonths = later('addMonths');
/** Microseconds later, or earlier below zero. */
export const addMicros = binary<'timestamp', 'int', 'timestamp'>('addMicros', 'int', 'timestamp');
/** Days from the first date to the second; below zero when that is earlier. */
export const daysBetween = binary<'date', 'date', 'int'>('daysBetween', 'date', 'int');
/** Full weeks of seven days from the first date to the second, rounded down. */
export const weeksBetween = binary<'date', 'date', 'int'>('weeksBetween', 'date', 'int');
/** Starts of months from the first date to the second: 1 from 31 January to 1 February. */
export const monthsBetween = binary<'date', 'date', 'int'>('monthsBetween', 'date', 'int');
/** Full years from the first date to the second, as ages are told; 29 February's is on 1 March. */
export const fullYearsBetween = binary<'date', 'date', 'int'>('fullYearsBetween', 'date', 'int');
/** Microseconds from the first moment to the second; beyond 285 years they are no `int`: an error. */
export const microsBetween = binary<'timestamp', 'timestamp', 'int'>(
  'microsBetween',
  'timestamp',
  'int',
);
/** Microseconds since 1970. */
export const epochMicros = unary<'timestamp', 'int'>('epochMicros', 'int');
/** The moment so many microseconds since 1970. */
export const fromEpochMicros = unary<'int', 'timestamp'>('fromEpochMicros', 'timestamp');
/** Days since 1970. */
export const epochDays = unary<'date', 'int'>('epochDays', 'int');
/** The date so many days since 1970; missing outside the years 1 to 9999. */
export const fromEpochDays = partial<'int', 'date'>('fromEpochDays', 'date');

/** The date of a year (1 to 9999), month and day; missing when there is none. */
export function makeDate(
  year: Expression<'int'>,
  month: Operand<'int'>,
  day: Operand<'int'>,
): Expression<'date', true> {
  const operands = [year.node, toNode(month, year.node), toNode(day, year.node)];
  return call('makeDate', operands, { type: 'date', nullable: true });
}

/** The last day of a date's month. */
export const lastDayOfMonth = unary<'date', 'date'>('lastDayOfMonth', 'date');

/**
 * A date or moment (in UTC) as text: `formatTime(play.at, '{year}-{month}-{day}T{hour}:{minute}')`.
 * Parts are filled with zeros: four digits for the year (1 to 9999), six for `{micro}`, else two.
 * A date's hours and less are zero.
 */
export function formatTime<N extends boolean>(
  value: Expression<Time, N>,
  template: string,
): Expression<'text', N> {
  const made = call<'text', N>(
    'formatTime',
    [value.node],
    { type: 'text', nullable: value.node.nullable },
    { template },
  );
  partsOf(made.node as CallNode);
  return made;
}
