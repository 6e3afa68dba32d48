import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Json, realIo } from '@backlot/core';
import { openSqliteMetadata } from '@backlot/store';
import fc from 'fast-check';
import { dataSchema } from '../catalogue/data-schema.ts';
import { readLineage } from './lineage-graph.ts';
import { nodeId } from './lineage-node.ts';
import { lineageSchema } from './lineage-schema.ts';
import { receiveEvents } from './receive-events.ts';

const actor = { workspace: 'store', id: 'ada' };
const folder = join(
  import.meta.dirname,
  '../../../../../shared/reference/schemas/openlineage/examples',
);

async function world(t: TestContext) {
  const home = await mkdtemp(join(tmpdir(), 'backlot-lineage-'));
  const io = realIo();
  const metadata = await openSqliteMetadata({
    ...{ path: join(home, 'metadata.sqlite'), clock: io.clock },
    schemas: [dataSchema, lineageSchema],
  });
  t.after(async () => {
    await metadata.close();
    await rm(home, { recursive: true });
  });
  return metadata;
}

const runId = '3b452093-782c-4ef2-9c0c-aafe2aa6f34d';
const dataset = (name: string, facets: Json = {}) => ({ namespace: 'hive://other', name, facets });
function event(fields: Record<string, Json> = {}): Json {
  return {
    ...{ eventTime: '2026-03-01T10:00:00.5Z', producer: 'https://example.com/job' },
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
    ...{ eventType: 'START', run: { runId }, job: { namespace: 'spark', name: 'clean' } },
    ...fields,
  };
}

test('jobs and data sets of others join our own by their names, and each event counts once', async (t) => {
  const metadata = await world(t);
  const lineage = {
    columnLineage: {
      fields: {
        item: {
          inputFields: [
            {
              ...{ namespace: 'hive://other', name: 'raw', field: 'sku' },
              transformations: [{ type: 'DIRECT', subtype: 'IDENTITY' }],
            },
          ],
        },
      },
    },
    symlinks: { identifiers: [{ namespace: 'backlot://store', name: 'plays', type: 'TABLE' }] },
  };
  const ended = event({
    ...{ eventType: 'COMPLETE', eventTime: '2026-03-01T11:00:00Z' },
    ...{ inputs: [dataset('raw')], outputs: [dataset('/lake/plays', lineage)] },
  });
  for (let again = 0; again < 2; again++) {
    const { taken, refused } = await receiveEvents(metadata, actor, [ended, event()], 5);
    assert.deepEqual([taken, refused], [2, []]);
  }
  const plays = nodeId('dataset', { namespace: 'backlot://store', name: 'plays' });
  const raw = nodeId('dataset', dataset('raw'));
  const graph = await readLineage(metadata, 'store', { node: plays, up: 2, down: 0, limit: 10 });
  assert.deepEqual(
    graph.nodes.map(({ kind, name, state }) => [kind, name, state]),
    [
      ['dataset', 'plays', undefined],
      ['dataset', 'raw', undefined],
      // The start came after the end and does not begin the run again.
      ['job', 'clean', 'COMPLETE'],
    ],
  );
  const made = graph.edges.find(({ target }) => target === plays);
  assert.deepEqual(made?.columns?.columns, {
    item: [{ dataset: raw, column: 'sku', type: 'DIRECT', subtype: 'IDENTITY', masking: false }],
  });
  const plain = { node: plays, up: 2, down: 0, limit: 10, columns: false };
  const without = await readLineage(metadata, 'store', plain);
  assert.deepEqual(without.nodes, graph.nodes);
  assert.deepEqual(
    without.edges,
    graph.edges.map(({ source, target }) => ({ source, target })),
  );
  const elsewhere = await readLineage(metadata, 'other', { up: 9, down: 9, limit: 10 });
  assert.deepEqual(elsewhere.nodes, []);
  const rows = await metadata.all('SELECT id FROM lineage_events');
  assert.equal(rows.length, 2);
});

