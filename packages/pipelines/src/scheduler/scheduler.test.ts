import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BacklotError } from '@backlot/core';
import * as z from 'zod';
import { bytesArtifact, fileArtifact, jsonArtifact, stagedFile } from '../authoring/artifact.ts';
import { pipeline, source } from '../authoring/pipeline.ts';
import { task, tasksWith } from '../authoring/task.ts';
import { author, openShop, statesOf } from '../testing/shop.ts';
import { listRuns } from '../views/run-summary.ts';
import { taskLog } from '../views/task-log.ts';
import { TaskSkipped } from '../worker/task-skipped.ts';

const numbers = jsonArtifact('numbers', z.array(z.number()));
const text = fileArtifact('text');
const module = import.meta.url;

const make = task({
  name: 'make',
  module,
  parameters: z.strictObject({ count: z.number().int() }),
  outputs: { numbers },
  run: async ({ parameters, context }) => {
    context.progress({ done: parameters.count, total: parameters.count, unit: 'numbers' });
    context.log(`made ${parameters.count}`);
    context.metric('count', parameters.count);
    return { numbers: Array.from({ length: parameters.count }, (_, at) => at + context.seed) };
  },
});
const add = task({
  name: 'add',
  module,
  inputs: { a: numbers, b: numbers },
  outputs: { sum: numbers, report: text },
  run: async ({ inputs, context }) => {
    const all = [...(await inputs.a.read()), ...(await inputs.b.read())];
    const path = join(context.scratch, 'report');
    await writeFile(path, `${all.length} numbers`);
    context.effect('note', { id: 'sum' });
    return { sum: [all.reduce((sum, next) => sum + next, 0)], report: stagedFile(path) };
  },
});

test('a run goes from sources to outputs, with progress, logs, metrics and effects', async (t) => {
  const sum = pipeline('sum', { seed: 1 }, (run) => {
    const left = run(make, { count: 3 }, { name: 'left' });
    const added = run(add, { a: left.numbers, b: source(numbers, 'given') });
    return { sum: added.sum };
  });
  const shop = await openShop(t, { pipelines: [sum] });
  const bytes = new TextEncoder().encode('[10]');
  const given = { kind: 'numbers', ...(await shop.objects.put(bytes)) };
  const done = await shop.run('sum', { sources: { given } });
  assert.equal(done.state, 'succeeded');
  assert.equal(done.done, 2);
  const [output] = done.outputs;
  assert.equal(new TextDecoder().decode(await shop.objects.get(output!.digest)), '[16]');
  const [left, added] = done.taskViews;
  assert.deepEqual(left!.progress, { done: 3, total: 3, unit: 'numbers' });
  assert.deepEqual(left!.metrics, { count: 3 });
  assert.deepEqual(left!.cache, { hit: false, reason: 'it has not succeeded before' });
  assert.deepEqual(added!.upstream, ['left']);
  assert.deepEqual(added!.inputs[1], { name: 'b', ...given });
  assert.deepEqual(await shop.effects(), { sum: 1 });
  const { io, home, metadata } = shop;
  const reading = { reader: metadata, files: io.files, home };
  const log = await taskLog(reading, author, { run: done.id, node: 'left' });
  assert.deepEqual(log, { attempt: 1, text: 'made 3\n', next: 7, ended: true });
  assert.deepEqual(await readdir(join(home, 'runs', done.id)), ['left.1.log']);
});

test('the same work is reused, with its effects; a change says what it was', async (t) => {
  const counted = pipeline(
    'counted',
    { parameters: z.strictObject({ count: z.number() }) },
    (run, { count }) => {
      const left = run(make, { count }, { name: 'left' });
      const right = run(make, { count: 2 }, { name: 'right' });
      run(add, { a: left.numbers, b: right.numbers });
    },
  );
  const shop = await openShop(t, { pipelines: [counted] });
  await shop.run('counted', { parameters: { count: 1 } });
  const second = await shop.run('counted', { parameters: { count: 1 } });
  assert.deepEqual(
    second.taskViews.map(({ attempt, cache }) => [attempt, cache?.hit]),
    [
      [0, true],
      [0, true],
      [0, true],
    ],
  );
  assert.deepEqual(await shop.effects(), { sum: 2 });
  const third = await shop.run('counted', { parameters: { count: 4 } });
  assert.deepEqual(
    third.taskViews.map(({ cache }) => cache),
    [
      { hit: false, reason: 'the parameters changed' },
      {
        hit: true,
        reason: third.taskViews[1]!.cache!.reason,
      },
      { hit: false, reason: 'the input a changed' },
    ],
  );
  const reseeded = await shop.run('counted', { parameters: { count: 4 }, seed: 5 });
  assert.equal(reseeded.taskViews[0]!.cache!.reason, 'the seed changed');
  for (const { digest } of second.taskViews[0]!.outputs) await shop.objects.remove(digest);
  const again = await shop.run('counted', { parameters: { count: 1 } });
  assert.equal(again.taskViews[0]!.cache!.reason, 'an output of the earlier result is gone');
  const page = await listRuns(shop.metadata, author, { limit: 3 });
  assert.deepEqual(
    page.runs.map(({ id }) => id),
    [again.id, reseeded.id, third.id],
  );
  const rest = await listRuns(shop.metadata, author, { limit: 3, after: page.next! });
  assert.equal(rest.runs.length, 2);
  assert.equal(rest.next, undefined);
  assert.deepEqual((await listRuns(shop.metadata, { workspace: 'other' })).runs, []);
});

