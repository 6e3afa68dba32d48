import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { evaluate } from '../relations/evaluate.ts';
import type { NamedField } from '../relations/nodes.ts';
import type { Row } from '../relations/reference/expression.ts';
import { rowKey } from '../relations/reference/order.ts';
import { duckDbTables } from './duckdb-tables.fixture.ts';
import { nodeCases } from './node-cases.fixture.ts';

const duckDb = await duckDbTables();
after(() => duckDb.close());

function keys(fields: readonly NamedField[], rows: readonly Row[], ordered?: true) {
  const all = rows.map((row) => rowKey(fields, row));
  return ordered ? all : all.sort();
}

for (const [name, { relation, rows, ordered }] of Object.entries(nodeCases)) {
  test(name, async () => {
    const { fields, kind } = relation.node;
    const expected = keys(fields, rows, ordered);
    // A pair of SQL texts has no reference.
    if (kind !== 'sql')
      assert.deepEqual(keys(fields, evaluate(relation.node, {}), ordered), expected);
    assert.deepEqual(keys(fields, await duckDb.rows(relation), ordered), expected);
  });
}
