import { compareValues } from '../compare-values.ts';
import type { Value } from '../functions/definition.ts';
import type { FieldData, NamedField, SortKey } from '../nodes.ts';
import type { Row } from './expression.ts';

/** Orders rows by sort keys; missing values are last, or first where asked. */
export function rowOrder(
  fields: readonly NamedField[],
  keys: readonly SortKey[],
  missing: 'last' | 'first' = 'last',
): (a: Row, b: Row) => number {
  const known = keys.map((key) => ({
    ...key,
    field: fields.find(({ name }) => name === key.column)!,
  }));
  return (a, b) => {
    for (const { column, descending, field } of known) {
      const order = compareField(field, a[column]!, b[column]!, descending, missing);
      if (order !== 0) return order;
    }
    return 0;
  };
}

/** A struct is compared member by member, for engines differ on what is missing in one. */
function compareField(
  field: FieldData,
  a: Value,
  b: Value,
  descending: boolean,
  missing: 'last' | 'first',
): number {
  if (field.members) {
    for (const member of field.members) {
      const [x, y] = [memberOf(a, member.name), memberOf(b, member.name)];
      const order = compareField(member, x, y, descending, missing);
      if (order !== 0) return order;
    }
    return 0;
  }
  if (a === null && b === null) return 0;
  if (a === null || b === null) return (a === null) === (missing === 'last') ? 1 : -1;
  const order = Array.isArray(a) ? compareLists(a, b as Value[]) : compareValues(a, b, field.type);
  return descending ? -order : order;
}

/** Item by item; of two that begin alike the shorter is first. No item is missing. */
function compareLists(a: readonly Value[], b: readonly Value[]): number {
  for (const [at, item] of a.entries()) {
    if (at === b.length) return 1;
    const order = compareValues(item, b[at]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function memberOf(value: Value, name: string): Value {
  return value === null ? null : ((value as Readonly<Record<string, Value>>)[name] ?? null);
}

/** Whether pairs of columns are equal; missing values are equal to nothing. */
export function pairsMatch(
  on: readonly { readonly left: string; readonly right: string }[],
  fields: readonly NamedField[],
): (row: Row, other: Row) => boolean {
  const pairs = on.map((pair) => ({
    ...pair,
    type: fields.find(({ name }) => name === pair.left)!.type,
  }));
  return (row, other) =>
    pairs.every((pair) => {
      const [x, y] = [row[pair.left]!, other[pair.right]!];
      return x !== null && y !== null && compareValues(x, y, pair.type) === 0;
    });
}

/** Two values are one to groups when they are equal, or both missing. */
export function keyOf(values: readonly Value[]): string {
  return JSON.stringify(values, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  });
}

/** A row's values in the order of the columns. */
export function rowKey(fields: readonly NamedField[], row: Row): string {
  return keyOf(fields.map(({ name }) => row[name]!));
}
