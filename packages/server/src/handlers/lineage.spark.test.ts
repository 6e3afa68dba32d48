import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { integrationPart } from '@backlot/testing';
import { tenantsWorld } from './handlers.fixture.ts';

const [spark, listener] = [integrationPart('spark'), integrationPart('openlineage-spark')];
const missing = [spark, listener].find((part) => typeof part !== 'string');

/** A job that reads what an earlier step wrote, and counts by a column. */
const program = `
import sys
from pyspark.sql import SparkSession
folder, jar, url, key = sys.argv[1:5]
spark = (SparkSession.builder.master('local[1]').appName('nightly')
  .config('spark.jars', jar)
  .config('spark.ui.enabled', 'false')
  .config('spark.driver.bindAddress', '127.0.0.1')
  .config('spark.driver.host', '127.0.0.1')
  .config('spark.extraListeners', 'io.openlineage.spark.agent.OpenLineageSparkListener')
  .config('spark.openlineage.transport.type', 'http')
  .config('spark.openlineage.transport.url', url)
  .config('spark.openlineage.transport.auth.type', 'api_key')
  .config('spark.openlineage.transport.auth.apiKey', key)
  .config('spark.openlineage.namespace', 'spark')
  .getOrCreate())
spark.createDataFrame([('a', 1), ('b', 2), ('a', 3)], ['item', 'ms']).write.parquet(folder + '/plays')
plays = spark.read.parquet(folder + '/plays')
plays.groupBy('item').sum('ms').withColumnRenamed('sum(ms)', 'listened').write.parquet(folder + '/sums')
spark.stop()
`;

test("Spark's listener tells the server what a job reads and writes, down to columns", {
  skip: missing === undefined || typeof missing === 'string' ? false : missing.missing,
}, async (t) => {
  if (typeof spark !== 'string' || typeof listener !== 'string') return;
  const folder = await mkdtemp(join(tmpdir(), 'backlot-lineage-spark-'));
  const world = await tenantsWorld(t);
  const address = await world.listener.listen();
  t.after(async () => {
    await world.listener.close({ graceMs: 100 });
    await rm(folder, { recursive: true });
  });
  const { api, tokens } = world.tenants.store;
  await promisify(execFile)(
    join(spark, 'bin/python'),
    ['-c', program, folder, join(listener, 'listener.jar'), address, tokens.author],
    {
      env: { PATH: process.env.PATH ?? '', HOME: folder, LC_ALL: 'C.UTF-8' },
      ...{ cwd: folder, timeout: 240_000 },
    },
  );
  const { nodes, edges } = await api.approver.readLineage({ query: { columns: 'yes' } });
  const [plays, sums] = ['plays', 'sums'].map((name) =>
    nodes.find((node) => node.kind === 'dataset' && node.name === `${folder}/${name}`),
  );
  assert.ok(plays?.external && sums, nodes.map(({ name }) => name).join());
  assert.deepEqual(
    sums.fields.map(({ name }) => name),
    ['item', 'listened'],
  );
  const job = edges.find(({ target }) => target === sums.id);
  assert.equal(nodes.find(({ id }) => id === job?.source)?.namespace, 'spark');
  assert.ok(edges.some(({ source, target }) => source === plays.id && target === job?.source));
  const [listened] = job?.columns?.columns.listened ?? [];
  assert.deepEqual(
    [listened?.dataset, listened?.column, listened?.subtype],
    [plays.id, 'ms', 'AGGREGATION'],
  );
});
