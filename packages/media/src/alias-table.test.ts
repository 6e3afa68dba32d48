import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createAliasTable, drawAlias, fillAliasTable } from './alias-table.ts';

/** The chance of each place, read off the table rather than drawn. */
function chances({ size, stay, alias }: ReturnType<typeof createAliasTable>): number[] {
  const found = new Array<number>(size).fill(0);
  for (let place = 0; place < size; place++) {
    found[place]! += stay[place]! / size;
    found[alias[place]!]! += (1 - stay[place]!) / size;
  }
  return found;
}

test('the chances of a table are its weights', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
      (weights) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        fc.pre(total > 1e-6);
        const found = chances(createAliasTable(Float64Array.from(weights)));
        // The chance to stay is kept in 32 bits.
        weights.forEach((weight, place) => {
          assert.ok(Math.abs(found[place]! - weight / total) < 1e-6);
        });
      },
    ),
    { seed: 11 },
  );
});

test('a draw stays within the table at both ends, and a table of no weight says so', () => {
  const table = createAliasTable(Float64Array.of(0, 3, 1));
  assert.equal(drawAlias(table, 0), table.stay[0]! > 0 ? 0 : table.alias[0]);
  for (let place = 0; place < 1_000; place++) {
    const drawn = drawAlias(table, place / 1_000);
    assert.ok(drawn === 1 || drawn === 2);
  }
  assert.ok(drawAlias(table, 1 - 2 ** -53) <= 2);
  assert.equal(fillAliasTable(table, new Float64Array(3), new Int32Array(3)), 0);
});
