import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlreadyRegistered, BadRegistration, NotRegistered } from './error.ts';
import {
  addArtifacts,
  finishRun,
  getRun,
  listArtifacts,
  listMetrics,
  listRuns,
  logMetrics,
  type MetricPoint,
  type RunStart,
  startRun,
} from './run.ts';
import { author, digestNamed, principal, temporaryMetadata } from './testing/registry-fixture.ts';

const start: RunStart = {
  ...{ id: 'run-1', name: 'daily-recommend', at: 1_000 },
  parameters: { factors: 64, alpha: 10 },
  environment: { node: '26.10.0', platform: 'linux-x64' },
  code: digestNamed('code'),
  data: { plays: digestNamed('plays') },
};
const points: readonly MetricPoint[] = [
  { name: 'loss', step: 0, value: 0.5, at: 1_001 },
  { name: 'loss', step: 1, value: 0.25, at: 1_002 },
  { name: 'ndcg@20', step: 0, value: 0.1, at: 1_003 },
];

test('a run keeps its facts, metrics and artifacts', async (t) => {
  const metadata = await temporaryMetadata(t);
  await metadata.write(async (tx) => {
    await startRun(tx, author, start);
    assert.equal(await logMetrics(tx, author, 'run-1', points), 3);
    await addArtifacts(tx, author, 'run-1', [
      { name: 'model', kind: 'model', digest: digestNamed('model'), bytes: 10 },
    ]);
    await finishRun(tx, author, 'run-1', 'succeeded', 2_000);
  });
  const run = await getRun(metadata, 'lumen', 'run-1');
  const { id, at, ...facts } = start;
  assert.deepEqual(run, {
    id,
    ...facts,
    project: 'film',
    author: 'imke',
    status: 'succeeded',
    startedAt: at,
    endedAt: 2_000,
  });
  const losses = await listMetrics(metadata, 'lumen', 'run-1', { name: 'loss' });
  assert.deepEqual(
    losses.map(({ value }) => value),
    [0.5, 0.25],
  );
  assert.equal((await listMetrics(metadata, 'lumen', 'run-1')).length, 3);
  assert.equal((await listMetrics(metadata, 'lumen', 'run-1', { fromStep: 1 })).length, 1);
  assert.equal((await listArtifacts(metadata, 'lumen', 'run-1'))[0]?.digest, digestNamed('model'));
});

test('saying the same twice changes nothing, saying something else is refused', async (t) => {
  const metadata = await temporaryMetadata(t);
  const write = metadata.write.bind(metadata);
  await write((tx) => startRun(tx, author, start));
  await write((tx) => startRun(tx, author, start));
  await assert.rejects(
    write((tx) => startRun(tx, author, { ...start, parameters: {} })),
    AlreadyRegistered,
  );
  await write((tx) => logMetrics(tx, author, 'run-1', points));
  assert.equal(await write((tx) => logMetrics(tx, author, 'run-1', points)), 0);
  await assert.rejects(
    write((tx) => logMetrics(tx, author, 'run-1', [{ ...points[0]!, value: 9 }])),
    AlreadyRegistered,
  );
  const model = { name: 'model', kind: 'model', digest: digestNamed('model'), bytes: 10 };
  await write((tx) => addArtifacts(tx, author, 'run-1', [model]));
  await write((tx) => addArtifacts(tx, author, 'run-1', [model]));
  await assert.rejects(
    write((tx) => addArtifacts(tx, author, 'run-1', [{ ...model, digest: digestNamed('b') }])),
    AlreadyRegistered,
  );
  await write((tx) => finishRun(tx, author, 'run-1', 'failed', 2));
  await write((tx) => finishRun(tx, author, 'run-1', 'failed', 3));
  await assert.rejects(
    write((tx) => finishRun(tx, author, 'run-1', 'succeeded', 4)),
    AlreadyRegistered,
  );
});

test('a batch with one bad point leaves nothing behind', async (t) => {
  const metadata = await temporaryMetadata(t);
  await metadata.write((tx) => startRun(tx, author, start));
  const bad: readonly Partial<MetricPoint>[] = [
    { value: Number.NaN },
    { value: Number.POSITIVE_INFINITY },
    { step: -1 },
    { step: 1.5 },
    { name: 'a b' },
    { name: '' },
  ];
  for (const change of bad) {
    const batch = [...points, { ...points[0]!, step: 9, ...change }];
    await assert.rejects(
      metadata.write((tx) => logMetrics(tx, author, 'run-1', batch)),
      BadRegistration,
    );
  }
  assert.deepEqual(await listMetrics(metadata, 'lumen', 'run-1'), []);
});

test('another tenant neither sees a run nor writes to it', async (t) => {
  const metadata = await temporaryMetadata(t);
  await metadata.write((tx) => startRun(tx, author, start));
  const stranger = principal('eve', { workspace: 'other' });
  await assert.rejects(getRun(metadata, 'other', 'run-1'), NotRegistered);
  await assert.rejects(
    metadata.write((tx) => logMetrics(tx, stranger, 'run-1', points)),
    NotRegistered,
  );
  assert.deepEqual((await listRuns(metadata, 'other')).items, []);
  await metadata.write((tx) => startRun(tx, stranger, { ...start, parameters: {} }));
  assert.deepEqual((await getRun(metadata, 'lumen', 'run-1')).parameters, start.parameters);
});

test('runs are listed newest first', async (t) => {
  const metadata = await temporaryMetadata(t);
  for (const [id, at] of [
    ['a', 5],
    ['b', 9],
    ['c', 5],
  ] as const) {
    await metadata.write((tx) => startRun(tx, author, { ...start, id, at }));
  }
  const first = await listRuns(metadata, 'lumen', { limit: 2 });
  assert.deepEqual(
    first.items.map(({ id }) => id),
    ['b', 'c'],
  );
  const second = await listRuns(metadata, 'lumen', { limit: 2, cursor: first.next! });
  assert.deepEqual(
    second.items.map(({ id }) => id),
    ['a'],
  );
  assert.equal(second.next, undefined);
});
