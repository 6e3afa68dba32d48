import assert from 'node:assert/strict';
import { compareValues } from '../relations/compare-values.ts';
import type { NamedField } from '../relations/nodes.ts';
import type { Row } from '../relations/reference/expression.ts';
import { keyOf } from '../relations/reference/order.ts';

/** The largest share by which sums and means of floats may differ: engines add in their own order. */
const tolerance = 1e-11;

/** Holds that two sets of rows are the same, doubles counted; columns that are inexact nearly so. */
export function assertSameRows(
  found: readonly Row[],
  expected: readonly Row[],
  fields: readonly NamedField[],
  inexact: ReadonlySet<string>,
): void {
  const exact = fields.filter(({ name }) => !inexact.has(name));
  const [mine, wanted] = [inOrder(found, exact, inexact), inOrder(expected, exact, inexact)];
  assert.deepEqual(
    mine.map((row) => keyOf(exact.map(({ name }) => row[name]!))),
    wanted.map((row) => keyOf(exact.map(({ name }) => row[name]!))),
  );
  for (const [at, row] of mine.entries()) {
    for (const name of inexact) assertNear(row[name] as number, wanted[at]![name] as number, name);
  }
}

function inOrder(
  rows: readonly Row[],
  exact: readonly NamedField[],
  inexact: ReadonlySet<string>,
): readonly Row[] {
  const keyed = rows.map((row) => ({ row, key: keyOf(exact.map(({ name }) => row[name]!)) }));
  return keyed
    .sort((a, b) => {
      if (a.key !== b.key) return a.key < b.key ? -1 : 1;
      for (const name of inexact) {
        const [x, y] = [a.row[name] ?? null, b.row[name] ?? null];
        if (x === null || y === null) {
          if (x !== y) return x === null ? -1 : 1;
        } else if (compareValues(x, y) !== 0) return compareValues(x, y);
      }
      return 0;
    })
    .map(({ row }) => row);
}

function assertNear(found: number | null, expected: number | null, name: string): void {
  if (Object.is(found, expected) || found === expected) return;
  const near =
    found !== null &&
    expected !== null &&
    Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(found), Math.abs(expected));
  assert.ok(near, `${name}: found ${found}, expected ${expected}`);
}
