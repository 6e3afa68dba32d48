import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { digestOf, realIo } from '@backlot/core';
import { type Metadata, openSqliteMetadata } from '@backlot/store';
import { int, subject, text } from '../column.ts';
import { contractData, table } from '../contract.ts';
import { sum } from '../relations/functions/aggregates.ts';
import { relation } from '../relations/relation.ts';
import { columnLineage } from './column-lineage.ts';
import { readLineage } from './lineage-graph.ts';
import { nodeId } from './lineage-node.ts';
import { lineageSchema } from './lineage-schema.ts';
import { receiveEvents } from './receive-events.ts';
import {
  deliveryLineage,
  type Making,
  makingsOfRun,
  readMaking,
  recordMaking,
} from './record-making.ts';

const actor = { workspace: 'store', id: 'ada' };
const purposes = { purposes: ['debug'] } as const;
const plays = table('plays', { account: subject(), item: text(), ms: int() }, purposes);
const sums = table('sums', { item: text(), listened: int() }, purposes);
const own = (name: string) => nodeId('dataset', { namespace: 'backlot://store', name });

async function opened(t: TestContext): Promise<Metadata> {
  const home = await mkdtemp(join(tmpdir(), 'backlot-making-'));
  const metadata = await openSqliteMetadata({
    ...{ path: join(home, 'metadata.sqlite'), clock: realIo().clock, schemas: [lineageSchema] },
  });
  t.after(async () => {
    await metadata.close();
    await rm(home, { recursive: true });
  });
  return metadata;
}

test('a snapshot is made once, and stands in the graph from its provider to what a task made of it', async (t) => {
  const metadata = await opened(t);
  const [first, second] = [digestOf('first'), digestOf('second')];
  const perItem = relation(plays).aggregate(['item'], (play) => ({ listened: sum(play.ms) }));
  const delivered: Making = {
    ...{ snapshot: first, table: 'plays', kind: 'delivery', job: 'deliver.file', at: 1 },
    ...{ run: 'r1', delivery: 'd1', inputs: {}, columns: deliveryLineage(contractData(plays)) },
  };
  const summed: Making = {
    ...{ snapshot: second, table: 'sums', kind: 'task', job: 'nightly.sum', at: 2 },
    ...{ run: 'r2', code: digestOf('code'), relation: digestOf(perItem.node) },
    ...{ inputs: { plays: first }, columns: columnLineage(perItem) },
  };
  const record = (making: Making) =>
    metadata.write(async (tx) => {
      const contract = contractData(making.table === 'plays' ? plays : sums);
      const provider = making.kind === 'delivery' ? { provider: 'player' } : {};
      await recordMaking(tx, actor, making, { contract, ...provider });
      await tx.record({ workspace: 'store', actor: 'ada', action: 'test.did', resource: 'test/1' });
    });
  for (const making of [delivered, summed, { ...delivered, job: 'other.job', at: 9 }]) {
    await record(making);
  }
  assert.deepEqual(await readMaking(metadata, 'store', first), delivered);
  assert.deepEqual(await makingsOfRun(metadata, 'store', 'r2'), [summed]);
  assert.equal(await readMaking(metadata, 'other', first), undefined);

  const question = { node: own('sums'), up: 9, down: 9, limit: 99 };
  const { nodes, edges } = await readLineage(metadata, 'store', question);
  assert.deepEqual(nodes.map(({ name, namespace }) => `${namespace} ${name}`).sort(), [
    ...['backlot://store deliver.file', 'backlot://store nightly.sum', 'backlot://store plays'],
    ...['backlot://store sums', 'provider://player plays'],
  ]);
  const made = (target: string) => edges.find((edge) => edge.target === target)?.columns;
  assert.deepEqual(made(own('sums'))?.columns.listened, [
    ...[{ dataset: own('plays'), column: 'ms', type: 'DIRECT', subtype: 'AGGREGATION' }].map(
      (each) => ({ ...each, masking: false }),
    ),
  ]);
  assert.deepEqual(
    made(own('sums'))?.rows.map(({ column, subtype }) => [column, subtype]),
    [['item', 'GROUP_BY']],
  );
  // Only the pseudonym of an account is stored.
  const [account] = made(own('plays'))?.columns.account ?? [];
  assert.deepEqual([account?.subtype, account?.masking], ['TRANSFORMATION', true]);
});

test('what others tell of our own tables and jobs gives way to what we made, whatever its time', async (t) => {
  const metadata = await opened(t);
  const perItem = relation(plays).aggregate(['item'], (play) => ({ listened: sum(play.ms) }));
  const make = (name: string, at: number) =>
    metadata.write((tx) => {
      const making: Making = {
        ...{ snapshot: digestOf(name), table: 'sums', kind: 'task', job: 'nightly.sum', at },
        ...{ inputs: { plays: digestOf('plays') }, columns: columnLineage(perItem) },
      };
      return recordMaking(tx, actor, making, { contract: contractData(sums) });
    });
  const tell = async (job: string, field: string, at: number) => {
    const ownSums = { namespace: 'backlot://store', name: 'sums' };
    const inputFields = [{ namespace: 'hive://a', name: 'b', field }];
    const facets = { columnLineage: { fields: { listened: { inputFields } } } };
    const event = {
      ...{ eventTime: '9999-01-01T00:00:00Z', producer: 'https://example.com/job' },
      ...{ schemaURL: 'https://openlineage.io/spec', job: { ...ownSums, name: job } },
      outputs: [{ ...ownSums, facets }],
    };
    assert.equal((await receiveEvents(metadata, actor, [event], at)).taken, 1);
  };
  const standing = async () => {
    const question = { node: own('sums'), up: 1, down: 0, limit: 9 };
    const { nodes, edges } = await readLineage(metadata, 'store', question);
    const node = nodes.find(({ id }) => id === own('sums'));
    const from = (job: string) => nodeId('job', { namespace: 'backlot://store', name: job });
    const columnOf = (job: string) =>
      edges.find(({ source }) => source === from(job))?.columns?.columns.listened?.[0]?.column;
    return [node?.external, node?.fields.length, columnOf('nightly.sum'), columnOf('else')];
  };
  // Told before we ever published, at a time that is not yet.
  await tell('nightly.sum', 'told', 5);
  assert.deepEqual(await standing(), [true, 0, 'told', undefined]);
  await make('first', 3);
  assert.deepEqual(await standing(), [false, 2, 'ms', undefined]);
  await tell('nightly.sum', 'again', 6);
  await tell('else', 'other', 6);
  assert.deepEqual(await standing(), [false, 2, 'ms', 'other']);
  await make('second', 7);
  // Others still correct what they told themselves, however far ahead its time was.
  await tell('else', 'newer', 8);
  assert.deepEqual(await standing(), [false, 2, 'ms', 'newer']);
});
