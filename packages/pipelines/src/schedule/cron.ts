import { BadDefinition } from '../pipelines-error.ts';

/** When a pipeline runs by the clock: a cron expression in an IANA time zone, as plain data. */
export interface Cron {
  readonly kind: 'cron';
  /** As written. */
  readonly expression: string;
  readonly zone: string;
}

/** The values that each field allows; what a star covers is known, since its meaning differs. */
export interface CronFields {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** Sunday is 0. */
  readonly daysOfWeek: ReadonlySet<number>;
  readonly anyHour: boolean;
  readonly anyDayOfMonth: boolean;
  readonly anyDayOfWeek: boolean;
}

/**
 * A schedule in the five fields of cron (minute, hour, day of month, month, day of week; lists,
 * ranges, steps, English names of months and days, `@hourly`, `@daily`, `@weekly`, `@monthly`,
 * `@yearly`) on the wall clock of a zone. When day of month and day of week are both restricted, one
 * of them is enough.
 *
 * When clocks change: a schedule of every hour (`*` in the hour) follows real time and runs in both
 * passes of a repeated hour; one of certain hours runs once where its time comes twice (the first
 * time), and once, at the first instant after, where its time is skipped.
 *
 * @example
 * cron('0 4 * * *', 'America/Los_Angeles');
 */
export function cron(expression: string, zone: string): Cron {
  const made: Cron = Object.freeze({ kind: 'cron', expression, zone });
  cronFields(made);
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
  } catch {
    throw new BadDefinition(place, `${JSON.stringify(zone)} is no IANA time zone`);
  }
  return made;
}

const place = 'schedule';
const short: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
};
const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const dayNames = 'sun mon tue wed thu fri sat'.split(' ');
const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The fields of a schedule's expression. */
export function cronFields({ expression }: Cron): CronFields {
  const parts = (short[expression] ?? expression).trim().split(/\s+/);
  if (parts.length !== 5) {
    throw new BadDefinition(place, `${shown(expression)} has ${parts.length} fields, not five`);
  }
  const [minute, hour, dayOfMonth, month, dayOfWeek] = parts as [
    string,
    string,
    string,
    string,
    string,
  ];
  const fields: CronFields = {
    minutes: sorted(values(minute, 'minute', 0, 59)),
    hours: sorted(values(hour, 'hour', 0, 23)),
    daysOfMonth: values(dayOfMonth, 'day of month', 1, 31),
    months: values(month, 'month', 1, 12, monthNames),
    daysOfWeek: new Set(
      [...values(dayOfWeek, 'day of week', 0, 7, dayNames)].map((day) => day % 7),
    ),
    anyHour: hour === '*',
    anyDayOfMonth: dayOfMonth === '*',
    anyDayOfWeek: dayOfWeek === '*',
  };
  const first = Math.min(...fields.daysOfMonth);
  const reachable = [...fields.months].some((one) => first <= longestMonths[one - 1]!);
  if (!reachable && fields.anyDayOfWeek) {
    throw new BadDefinition(place, `${shown(expression)} names a day that no month has`);
  }
  return fields;
}

function values(
  field: string,
  name: string,
  least: number,
  most: number,
  names: readonly string[] = [],
): ReadonlySet<number> {
  const found = new Set<number>();
  for (const item of field.split(',')) {
    const { low, high, step } = range(item, name, least, most, names);
    for (let value = low; value <= high; value += step) found.add(value);
  }
  return found;
}

function range(
  item: string,
  name: string,
  least: number,
  most: number,
  names: readonly string[],
): { readonly low: number; readonly high: number; readonly step: number } {
  const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/([0-9]{1,4}))?$/i.exec(item);
  const [, from = '', to, every] = match ?? [];
  const number = (text: string): number => {
    const named = names.indexOf(text.toLowerCase());
    if (named >= 0) return named + (least === 0 ? 0 : 1);
    return /^[0-9]{1,4}$/.test(text) ? Number(text) : Number.NaN;
  };
  const star = from === '*';
  const low = star ? least : number(from);
  // `5/10` is from 5 on; a single value without a step is itself.
  const high = star || (to === undefined && every !== undefined) ? most : number(to ?? from);
  const step = every === undefined ? 1 : Number(every);
  const good =
    match !== null && !(star && to !== undefined) && low >= least && high <= most && low <= high;
  if (!good || step < 1) {
    throw new BadDefinition(
      place,
      `${shown(item)} is no ${name}: ${least} to ${most}, a-b, */n or a list of them`,
    );
  }
  return { low, high, step };
}

function sorted(found: ReadonlySet<number>): readonly number[] {
  return [...found].sort((a, b) => a - b);
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}
