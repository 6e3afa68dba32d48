import type { MediaKind } from './media-kind.ts';

const dayMs = 86_400_000;

/** How much happens on Monday to Sunday. */
const weekdayWeights = [0.95, 0.9, 0.92, 0.96, 1.1, 1.26, 1.2];

/** How many of the events fall on each day, by the rhythm of the week; they sum to `events`. */
export function eventsByDay(events: number, days: number, startsAt: number): Float64Array {
  const weights = Float64Array.from({ length: days }, (_, day) => {
    // The first of January 1970 was a Thursday, the fourth day from Monday.
    const weekday = (Math.floor(startsAt / dayMs) + day + 3) % 7;
    return weekdayWeights[(weekday + 7) % 7]!;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let cumulative = 0;
  let given = 0;
  return weights.map((weight) => {
    cumulative += weight;
    const until = Math.round((cumulative / total) * events);
    const count = until - given;
    given = until;
    return count;
  });
}

/** Weights of the hours 0 to 23 of a local day, for each kind. */
const hourWeights: Readonly<Record<MediaKind, readonly number[]>> = {
  app: [3, 2, 1, 1, 1, 1, 3, 6, 7, 6, 6, 6, 7, 7, 6, 6, 6, 7, 8, 9, 10, 10, 8, 5],
  song: [2, 1, 1, 1, 1, 2, 5, 9, 10, 8, 7, 7, 7, 7, 7, 8, 9, 10, 9, 7, 6, 5, 4, 3],
  episode: [1, 1, 1, 1, 1, 3, 8, 12, 10, 6, 4, 4, 5, 5, 4, 5, 8, 10, 8, 5, 4, 4, 3, 2],
  film: [4, 2, 1, 1, 1, 1, 1, 1, 1, 2, 3, 3, 4, 4, 4, 4, 4, 5, 7, 12, 16, 15, 11, 7],
  series: [5, 3, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 4, 4, 3, 3, 4, 6, 9, 13, 15, 14, 11, 8],
  book: [4, 2, 1, 1, 1, 2, 4, 6, 5, 3, 3, 3, 4, 4, 3, 3, 3, 4, 4, 5, 8, 12, 13, 8],
};

/** A table that a uniform byte-sized place turns into an hour of the day. */
export function hourTable(kind: MediaKind): Uint8Array {
  const weights = hourWeights[kind];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const table = new Uint8Array(1_024);
  let hour = 0;
  let until = weights[0]! / total;
  for (let place = 0; place < table.length; place++) {
    while ((place + 0.5) / table.length > until) {
      hour++;
      until += weights[hour]! / total;
    }
    table[place] = hour;
  }
  return table;
}

/**
 * What to take from a local time of a zone to come to UTC, at noon of the day; the hours before a
 * change of the clocks on that very day are off by the change.
 */
export function zoneOffsets(zones: readonly string[]): (noonUtc: number) => Int32Array {
  const formats = new Map(zones.map((zone) => [zone, zoneFormat(zone)]));
  return (noonUtc) => {
    const known = new Map<string, number>();
    for (const [zone, format] of formats) known.set(zone, offsetAt(format, noonUtc));
    return Int32Array.from(zones, (zone) => known.get(zone)!);
  };
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
}

function offsetAt(format: Intl.DateTimeFormat, at: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
  const local = Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!);
  return local - at;
}
