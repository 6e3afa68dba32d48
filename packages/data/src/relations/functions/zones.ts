import { BadRelation } from '../../data-error.ts';
import { call, type Expression } from '../expression.ts';
import type { CallNode } from '../nodes.ts';
import type { Definitions } from './definition.ts';

export type ZoneOperation = 'wallTime' | 'dateInZone' | 'startOfDayInZone';

const dayMicros = 86_400_000_000;

export const zoneFunctions: Definitions<ZoneOperation> = {
  wallTime: {
    value: ([at], node) => wall(Number(at), zoneOf(node)),
    duckdb: ([at], node, bind) => `timezone('UTC', timezone(${bind('text', zoneOf(node))}, ${at}))`,
    spark: ([at], node, bind) => `from_utc_timestamp(${at}, ${bind('text', zoneOf(node))})`,
  },
  dateInZone: {
    value: ([at], node) => Math.floor(wall(Number(at), zoneOf(node)) / dayMicros),
    duckdb: ([at], node, bind) => `CAST(timezone(${bind('text', zoneOf(node))}, ${at}) AS DATE)`,
    spark: ([at], node, bind) =>
      `CAST(from_utc_timestamp(${at}, ${bind('text', zoneOf(node))}) AS DATE)`,
  },
  startOfDayInZone: {
    value: ([day], node) => firstMoment(Number(day), zoneOf(node)),
    duckdb: ([day], node, bind) => {
      const zone = bind('text', zoneOf(node));
      const midnight = `CAST(${day} AS TIMESTAMP)`;
      const start = `timezone(${zone}, ${midnight})`;
      // Where clocks go back over midnight there are two; DuckDB takes the later, Spark the earlier.
      const earlier = [60, 30].map(
        (minutes) =>
          `WHEN timezone(${zone}, ${start} - INTERVAL ${minutes} MINUTE) = ${midnight}
          THEN ${start} - INTERVAL ${minutes} MINUTE`,
      );
      return `(CASE ${earlier.join(' ')} ELSE ${start} END)`;
    },
    spark: ([day], node, bind) =>
      `to_utc_timestamp(CAST(${day} AS TIMESTAMP), ${bind('text', zoneOf(node))})`,
  },
};

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  clocks.set(zone, made);
  return made;
}

/** What a clock in the zone shows at a moment, as the moment at which a clock in UTC shows it. */
function wall(micros: number, zone: string): number {
  const millis = Math.floor(micros / 1000);
  const parts = clockOf(zone).formatToParts(millis);
  const at = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  const shown = Date.UTC(
    at('year'),
    at('month') - 1,
    at('day'),
    at('hour'),
    at('minute'),
    at('second'),
  );
  return shown * 1000 + (micros - Math.floor(micros / 1_000_000) * 1_000_000);
}

const hourMicros = dayMicros / 24;

/**
 * The first moment at which the zone's clock shows the day: midnight by each of the offsets from UTC
 * that the zone has around it, or where none shows midnight, the moment that the clock jumps over it.
 */
function firstMoment(day: number, zone: string): number {
  const midnight = day * dayMicros;
  const around = Array.from({ length: 61 }, (_, hour) => midnight + (hour - 30) * hourMicros);
  const offsets = new Set(around.map((at) => wall(at, zone) - at));
  const shown = [...offsets]
    .map((offset) => midnight - offset)
    .filter((at) => wall(at, zone) === midnight);
  return shown.length > 0 ? Math.min(...shown) : jumpOver(midnight, zone);
}

function jumpOver(midnight: number, zone: string): number {
  let [before, after] = [midnight - 2 * dayMicros, midnight + 2 * dayMicros];
  while (after - before > 1_000_000) {
    const middle = Math.floor((before + after) / 2 / 1_000_000) * 1_000_000;
    if (wall(middle, zone) >= midnight) after = middle;
    else before = middle;
  }
  return after;
}

function zoneOf({ parameters }: CallNode): string {
  return checkedZone(String(parameters?.zone));
}

function checkedZone(zone: string): string {
  try {
    if (/^[A-Za-z]+(\/[A-Za-z0-9_+-]+){0,2}$/.test(zone)) clockOf(zone);
    else throw new RangeError();
  } catch {
    throw new BadRelation('a time zone is a name of the IANA database, such as Europe/Paris');
  }
  return zone;
}

function inZone<V extends 'timestamp' | 'date', R extends 'timestamp' | 'date'>(
  operation: ZoneOperation,
  type: R,
) {
  return <N extends boolean>(value: Expression<V, N>, zone: string): Expression<R, N> =>
    call(
      operation,
      [value.node],
      { type, nullable: value.node.nullable },
      { zone: checkedZone(zone) },
    );
}

/**
 * What a clock in an IANA zone shows at a moment, as the moment at which a clock in UTC shows the
 * same: `hourOf(wallTime(play.at, 'Europe/Paris'))`. It is no moment any more: two may share it.
 * Each engine has its own edition of the time zone database: they are the same from 1990 on, and may
 * tell a few earlier clocks otherwise.
 */
export const wallTime = inZone<'timestamp', 'timestamp'>('wallTime', 'timestamp');
/** The day that a calendar in an IANA zone shows at a moment. */
export const dateInZone = inZone<'timestamp', 'date'>('dateInZone', 'date');
/** The first moment of a day in an IANA zone, where midnight may be left out or come twice. */
export const startOfDayInZone = inZone<'date', 'timestamp'>('startOfDayInZone', 'timestamp');
