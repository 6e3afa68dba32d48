import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadDefinition } from '../pipelines-error.ts';
import { type Cron, cron } from './cron.ts';
import { nextTime, timesBetween } from './next-time.ts';

const minute = 60_000;
const day = 86_400_000;
const iso = (at: number): string => new Date(at).toISOString().slice(0, 16);
const times = (made: Cron, from: string, until: string): readonly string[] =>
  timesBetween(made, Date.parse(from) - 1, Date.parse(until) - 1, 1000).map(iso);

test('days, steps, names and lists', () => {
  const zone = 'UTC';
  assert.deepEqual(times(cron('0 4 * * *', zone), '2026-01-01', '2026-01-03'), [
    '2026-01-01T04:00',
    '2026-01-02T04:00',
  ]);
  assert.deepEqual(times(cron('*/20 1,3 * jan Mon', zone), '2026-01-04', '2026-01-12'), [
    '2026-01-05T01:00',
    '2026-01-05T01:20',
    '2026-01-05T01:40',
    '2026-01-05T03:00',
    '2026-01-05T03:20',
    '2026-01-05T03:40',
  ]);
  // Both days restricted: one of them is enough. Friday the 13th is found by neither alone.
  assert.deepEqual(times(cron('0 0 13 * fri', zone), '2026-02-01', '2026-02-15'), [
    '2026-02-06T00:00',
    '2026-02-13T00:00',
  ]);
  assert.equal(
    iso(nextTime(cron('0 0 29 2 *', zone), Date.parse('2096-03-01'))),
    '2104-02-29T00:00',
  );
  assert.deepEqual(times(cron('@monthly', zone), '2026-01-15', '2026-03-15'), [
    '2026-02-01T00:00',
    '2026-03-01T00:00',
  ]);
});

test('what is no schedule is refused with the field', () => {
  const bad = ['* * * *', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * * 13 *', '* * * * 8'];
  const worse = [
    '5-1 * * * *',
    '*/0 * * * *',
    'x * * * *',
    '*-3 * * * *',
    '0 0 30 2 *',
    '1,, * * * *',
  ];
  for (const expression of [...bad, ...worse])
    assert.throws(() => cron(expression, 'UTC'), BadDefinition, expression);
  assert.throws(() => cron('0 4 * * *', 'Mars/Base'), /no IANA time zone/);
});

test('the skipped and the doubled hour, at both changes of 2026 in New York', () => {
  const zone = 'America/New_York';
  assert.deepEqual(times(cron('30 2 * * *', zone), '2026-03-07T00:00Z', '2026-03-10T00:00Z'), [
    '2026-03-07T07:30',
    '2026-03-08T07:00',
    '2026-03-09T06:30',
  ]);
  assert.deepEqual(times(cron('30 1 * * *', zone), '2026-10-31T00:00Z', '2026-11-03T00:00Z'), [
    '2026-10-31T05:30',
    '2026-11-01T05:30',
    '2026-11-02T06:30',
  ]);
  assert.equal(times(cron('0 * * * *', zone), '2026-11-01T04:00Z', '2026-11-02T05:00Z').length, 25);
  assert.equal(times(cron('0 * * * *', zone), '2026-03-08T05:00Z', '2026-03-09T04:00Z').length, 23);
});

/** The offset of a zone by Intl, which knows nothing of transitions; in minutes. */
function offsets(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (at) => {
    const part = Object.fromEntries(
      format.formatToParts(at).map(({ type, value }) => [type, +value]),
    );
    const wall = Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!);
    return (wall - Math.floor(at / minute) * minute) / minute;
  };
}

interface Plain {
  readonly cron: Cron;
  /** Whether a wall time is one of the schedule (Sunday is 0), and whether it is of every hour. */
  readonly holds: (minuteOfDay: number, dayOfWeek: number) => boolean;
  readonly everyHour: boolean;
}

/** The schedules of the oracle, each written a second time as a condition. */
const schedules = (zone: string): readonly Plain[] => [
  {
    cron: cron('30 2 * * *', zone),
    holds: (at) => at === 150,
    everyHour: false,
  },
  {
    cron: cron('*/15 0-3 * * *', zone),
    holds: (at) => at < 240 && at % 15 === 0,
    everyHour: false,
  },
  {
    cron: cron('10,40 * * * *', zone),
    holds: (at) => at % 30 === 10,
    everyHour: true,
  },
  {
    cron: cron('0 0,23 * * sun,4', zone),
    holds: (at, weekday) => (at === 0 || at === 1380) && (weekday === 0 || weekday === 4),
    everyHour: false,
  },
];

