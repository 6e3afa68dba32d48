/** Microseconds of a day. */
const dayMicros = 86_400_000_000;

/** Days since 1970 of a proleptic Gregorian day (Hinnant, "chrono-compatible low-level date algorithms"). */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysOf(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1) return undefined;
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
  if (day > monthDays[month - 1]! + leap) return undefined;
  return daysFromCivil(year, month, day);
}

/** A run of decimal digits as a number, or -1 where something else stands. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Days since 1970 of `YYYY-MM-DD`, or `undefined`. */
export function parseDate(text: string): number | undefined {
  return text.length === 10 ? parseDay(text) : undefined;
}

function parseDay(text: string): number | undefined {
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  return year < 0 || month < 0 || day < 0 ? undefined : daysOf(year, month, day);
}

/**
 * Microseconds since 1970 of an ISO 8601 moment such as `2026-03-01T12:30:00.25+01:00`, or
 * `undefined`. The zone (`Z` or an offset) is required; up to six digits of a second are allowed.
 */
export function parseTimestamp(text: string): number | undefined {
  const split = text.charCodeAt(10);
  const day = split === 84 || split === 32 ? parseDay(text) : undefined;
  if (day === undefined || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58)
    return undefined;
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
    return undefined;
  const zone = zoneStart(text);
  const fraction = fractionMicros(text, zone);
  const offset = zoneMicros(text, zone);
  if (fraction === undefined || offset === undefined) return undefined;
  return day * dayMicros + (hour * 3600 + minute * 60 + second) * 1_000_000 + fraction - offset;
}

function zoneStart(text: string): number {
  let at = 19;
  if (text.charCodeAt(at) === 46) {
    at++;
    while (at < text.length && digits(text, at, at + 1) >= 0) at++;
  }
  return at;
}

function fractionMicros(text: string, end: number): number | undefined {
  if (end === 19) return 0;
  const places = end - 20;
  if (places < 1 || places > 6) return undefined;
  return digits(text, 20, end) * 10 ** (6 - places);
}

function zoneMicros(text: string, at: number): number | undefined {
  if (text.charCodeAt(at) === 90 && text.length === at + 1) return 0;
  const sign = text.charCodeAt(at) === 43 ? 1 : text.charCodeAt(at) === 45 ? -1 : 0;
  if (sign === 0 || text.length !== at + 6 || text.charCodeAt(at + 3) !== 58) return undefined;
  const hours = digits(text, at + 1, at + 3);
  const minutes = digits(text, at + 4, at + 6);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return undefined;
  return sign * (hours * 60 + minutes) * 60_000_000;
}
