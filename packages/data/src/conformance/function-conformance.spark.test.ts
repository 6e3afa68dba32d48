import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BacklotError } from '@backlot/core';
import { noSpark, type SparkTestServer, sparkTestServer } from '@backlot/testing';
import { aggregateDifferences } from './aggregate-suite.fixture.ts';
import { type DuckDbTables, duckDbTables } from './duckdb-tables.fixture.ts';
import { functionDifferences } from './function-suite.fixture.ts';
import { operandRows, operands } from './function-tables.fixture.ts';
import { raisingCases } from './raising-cases.fixture.ts';
import { type SparkTables, sparkTables } from './spark-tables.fixture.ts';
import { instantRows, instants, zoneDifferences } from './zone-suite.fixture.ts';

const skip = noSpark();
let server: SparkTestServer;
let duckDb: DuckDbTables;
let spark: SparkTables;
before(async () => {
  if (skip) return;
  server = await sparkTestServer();
  duckDb = await duckDbTables();
  spark = await sparkTables(server, duckDb);
  await duckDb.fill(operands, operandRows);
  await spark.fill(operands);
  await duckDb.fill(instants, instantRows);
  await spark.fill(instants);
});
after(async () => {
  if (skip) return;
  await spark.close();
  await duckDb.close();
  await server.stop();
});

test('Spark answers every function as the reference does', { skip }, async (t) => {
  const { calls, differences } = await functionDifferences(spark.rows);
  t.diagnostic(`${calls} calls on ${operandRows.length} rows`);
  assert.equal(differences.length, 0, differences.join('\n'));
});

test('Spark answers every aggregate as the reference does', { skip }, async (t) => {
  const { measures, differences } = await aggregateDifferences(spark.rows);
  t.diagnostic(`${measures} measures over groups of many rows, one row and none`);
  assert.equal(differences.length, 0, differences.join('\n'));
});

test('clocks of zones show the same on Spark from 1990 to 2037', { skip }, async () => {
  assert.deepEqual(await zoneDifferences(spark.rows), []);
});

test('what is beyond 64 bits is an error on Spark', { skip }, async () => {
  for (const [name, made] of Object.entries(raisingCases)) {
    await assert.rejects(() => spark.rows(made), BacklotError, name);
  }
});
