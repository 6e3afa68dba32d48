import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BacklotError } from '@backlot/core';
import { aggregates, functions } from '../relations/functions/registry.ts';
import { aggregateCases } from './aggregate-cases.fixture.ts';
import { aggregateDifferences, untriedAggregates } from './aggregate-suite.fixture.ts';
import { type DuckDbTables, duckDbTables } from './duckdb-tables.fixture.ts';
import { engineDifferences } from './engine-differences.fixture.ts';
import { functionCases } from './function-cases.fixture.ts';
import { functionDifferences, untriedFunctions } from './function-suite.fixture.ts';
import { operandRows, operands } from './function-tables.fixture.ts';
import { raisingCases } from './raising-cases.fixture.ts';
import { instantRows, instants, zoneDifferences } from './zone-suite.fixture.ts';

let duckDb: DuckDbTables;
before(async () => {
  duckDb = await duckDbTables();
  await duckDb.fill(operands, operandRows);
  await duckDb.fill(instants, instantRows);
});
after(() => duckDb.close());

test('every function has cases', (t) => {
  assert.deepEqual([...untriedFunctions(), ...untriedAggregates()], []);
  const [calls, measures] = [functions, aggregates].map((all) => Object.keys(all).length);
  t.diagnostic(`${calls} functions and ${measures} aggregates`);
  assert.ok(Object.keys(functions).length >= 120);
});

test('every known difference of the engines has functions whose cases show that it is gone', () => {
  const tried = new Set([...Object.keys(functionCases), ...Object.keys(aggregateCases)]);
  for (const [difference, answer] of Object.entries(engineDifferences)) {
    if (typeof answer === 'string') continue;
    assert.ok(answer.length > 0, difference);
    assert.deepEqual(
      answer.filter((name) => !tried.has(name)),
      [],
      difference,
    );
  }
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

test('clocks of zones show the same on DuckDB from 1990 to 2037', async () => {
  assert.deepEqual(await zoneDifferences(duckDb.rows), []);
});

test('what is beyond 64 bits is an error on DuckDB', async () => {
  for (const [name, made] of Object.entries(raisingCases)) {
    await assert.rejects(() => duckDb.rows(made), BacklotError, name);
  }
});
