import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { aggregates, functions } from '../relations/functions/registry.ts';
import { aggregateDifferences, untriedAggregates } from './aggregate-suite.fixture.ts';
import { type DuckDbTables, duckDbTables } from './duckdb-tables.fixture.ts';
import { functionDifferences, untriedFunctions } from './function-suite.fixture.ts';
import { operandRows, operands } from './function-tables.fixture.ts';

let duckDb: DuckDbTables;
before(async () => {
  duckDb = await duckDbTables();
  await duckDb.fill(operands, operandRows);
});
after(() => duckDb.close());

test('every function has cases', (t) => {
  assert.deepEqual([...untriedFunctions(), ...untriedAggregates()], []);
  const [calls, measures] = [functions, aggregates].map((all) => Object.keys(all).length);
  t.diagnostic(`${calls} functions and ${measures} aggregates`);
  assert.ok(Object.keys(functions).length >= 120);
});

test('DuckDB answers every function as the reference does', async (t) => {
  const { calls, differences } = await functionDifferences(duckDb.rows);
  t.diagnostic(`${calls} calls on ${operandRows.length} rows`);
  assert.equal(differences.length, 0, differences.join('\n'));
});

test('DuckDB answers every aggregate as the reference does', async (t) => {
  const { measures, differences } = await aggregateDifferences(duckDb.rows);
  t.diagnostic(`${measures} measures over groups of many rows, one row and none`);
  assert.equal(differences.length, 0, differences.join('\n'));
});