test('a bad event is refused alone, and says where it is bad', async (t) => {
  const metadata = await world(t);
  const schemaPlace = 'inputs.0.facets.schema.name';
  const bad: readonly (readonly [Json, string])[] = [
    [null, 'event'],
    [event({ eventTime: 'yesterday' }), 'eventTime'],
    [event({ producer: 'me' }), 'producer'],
    [event({ run: { runId: '7' } }), 'run.runId'],
    [event({ eventType: 'BEGIN' }), 'eventType'],
    [event({ job: { namespace: 'spark', name: '' } }), 'job.name'],
    [event({ job: { namespace: 'spark', name: 'x'.repeat(2_001) } }), 'job.name'],
    // Each character that is escaped takes six in an id.
    [event({ job: { namespace: 'spark', name: 'é'.repeat(200) } }), 'job'],
    [event({ inputs: [dataset('/'.repeat(400))] }), 'inputs.0'],
    [event({ job: { namespace: 'spark', name: 'a\0b' } }), 'job.name'],
    [event({ inputs: [dataset('a', { schema: { fields: [{ name: '\0' }] } })] }), schemaPlace],
    [event({ inputs: [{ namespace: 'a' }] }), 'inputs.0.name'],
    [event({ inputs: Array.from({ length: 2_001 }, () => dataset('a')) }), 'inputs'],
  ];
  const { taken, refused } = await receiveEvents(
    metadata,
    actor,
    [...bad.map(([each]) => each), event()],
    5,
  );
  assert.equal(taken, 1);
  assert.deepEqual(
    refused.map(({ error }) => error.place),
    bad.map(([, place]) => place),
  );
  const many = receiveEvents(
    metadata,
    actor,
    Array.from({ length: 1_001 }, () => event()),
    5,
  );
  await assert.rejects(many, { code: 'E-DATA-050' });
});

test('other work has its turn between the parts of a batch, and runs long past are forgotten', async (t) => {
  const metadata = await world(t);
  const at = Date.parse('2026-03-02T00:00:00Z');
  const id = (index: number) => `3b452093-782c-4ef2-9c0c-${String(index).padStart(12, '0')}`;
  const run = (index: number, eventTime: string): Json =>
    event({ eventTime, run: { runId: id(index) } });
  const batch = [run(0, '2025-12-01T00:00:00Z')];
  for (let index = 1; index < 120; index++) batch.push(run(index, '2026-03-01T10:00:00Z'));
  let [turns, going] = [0, true];
  const received = receiveEvents(metadata, actor, batch, at).finally(() => {
    going = false;
  });
  const other = (async () => {
    for (; going; turns++) await new Promise((resolve) => setImmediate(resolve));
  })();
  assert.equal((await received).taken, 120);
  await other;
  assert.ok(turns >= 3, `${turns} turns`);
  const rows = await metadata.all<{ id: string }>('SELECT id FROM lineage_runs ORDER BY id');
  assert.deepEqual([rows.length, rows[0]?.id], [119, id(1)]);
});

test('a batch that says too much is refused as a whole', async (t) => {
  const metadata = await world(t);
  const inputs = Array.from({ length: 2_000 }, (_, index) => dataset(`d${index}`));
  const inputFields = Array.from({ length: 1_000 }, () => ({ ...dataset('a'), field: 'b' }));
  const facets = { columnLineage: { fields: { c: { inputFields } } } };
  for (const full of [{ inputs }, { outputs: [dataset('a', facets)] }]) {
    const events = Array.from({ length: 'inputs' in full ? 11 : 21 }, (_, index) =>
      event({ ...full, job: { namespace: 'spark', name: `j${index}` } }),
    );
    await assert.rejects(receiveEvents(metadata, actor, events, 5), { code: 'E-DATA-050' });
  }
  assert.deepEqual(await metadata.all('SELECT id FROM lineage_nodes'), []);
});

