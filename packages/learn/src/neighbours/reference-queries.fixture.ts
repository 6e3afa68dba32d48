import type { Matrix } from '../matrix.ts';
import { referenceRows } from '../reference-rows.fixture.ts';

/** Queries to `referenceRows`: five means of rows 10 i and 10 i + 7, row 4, and one far away. */
export function referenceQueries(): Matrix {
  const { values } = referenceRows();
  const rows = [0, 10, 20, 30, 40].flatMap((row) =>
    [0, 1, 2].map((column) => (values[row * 3 + column]! + values[(row + 7) * 3 + column]!) / 2),
  );
  return {
    rows: 7,
    columns: 3,
    values: Float64Array.of(...rows, ...values.subarray(12, 15), 20, -3, 8),
  };
}

/** Whether numbers are as expected, by a share of those above 1. */
export function isNear(found: ArrayLike<number>, expected: readonly number[], by = 1e-10): boolean {
  return (
    found.length === expected.length &&
    expected.every((value, at) => {
      const gap = Math.abs(found[at]! - value);
      return found[at] === value || gap <= by * Math.max(1, Math.abs(value));
    })
  );
}
