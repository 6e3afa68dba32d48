import assert from 'node:assert/strict';

type Numeric = (...values: readonly number[]) => number;

/**
 * Holds functions of the first `inputs` columns of a flat table to the columns after those: each
 * within a relative error (where 0 is wanted, exactly).
 */
export function matchesTable(
  table: readonly number[],
  inputs: number,
  functions: readonly Numeric[],
  tolerance: number,
): void {
  const width = inputs + functions.length;
  assert.equal(table.length % width, 0);
  for (let row = 0; row < table.length; row += width) {
    const values = table.slice(row, row + inputs);
    functions.forEach((evaluate, k) => {
      const found = evaluate(...values);
      const wanted = table[row + inputs + k]!;
      if (found === wanted) return;
      const error = Math.abs(found - wanted) / Math.abs(wanted);
      assert.ok(error < tolerance, `column ${k} at ${values}: ${found}, not ${wanted} (${error})`);
    });
  }
}