/** Minute by minute, from what the clocks on the wall showed up to then. */
function oracle(
  plain: Plain,
  wallAt: (at: number) => number,
  from: number,
  until: number,
): number[] {
  const holds = (wall: number): boolean => {
    const days = Math.floor(wall / day);
    // The first of January 1970 was a Thursday.
    return plain.holds((wall - days * day) / minute, (days + 4) % 7);
  };
  const fired: number[] = [];
  let highest = wallAt(from - minute);
  for (let at = from; at < until; at += minute) {
    const wall = wallAt(at);
    const repeated = wall <= highest;
    let due = holds(wall) && (plain.everyHour || !repeated);
    if (!plain.everyHour) {
      for (let skipped = highest + minute; skipped < wall; skipped += minute)
        due ||= holds(skipped);
    }
    if (due) fired.push(at);
    highest = Math.max(highest, wall);
  }
  return fired;
}

/**
 * The wall time of a moment. Days with one offset at both ends have no change within; in others each
 * quarter of an hour is looked at, or each minute where changes ask for it.
 */
function wallClock(zone: string, changes: readonly number[]): (at: number) => number {
  const offsetAt = kept(offsets(zone), changes.some((at) => at % (15 * minute) > 0) ? 1 : 15);
  const days = new Map<number, number | undefined>();
  return (at) => {
    const start = Math.floor(at / day) * day;
    if (!days.has(start)) {
      const offset = offsetAt(start);
      days.set(start, offset === offsetAt(start + day) ? offset : undefined);
    }
    return at + (days.get(start) ?? offsetAt(at)) * minute;
  };
}

function kept(offsetAt: (at: number) => number, minutes: number): (at: number) => number {
  const known = new Map<number, number>();
  return (at) => {
    const step = Math.floor(at / minutes / minute);
    const found = known.get(step) ?? offsetAt(step * minutes * minute);
    known.set(step, found);
    return found;
  };
}

/** One zone for each way that offsets went from 2020 to 2037, with the changes. */
function rules(): ReadonlyMap<
  string,
  { readonly zone: string; readonly changes: readonly number[] }
> {
  const found = new Map<string, { readonly zone: string; readonly changes: readonly number[] }>();
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    const offsetAt = offsets(zone);
    const changes: number[] = [];
    let known = offsetAt(Date.UTC(2020, 0, 1));
    let signature = `${known}`;
    for (let at = Date.UTC(2020, 0, 1); at < Date.UTC(2038, 0, 1); at += 7 * day) {
      const offset = offsetAt(at);
      if (offset === known) continue;
      let [low, high] = [at - 7 * day, at];
      while (high - low > minute) {
        const middle = Math.floor((low + high) / 2 / minute) * minute;
        if (offsetAt(middle) === known) low = middle;
        else high = middle;
      }
      changes.push(high);
      signature += ` ${high}:${offset}`;
      known = offset;
    }
    if (!found.has(signature)) found.set(signature, { zone, changes });
  }
  return found;
}

test('every change of offset of every zone from 2020 to 2037, and a year of each rule', () => {
  let windows = 0;
  let compared = 0;
  for (const { zone, changes } of rules().values()) {
    const wallAt = wallClock(zone, changes);
    const year = { from: Date.UTC(2026, 0, 1), until: Date.UTC(2027, 0, 1) };
    const around = changes.map((at) => ({ from: at - 1.5 * day, until: at + 1.5 * day }));
    for (const { from, until } of [...around, year]) {
      windows++;
      for (const plain of schedules(zone)) {
        const expected = oracle(plain, wallAt, from, until);
        const found = timesBetween(plain.cron, from - 1, until - 1, 1e6);
        compared += expected.length;
        assert.deepEqual(found, expected, `${zone} ${plain.cron.expression} from ${iso(from)}`);
      }
    }
  }
  assert.ok(windows > 1000 && compared > 1_000_000, `${windows} windows, ${compared} times`);
});