test('a graph that is full takes no more nodes and no more edges, and is not overrun', async (t) => {
  const metadata = await world(t);
  const fill = (sql: string, workspace: string) =>
    metadata.write(async (tx) => {
      await tx.run(sql, workspace);
      await tx.record({ workspace, actor: 'ada', action: 'test.did', resource: 'test/1' });
    });
  const numbers = (count: number) =>
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;
  await fill(
    `INSERT INTO lineage_nodes ${numbers(99_998)}
     SELECT ?, 'n' || i, 'dataset', 'a', 'n' || i, 1, '[]', NULL, 1 FROM n`,
    'nodes',
  );
  await fill(
    `INSERT INTO lineage_edges (workspace, source, target, columns, external, updated_at)
     ${numbers(399_999)} SELECT ?, 's' || i, 't', '{}', 1, 1 FROM n`,
    'edges',
  );
  const told = event({ inputs: [dataset('a')], outputs: [dataset('b')] });
  for (const workspace of ['nodes', 'edges']) {
    const sent = receiveEvents(metadata, { workspace, id: 'ada' }, [told], 5);
    await assert.rejects(sent, { code: 'E-DATA-051' });
  }
  const one = event({ inputs: [dataset('a')] });
  for (const workspace of ['nodes', 'edges']) {
    const { taken } = await receiveEvents(metadata, { workspace, id: 'ada' }, [one, one], 5);
    assert.equal(taken, 2);
  }
});

test('what is answered is what a search of all edges finds, within the steps', async (t) => {
  const metadata = await world(t);
  const node = (at: number) => nodeId('dataset', dataset(`d${at}`));
  const edges = fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { minLength: 1, maxLength: 25 });
  let round = 0;
  await fc.assert(
    fc.asyncProperty(edges, fc.nat(5), fc.nat(5), async (pairs, up, down) => {
      const workspace = `w${round++}`;
      const events = pairs.map(([from, to], at) =>
        event({
          job: { namespace: 'spark', name: `j${at}` },
          ...{ inputs: [dataset(`d${from}`)], outputs: [dataset(`d${to}`)] },
        }),
      );
      await receiveEvents(metadata, { workspace, id: 'ada' }, events, 5);
      const ends = pairs.flatMap(([from, to], at) => {
        const job = nodeId('job', { namespace: 'spark', name: `j${at}` });
        return [[node(from), job] as const, [job, node(to)] as const];
      });
      const reach = (steps: number, from: 0 | 1): ReadonlySet<string> => {
        let found = new Set([node(pairs[0]![0])]);
        for (let step = 0; step < steps; step++) {
          const next = ends.filter((end) => found.has(end[from])).map((end) => end[1 - from]!);
          found = new Set([...found, ...next]);
        }
        return found;
      };
      const expected = new Set([...reach(up, 1), ...reach(down, 0)]);
      const question = { node: node(pairs[0]![0]), up, down, limit: 1_000 };
      const graph = await readLineage(metadata, workspace, question);
      assert.deepEqual(graph.nodes.map(({ id }) => id).sort(), [...expected].sort());
      const cut = await readLineage(metadata, workspace, { ...question, limit: 2 });
      assert.equal(cut.truncated, expected.size > 2);
      assert.ok(cut.nodes.length <= 2);
    }),
    { numRuns: 30 },
  );
});

test('every example of the standard is taken', {
  skip: existsSync(folder) || process.env.CI === 'true' ? false : 'the standard is not here',
}, async (t) => {
  const metadata = await world(t);
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  assert.ok(files.length > 40);
  for (const file of files) {
    const found = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const { taken, refused } = await receiveEvents(metadata, actor, [wrapped(file, found)], 5);
    assert.equal(taken, 1, `${file}: ${refused[0]?.error.message}`);
  }
});

/** An example of a facet stands alone: it is put where such a facet belongs. */
function wrapped(file: string, found: Record<string, Json>): Json {
  if ('eventTime' in found) return found;
  const [facets, of] = [found, /(\w+)Facet-/.exec(file)?.[1] ?? ''];
  if (of.endsWith('Run')) return event({ run: { runId, facets } });
  if (of.endsWith('Job')) return event({ job: { namespace: 'a', name: 'b', facets } });
  return event({
    outputs: [dataset('a', facets)],
    inputs: [{ ...dataset('b'), inputFacets: facets }],
  });
}
