import { type Cron, type CronFields, cronFields } from './cron.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** From a leap day to the next is eight years at most (1896 to 1904, 2096 to 2104). */
const longestDays = 8 * 366 + 7;

/** A stretch of time in which a zone's clocks run evenly; milliseconds since 1970, UTC. */
interface Stretch {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Local minus UTC. */
  readonly offset: number;
}

/**
 * The first instant of a schedule after a moment; both in milliseconds since 1970, UTC. The rule for
 * skipped and repeated hours is that of `cron`.
 */
export function nextTime(cron: Cron, after: number): number {
  return timesAfter(cron, after).next().value;
}

/** The instants of a schedule in `(after, until]`, at most so many. */
export function timesBetween(
  cron: Cron,
  after: number,
  until: number,
  most: number,
): readonly number[] {
  const found: number[] = [];
  if (most < 1) return found;
  for (const at of timesAfter(cron, after)) {
    if (at > until || found.push(at) === most) break;
  }
  return found;
}

function* timesAfter(cron: Cron, after: number): Generator<number, never> {
  const fields = cronFields(cron);
  let stretch = stretchAt(cron.zone, after);
  let before = stretchBefore(cron.zone, stretch);
  for (let from = after; ; ) {
    const found = within(fields, stretch, before, from);
    if (found === undefined) {
      before = stretch;
      stretch = stretchAt(cron.zone, stretch.end);
      from = stretch.start - 1;
    } else {
      yield found;
      from = found;
    }
  }
}

function within(
  fields: CronFields,
  stretch: Stretch,
  before: Stretch | undefined,
  after: number,
): number | undefined {
  const startWall = stretch.start + stretch.offset;
  const reached = before ? before.end + before.offset : startWall;
  if (!fields.anyHour && startWall > reached && after < stretch.start) {
    // The wall times from `reached` on were skipped: what they held runs at the first instant after.
    const skipped = nextWall(fields, reached);
    if (skipped < startWall) return stretch.start;
  }
  // Wall times that the stretch before had already are not run again.
  const repeatedUntil = fields.anyHour ? startWall : Math.max(startWall, reached);
  const from = Math.max(nextMinute(after) + stretch.offset, repeatedUntil);
  const at = nextWall(fields, from) - stretch.offset;
  return at < stretch.end ? at : undefined;
}

function nextMinute(after: number): number {
  return (Math.floor(after / minuteMs) + 1) * minuteMs;
}

/** The first wall time, from one on, that the fields allow; wall times are counted as if in UTC. */
function nextWall(fields: CronFields, from: number): number {
  const ofDay = from - Math.floor(from / dayMs) * dayMs;
  let day = from - ofDay;
  let least = Math.ceil(ofDay / minuteMs);
  for (let passed = 0; passed < longestDays; passed++) {
    const minute = dayAllowed(fields, day) ? minuteOfDay(fields, least) : undefined;
    if (minute !== undefined) return day + minute * minuteMs;
    day += dayMs;
    least = 0;
  }
  return Number.POSITIVE_INFINITY;
}

function dayAllowed(fields: CronFields, day: number): boolean {
  const date = new Date(day);
  if (!fields.months.has(date.getUTCMonth() + 1)) return false;
  const ofMonth = fields.daysOfMonth.has(date.getUTCDate());
  const ofWeek = fields.daysOfWeek.has(date.getUTCDay());
  if (fields.anyDayOfMonth) return ofWeek;
  return fields.anyDayOfWeek ? ofMonth : ofMonth || ofWeek;
}

function minuteOfDay({ hours, minutes }: CronFields, least: number): number | undefined {
  for (const hour of hours) {
    if (hour * 60 + 59 < least) continue;
    const minute = minutes.find((one) => hour * 60 + one >= least);
    if (minute !== undefined) return hour * 60 + minute;
  }
  return undefined;
}

function stretchAt(zone: string, at: number): Stretch {
  const local = Temporal.Instant.fromEpochMilliseconds(Math.floor(at)).toZonedDateTimeISO(zone);
  const next = local.getTimeZoneTransition('next');
  // Temporal's previous transition is before the moment; at one, the stretch begins there.
  const previous = local.add({ nanoseconds: 1 }).getTimeZoneTransition('previous');
  return {
    start: previous?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    end: next?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offset: local.offsetNanoseconds / 1e6,
  };
}

function stretchBefore(zone: string, stretch: Stretch): Stretch | undefined {
  return Number.isFinite(stretch.start) ? stretchAt(zone, stretch.start - 1) : undefined;
}