test('two tasks that compute the same run once', async (t) => {
  let runs = 0;
  const slow = task({
    name: 'slow',
    module,
    outputs: { numbers },
    run: async ({ context }) => {
      runs++;
      await context.io.clock.sleep(30);
      return { numbers: [1] };
    },
  });
  const twice = pipeline('twice', {}, (run) => {
    run(slow, {}, { name: 'one' });
    run(slow, {}, { name: 'two' });
  });
  const shop = await openShop(t, { pipelines: [twice] });
  const done = await shop.run('twice');
  assert.deepEqual(statesOf(done), { one: 'succeeded', two: 'succeeded' });
  assert.equal(runs, 1);
});

test('failures are tried again when they may pass, and end the run when not', async (t) => {
  const tries: Record<string, number> = {};
  class Busy extends BacklotError {
    constructor() {
      super({ code: 'E-TEST-001', kind: 'unreachable', reason: 'busy' });
    }
  }
  const flaky = task({
    name: 'flaky',
    module,
    parameters: z.strictObject({ fails: z.number(), name: z.string(), how: z.string() }),
    outputs: { numbers },
    run: async ({ parameters: { fails, name, how } }) => {
      tries[name] = (tries[name] ?? 0) + 1;
      if (tries[name] > fails) return { numbers: [] };
      throw how === 'busy' ? new Busy() : new TypeError('a bug');
    },
  });
  const mixed = pipeline('mixed', {}, (run) => {
    run(flaky, { fails: 2, name: 'passes', how: 'busy' }, { name: 'passes' });
    const never = run(flaky, { fails: 9, name: 'never', how: 'busy' }, { name: 'never' });
    const bug = run(flaky, { fails: 1, name: 'bug', how: 'bug' }, { name: 'bug' });
    const after = run(add, { a: never.numbers, b: bug.numbers }, { name: 'after' });
    run(add, { a: after.sum, b: after.sum }, { name: 'last' });
  });
  const shop = await openShop(t, { pipelines: [mixed] });
  const failed = await shop.run('mixed');
  assert.equal(failed.state, 'failed');
  assert.deepEqual(statesOf(failed), {
    passes: 'succeeded',
    never: 'failed',
    bug: 'failed',
    after: 'upstream_failed',
    last: 'upstream_failed',
  });
  assert.deepEqual(tries, { passes: 3, never: 3, bug: 1 });
  assert.match(failed.resume!, /^backlot run --resume [0-9a-z]{7}$/);
  assert.ok(failed.error);
  const bug = failed.taskViews.find(({ id }) => id === 'bug')!;
  assert.equal(bug.attempts[0]!.error!.reason, 'TypeError: a bug');

  tries.never = 9;
  await shop.scheduler.resumeRun(author, failed.id);
  const resumed = await shop.ended(failed.id);
  assert.equal(resumed.state, 'succeeded');
  assert.deepEqual(tries, { passes: 3, never: 10, bug: 2 });
  assert.deepEqual(await shop.effects(), { sum: 2 });
  await assert.rejects(shop.scheduler.resumeRun(author, failed.id), { code: 'E-PIPELINES-005' });
});

test('a skipped task skips what follows, and the run succeeds', async (t) => {
  const skip = task({
    name: 'skip',
    module,
    outputs: { numbers },
    run: async () => {
      throw new TaskSkipped('no new rows');
    },
  });
  const skipping = pipeline('skipping', {}, (run) => {
    const { numbers: none } = run(skip, {});
    run(add, { a: none, b: none });
  });
  const shop = await openShop(t, { pipelines: [skipping] });
  const done = await shop.run('skipping');
  assert.equal(done.state, 'succeeded');
  assert.deepEqual(statesOf(done), { skip: 'skipped', add: 'skipped' });
});

