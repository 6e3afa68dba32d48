import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { bytesArtifact } from '../authoring/artifact.ts';
import { type Pipeline, pipeline } from '../authoring/pipeline.ts';
import { task } from '../authoring/task.ts';
import { BadParameters } from '../pipelines-error.ts';
import { cron } from '../schedule/cron.ts';
import { author, openShop } from '../testing/shop.ts';
import { backfillView } from '../views/backfill-view.ts';

const bytes = bytesArtifact('bytes');
const ran: string[] = [];
const look = task({
  name: 'look',
  module: import.meta.url,
  cache: false,
  parameters: z.strictObject({ day: z.string() }),
  outputs: { out: bytes },
  run: async ({ parameters }) => {
    ran.push(parameters.day.slice(0, 10));
    return { out: Uint8Array.of(1) };
  },
});
const parameters = z.strictObject({ day: z.string().default('today') });
const daily = pipeline(
  'daily',
  { parameters, timeParameter: 'day', schedule: cron('0 4 * * *', 'UTC') },
  (run, { day }) => void run(look, { day }),
) as unknown as Pipeline;
const now = pipeline('now', {}, (run) => void run(look, { day: 'no schedule' }));
const request = {
  pipeline: 'daily',
  from: Date.parse('2026-01-01'),
  until: Date.parse('2026-01-04'),
};

test('a backfill runs once for each time, oldest first, behind the runs of the day', async (t) => {
  const { scheduler, metadata, ended } = await openShop(t, {
    ...{ pipelines: [daily, now], start: false, workers: 1 },
  });
  const planned = await scheduler.planBackfill(author, request);
  assert.deepEqual(
    planned.times.map((time) => new Date(time).getUTCDate()),
    [1, 2, 3],
  );
  const { id, runs } = await scheduler.startBackfill(author, request);
  assert.equal(runs, 3);
  const today = await scheduler.startRun(author, { pipeline: 'daily' });
  ran.length = 0;
  await scheduler.start();
  const view = await backfillView(metadata, author, id);
  for (const { run } of view.runs) await ended(run);
  await ended(today);
  assert.deepEqual(ran, ['today', '2026-01-01', '2026-01-02', '2026-01-03']);
  const done = await backfillView(metadata, author, id);
  assert.deepEqual(
    done.runs.map(({ state }) => state),
    ['succeeded', 'succeeded', 'succeeded'],
  );
  const rest = await scheduler.planBackfill(author, {
    ...request,
    until: Date.parse('2026-01-05'),
  });
  assert.deepEqual([rest.times.length, rest.done.length], [1, 3]);
  const again = await scheduler.planBackfill(author, { ...request, again: true });
  assert.equal(again.times.length, 3);
});

test('a backfill is cancelled as one', async (t) => {
  const { scheduler, metadata } = await openShop(t, { pipelines: [daily], start: false });
  const { id } = await scheduler.startBackfill(author, request);
  assert.equal(await scheduler.cancelBackfill(author, id), 3);
  const { runs } = await backfillView(metadata, author, id);
  assert.deepEqual(
    runs.map(({ state }) => state),
    ['cancelled', 'cancelled', 'cancelled'],
  );
  assert.equal(await scheduler.cancelBackfill(author, id), 0);
});

test('what has no schedule, no end or too many times is refused', async (t) => {
  const { scheduler } = await openShop(t, { pipelines: [daily, now], start: false });
  const bad = [
    { ...request, pipeline: 'now' },
    { ...request, until: request.from },
    { ...request, from: 0, until: Date.parse('2026-01-01') },
    { ...request, from: Number.NaN },
  ];
  for (const one of bad) await assert.rejects(scheduler.planBackfill(author, one), BadParameters);
  const much = scheduler.startBackfill(author, { ...request, priority: 1000 });
  await assert.rejects(much, BadParameters);
});
