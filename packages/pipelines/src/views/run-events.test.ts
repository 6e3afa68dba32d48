import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { jsonArtifact } from '../authoring/artifact.ts';
import { pipeline } from '../authoring/pipeline.ts';
import { task } from '../authoring/task.ts';
import { author, openShop } from '../testing/shop.ts';
import { type RunEvent, runEvents } from './run-events.ts';
import { findRun } from './run-summary.ts';
import { taskLog } from './task-log.ts';

const numbers = jsonArtifact('numbers', z.array(z.number()));
const { promise: gate, resolve: proceed } = Promise.withResolvers<void>();
const gated = task({
  name: 'gated',
  module: import.meta.url,
  outputs: { numbers },
  run: async ({ context }) => {
    context.progress({ done: 1, total: 2, unit: 'rows' });
    context.log('zwölf Zeichen');
    await gate;
    return { numbers: [1] };
  },
});
const once = pipeline('once', {}, (run) => void run(gated, {}));

test('events come live and in order, with progress, and go on from a position', async (t) => {
  const shop = await openShop(t, { pipelines: [once] });
  const run = await shop.scheduler.startRun(author, { pipeline: 'once' });
  const { changes, progress } = shop.scheduler;
  const watch = {
    ...{ reader: shop.metadata, changes, progress, clock: shop.io.clock },
    ...{ principal: author, run },
  };
  const events: RunEvent[] = [];
  for await (const event of runEvents(watch)) {
    events.push(event);
    if (event.kind === 'progress') proceed();
  }
  const told = events.map((event) =>
    event.kind === 'move' ? `${event.node ?? 'run'} ${event.to}` : `${event.node} progress`,
  );
  assert.deepEqual(told, [
    'run queued',
    'run running',
    'gated leased',
    'gated running',
    'gated progress',
    'gated succeeded',
    'run succeeded',
  ]);
  const rest: RunEvent[] = [];
  for await (const event of runEvents({ ...watch, after: 5 })) rest.push(event);
  assert.deepEqual(
    rest.map((event) => event.kind === 'move' && event.position),
    [6],
  );

  const reading = { reader: shop.metadata, files: shop.io.files, home: shop.home };
  const piece = (from: number) => taskLog(reading, author, { run, node: 'gated', from });
  assert.equal((await piece(0)).text, 'zwölf Zeichen\n');
  assert.deepEqual(await piece(4), { attempt: 1, text: 'lf Zeichen\n', next: 15, ended: true });
  await assert.rejects(taskLog(reading, author, { run, node: 'gated', attempt: 2 }), {
    kind: 'notFound',
  });
  await assert.rejects(taskLog(reading, { workspace: 'other' }, { run, node: 'gated' }), {
    kind: 'notFound',
  });
  assert.equal((await findRun(shop.metadata, author, run.slice(0, 7))).id, run);
  for (const beginning of ['', '%%%%', run.slice(0, 3), 'zzzz']) {
    await assert.rejects(findRun(shop.metadata, author, beginning), { kind: 'notFound' });
  }
});

test('a reader that goes away stops the stream', async (t) => {
  const shop = await openShop(t, { pipelines: [once], start: false });
  const run = await shop.scheduler.startRun(author, { pipeline: 'once' });
  const { changes, progress } = shop.scheduler;
  const reader = new AbortController();
  let events = 0;
  for await (const _ of runEvents({
    ...{ reader: shop.metadata, changes, progress, clock: shop.io.clock, principal: author, run },
    signal: reader.signal,
  })) {
    events++;
    reader.abort();
  }
  assert.equal(events, 1);
});