test('a cancelled run ends when its worker has, and can be resumed', async (t) => {
  let entered: () => void = () => undefined;
  const started = new Promise<void>((resolve) => {
    entered = resolve;
  });
  let obey = false;
  const wait = task({
    name: 'wait',
    module,
    outputs: { numbers },
    run: async ({ context }) => {
      if (obey) return { numbers: [] };
      entered();
      await context.io.clock.sleep(60_000, context.signal);
      context.signal.throwIfAborted();
      return { numbers: [] };
    },
  });
  const waiting = pipeline('waiting', {}, (run) => {
    const { numbers: first } = run(wait, {});
    run(add, { a: first, b: first });
  });
  const shop = await openShop(t, { pipelines: [waiting] });
  const run = await shop.scheduler.startRun(author, { pipeline: 'waiting' });
  await started;
  await shop.scheduler.cancelRun(author, run);
  await shop.scheduler.cancelRun(author, run);
  const cancelled = await shop.ended(run);
  assert.equal(cancelled.state, 'cancelled');
  assert.deepEqual(statesOf(cancelled), { wait: 'cancelled', add: 'cancelled' });
  obey = true;
  await shop.scheduler.resumeRun(author, run);
  assert.equal((await shop.ended(run)).state, 'succeeded');
  await assert.rejects(shop.scheduler.cancelRun(author, run), { code: 'E-PIPELINES-005' });
});

test('a task that is out of time is stopped and tried again', async (t) => {
  let tries = 0;
  const slow = task({
    name: 'slow',
    module,
    timeoutMs: 30,
    outputs: { numbers },
    run: async ({ context }) => {
      if (++tries === 2) return { numbers: [tries] };
      await context.io.clock.sleep(60_000, context.signal);
      context.signal.throwIfAborted();
      return { numbers: [] };
    },
  });
  const shop = await openShop(t, {
    pipelines: [pipeline('late', {}, (run) => void run(slow, {}))],
  });
  const done = await shop.run('late');
  assert.deepEqual(
    done.taskViews[0]!.attempts.map(({ state, error }) => [state, error?.reason]),
    [
      ['failed', 'the attempt was out of time'],
      ['succeeded', undefined],
    ],
  );
});

test('what a task hands over has to be what it declares, and effects need a handler', async (t) => {
  const bytes = bytesArtifact('bytes');
  const declare = (name: string, answer: object, effect?: string) =>
    task({
      name,
      module,
      outputs: { bytes },
      run: async ({ context }) => {
        if (effect) context.effect(effect, {});
        return answer as { bytes: Uint8Array };
      },
    });
  const one = Uint8Array.of(1);
  const wrong = pipeline('wrong', {}, (run) => {
    run(declare('missing', {}), {});
    run(declare('extra', { bytes: one, more: one }), {});
    run(declare('effect', { bytes: one }, 'unknown'), {});
  });
  const shop = await openShop(t, { pipelines: [wrong] });
  const failed = await shop.run('wrong');
  assert.deepEqual(
    failed.taskViews.map(({ attempts }) => attempts.map(({ error }) => error?.reason)),
    [
      ['the output bytes is missing'],
      ['the output more is not declared'],
      ['nothing can apply the effect unknown'],
    ],
  );
});

test('services reach the task; a foreign kind for a source is refused', async (t) => {
  const sign = tasksWith<{ readonly key: string }>()({
    name: 'sign',
    module,
    inputs: { on: numbers },
    outputs: { numbers },
    run: async ({ context }) => ({ numbers: [context.services.key.length] }),
  });
  const signing = pipeline('signing', {}, (run) => run(sign, { on: source(numbers, 'given') }));
  const shop = await openShop(t, {
    pipelines: [signing],
    services: { key: 'secret' },
    resolveSource: async () => ({
      kind: 'numbers',
      ...(await shop.objects.put(new TextEncoder().encode('[]'))),
    }),
  });
  const done = await shop.run('signing');
  assert.equal(new TextDecoder().decode(await shop.objects.get(done.outputs[0]!.digest)), '[6]');
  const given = { ...done.sources[0]!, kind: 'other' };
  await assert.rejects(
    shop.scheduler.startRun(author, { pipeline: 'signing', sources: { given } }),
    { code: 'E-PIPELINES-002' },
  );
  await assert.rejects(shop.scheduler.startRun(author, { pipeline: 'none' }), {
    code: 'E-PIPELINES-006',
  });
});
