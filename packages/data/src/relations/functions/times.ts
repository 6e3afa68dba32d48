import { BadRelation } from '../../data-error.ts';
import { call, type Expression } from '../expression.ts';
import type { Definitions } from './definition.ts';

export type TimeOperation = 'dateTrunc' | 'toDate';

export type TimeUnit = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';

const timeUnits: readonly TimeUnit[] = ['hour', 'day', 'week', 'month', 'quarter', 'year'];
const hourMicros = 3_600_000_000;

export const timeFunctions: Definitions<TimeOperation> = {
  dateTrunc: {
    value: ([at], { parameters }) => truncate(parameters?.unit as TimeUnit, Number(at)),
    duckdb: ([at], { parameters }) => `date_trunc('${unitOf(parameters?.unit)}', ${at})`,
  },
  toDate: {
    value: ([at]) => Math.floor(Number(at) / (24 * hourMicros)),
    duckdb: ([at]) => `CAST(${at} AS DATE)`,
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
  return Date.UTC(year, start[0], start[1]) * 1000;
}

/** The start of the hour, day, week (Monday), month, quarter or year in UTC. */
export function dateTrunc<N extends boolean>(
  unit: TimeUnit,
  value: Expression<'timestamp', N>,
): Expression<'timestamp', N> {
  const field = { type: 'timestamp' as const, nullable: value.node.nullable };
  return call('dateTrunc', [value.node], field, { unit: unitOf(unit) });
}

/** The day of a moment in UTC. */
export function toDate<N extends boolean>(
  value: Expression<'timestamp', N>,
): Expression<'date', N> {
  return call('toDate', [value.node], { type: 'date', nullable: value.node.nullable });
}
