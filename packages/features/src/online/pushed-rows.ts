import { type NamedField, parseTimestamp } from '@backlot/data';
import type { FeatureValue } from '../aggregates/aggregate.ts';
import { BadEvent } from '../feature-error.ts';
import type { ViewEvent, ViewProgram } from '../views/view-state.ts';

/** Columns of a view's relation by name; times in microseconds since 1970, or as ISO 8601 text. */
export type PushedRow = Readonly<Record<string, FeatureValue | undefined>>;

const dayMicros = 86_400_000_000;

/**
 * Rows as events by key; one that does not fit is refused, and with it all. An event far ahead of the
 * clock is none that has happened: it would be told as the newest, and never be summed up.
 */
export function pushedEvents(
  { view, columns }: ViewProgram,
  rows: readonly PushedRow[],
  now: number,
): ReadonlyMap<string, readonly ViewEvent[]> {
  const fields = new Map(view.from.fields.map((field) => [field.name, field]));
  const needed = [view.entity.key, view.at, view.event];
  const byKey = new Map<string, ViewEvent[]>();
  rows.forEach((row, at) => {
    const value = (column: string): FeatureValue => {
      const given = parsed(at, fields.get(column)!, row[column] ?? null);
      if (given === null && needed.includes(column))
        throw new BadEvent(at, column, 'it is missing');
      return given;
    };
    const key = String(value(view.entity.key));
    const event = {
      at: value(view.at) as number,
      id: value(view.event) as string | number,
      values: columns.map(value),
    };
    if (event.at > now + dayMicros) {
      throw new BadEvent(at, view.at, 'it is more than a day ahead of the clock');
    }
    byKey.set(key, [...(byKey.get(key) ?? []), event]);
  });
  return byKey;
}

const inJavaScript: Readonly<Record<string, string>> = {
  ...{ text: 'string', decimal: 'string', bool: 'boolean' },
  ...{ int: 'number', float: 'number', date: 'number', timestamp: 'number', int64: 'bigint' },
};

function parsed(row: number, { name, type }: NamedField, value: FeatureValue): FeatureValue {
  if (value === null) return null;
  const known =
    type === 'timestamp' && typeof value === 'string'
      ? parseTimestamp(value)
      : type === 'int64' && typeof value === 'string' && /^-?\d{1,19}$/.test(value)
        ? BigInt(value)
        : value;
  const whole = type === 'int' || type === 'timestamp' || type === 'date';
  const fits = typeof known === (inJavaScript[type] ?? 'object');
  if (fits && (!whole || Number.isSafeInteger(known))) return known as FeatureValue;
  throw new BadEvent(
    row,
    name,
    `it is not ${type === 'int' ? 'a whole number' : `of type ${type}`}`,
  );
}
