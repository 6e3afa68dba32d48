import type { Translate } from '../i18n/translate.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;

/** Instants and lengths of time, in one locale and one zone. */
export function timeFormats(locale: string, timeZone: string, t: Translate) {
  const dates = new Map<string, Intl.DateTimeFormat>();
  const print = (at: number, options: Intl.DateTimeFormatOptions): string => {
    const key = JSON.stringify(options);
    const format =
      dates.get(key) ?? new Intl.DateTimeFormat(locale, { timeZone, hourCycle: 'h23', ...options });
    dates.set(key, format);
    return format.format(at);
  };
  // American English abbreviates with points ("38 min. ago"), which reads as a sentence's end.
  const relative = new Intl.RelativeTimeFormat(locale === 'en' ? 'en-GB' : locale, {
    style: 'short',
    numeric: 'auto',
  });
  const date = (at: number, now: number): string =>
    print(at, {
      day: 'numeric',
      month: 'short',
      ...(Math.abs(now - at) > 300 * dayMs && { year: 'numeric' }),
    });
  return {
    /** The clock to the second, as logs show it. */
    clock: (at: number): string =>
      print(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    /** The clock to the minute, as axes show it. */
    minute: (at: number): string => print(at, { hour: '2-digit', minute: '2-digit' }),
    date,
    /** The whole instant with its zone. */
    instant: (at: number): string => print(at, { dateStyle: 'medium', timeStyle: 'long' }),
    /** How long ago or how far ahead, under seven days; then the date. */
    ago: (at: number, now: number): string => {
      if (Math.abs(at - now) >= 7 * dayMs) return date(at, now);
      const [size, unit] = relativeUnit(Math.abs(at - now));
      return relative.format(Math.trunc((at - now) / size), unit);
    },
    /** A length of time in one unit, for marks with little room: "6.4 min", "41 s", "2 h". */
    brief: (ms: number): string => briefText(ms, locale, t),
    /** A length of time, in at most two units. */
    duration: (ms: number): string => durationText(ms, locale, t),
  };
}

function relativeUnit(ms: number): readonly [number, Intl.RelativeTimeFormatUnit] {
  if (ms < minuteMs) return [1000, 'second'];
  // Ninety minutes say more than "one hour".
  if (ms < 1.5 * hourMs) return [minuteMs, 'minute'];
  return ms < dayMs ? [hourMs, 'hour'] : [dayMs, 'day'];
}

/**
 * The catalogue holds the patterns: `Intl.DurationFormat` prints "3 hr, 24 min" in English, where
 * tables need the shorter symbols of the units.
 */
function durationText(ms: number, locale: string, t: Translate): string {
  const print = (value: number, digits: number): string =>
    new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
  if (ms < 1000) return t('format.ms', { value: print(ms, ms < 10 ? 1 : 0) });
  if (ms < minuteMs) return t('format.seconds', { value: print(ms / 1000, ms < 10_000 ? 1 : 0) });
  const [big, small, one, two] =
    ms < hourMs
      ? ([minuteMs, 1000, 'format.minutes', 'format.minutesSeconds'] as const)
      : ms < dayMs
        ? ([hourMs, minuteMs, 'format.hours', 'format.hoursMinutes'] as const)
        : ([dayMs, hourMs, 'format.days', 'format.daysHours'] as const);
  const rest = Math.floor((ms % big) / small);
  const value = print(Math.floor(ms / big), 0);
  return rest === 0 ? t(one, { value }) : t(two, { value, small: print(rest, 0) });
}

function briefText(ms: number, locale: string, t: Translate): string {
  if (ms < minuteMs) return durationText(Math.round(ms / 1000) * 1000, locale, t);
  const [size, key] =
    ms < hourMs
      ? ([minuteMs, 'format.minutes'] as const)
      : ms < dayMs
        ? ([hourMs, 'format.hours'] as const)
        : ([dayMs, 'format.days'] as const);
  const digits = size === minuteMs && ms < 10 * minuteMs ? 1 : 0;
  const value = new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(ms / size);
  return t(key, { value });
}
