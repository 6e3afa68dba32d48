import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { noSpark, type SparkTestServer, sparkTestServer } from '@backlot/testing';
import { evaluate } from '../relations/evaluate.ts';
import { explain } from '../relations/explain.ts';
import type { Row } from '../relations/reference/expression.ts';
import { rowKey } from '../relations/reference/order.ts';
import type { Relation, Shape } from '../relations/relation.ts';
import { type DuckDbTables, duckDbTables } from './duckdb-tables.fixture.ts';
import { hurtingRows, hurtingTables } from './hurting-tables.fixture.ts';
import { nodeCases } from './node-cases.fixture.ts';
import { eventRows, events, labelRows, labels, pointInTimeCases } from './point-in-time.fixture.ts';
import { inexactColumns, randomRelation } from './random-relation.fixture.ts';
import { assertSameRows } from './same-rows.fixture.ts';
import { sparkBatch } from './spark-batch.fixture.ts';
import { type SparkTables, sparkTables } from './spark-tables.fixture.ts';

const skip = noSpark();
let server: SparkTestServer;
let duckDb: DuckDbTables;
/** As it stands, and without code made for each query, which takes twice the time. */
let spark: SparkTables;
let quick: SparkTables;
before(async () => {
  if (skip) return;
  server = await sparkTestServer();
  duckDb = await duckDbTables();
  spark = await sparkTables(server, duckDb);
  quick = await sparkTables(server, duckDb, {
    'spark.sql.codegen.wholeStage': 'false',
    'spark.sql.codegen.factoryMode': 'NO_CODEGEN',
  });
  for (const [name, table] of Object.entries(hurtingTables)) {
    await duckDb.fill(table, hurtingRows[name as keyof typeof hurtingRows]);
    await spark.fill(table);
    await quick.fill(table);
  }
});
after(async () => {
  if (skip) return;
  await spark.close();
  await quick.close();
  await duckDb.close();
  await server.stop();
});

/**
 * `BACKLOT_SEED=17 npx node --test packages/data/src/conformance/relation-conformance.spark.test.ts`;
 * `BACKLOT_SEEDS=200` for fewer.
 */
const { BACKLOT_SEED: only, BACKLOT_SEEDS: count = '2000' } = process.env;
const seeds =
  only === undefined
    ? Array.from({ length: Number(count) }, (_, index) => index + 1)
    : [Number(only)];
/** So many relations are one query, and so many queries are with Spark at a time. */
const together = 5;
const inFlight = 3;

test('a point in time is the same on Spark, whatever is missing or tied', { skip }, async () => {
  await duckDb.fill(labels, labelRows);
  await duckDb.fill(events, eventRows);
  for (const table of [labels, events]) await spark.fill(table);
  for (const made of Object.values(pointInTimeCases)) {
    const expected = evaluate(made.node, { labels: labelRows, events: eventRows });
    assertSameRows(await spark.rows(made), expected, made.node.fields, new Set());
  }
});

test('each node means the same on Spark where engines are known to differ', { skip }, async () => {
  for (const [name, { relation, rows, ordered }] of Object.entries(nodeCases)) {
    const { fields } = relation.node;
    const found = (await spark.rows(relation)).map((row) => rowKey(fields, row));
    const expected = rows.map((row) => rowKey(fields, row));
    assert.deepEqual(ordered ? found : found.sort(), ordered ? expected : expected.sort(), name);
  }
});

test('DuckDB and Spark answer every relation drawn at random as the reference does', {
  skip,
}, async () => {
  const failures: string[] = [];
  const waiting = Array.from({ length: Math.ceil(seeds.length / together) }, (_, at) =>
    seeds.slice(at * together, (at + 1) * together),
  );
  const work = async (): Promise<void> => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      failures.push(...(await failuresOf(batch)));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  assert.equal(
    failures.length,
    0,
    `${failures.length} of ${seeds.length} differ:\n${failures.slice(0, 5).join('\n\n')}`,
  );
});

async function failuresOf(batch: readonly number[]): Promise<readonly string[]> {
  const relations = batch.map(randomRelation);
  // Every tenth query as Spark runs it for everybody; one that fails is asked again, each by itself.
  const tables = batch[0]! % 50 === 1 ? spark : quick;
  const answers = await sparkBatch(tables.session, relations).catch(() => undefined);
  const failures: string[] = [];
  for (const [at, made] of relations.entries()) {
    const failure = await failureOf(made, answers?.[at]);
    if (failure !== undefined) failures.push(`BACKLOT_SEED=${batch[at]} on ${failure}`);
  }
  return failures;
}

async function failureOf(
  made: Relation<Shape>,
  fromSpark: readonly Row[] | undefined,
): Promise<string | undefined> {
  const { node } = made;
  const inexact = inexactColumns(node);
  let engine = 'the reference';
  try {
    const expected = evaluate(node, hurtingRows);
    engine = 'DuckDB';
    assertSameRows(await onDuckDb(made), expected, node.fields, inexact);
    engine = 'Spark';
    assertSameRows(fromSpark ?? (await spark.rows(made)), expected, node.fields, inexact);
    return undefined;
  } catch (error) {
    const { cause, message } = error as Error;
    return `${engine}\n${explain(made)}\n${message}\n${cause ?? ''}`;
  }
}

/** One at a time: its answers stand in one table. */
let last: Promise<unknown> = Promise.resolve();
function onDuckDb(made: Relation<Shape>): ReturnType<DuckDbTables['rows']> {
  const answer = last.then(() => duckDb.rows(made));
  last = answer.catch(() => undefined);
  return answer;
}
