import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { plan, planDigest } from '../plan/plan.ts';
import { bytesArtifact, jsonArtifact } from './artifact.ts';
import { pipeline, source } from './pipeline.ts';
import { task, tasksWith } from './task.ts';

const plays = jsonArtifact('plays', z.array(z.strictObject({ item: z.string() })));
const model = bytesArtifact('model');

const split = task({
  name: 'split',
  module: import.meta.url,
  inputs: { events: plays },
  parameters: z.strictObject({
    holdoutDays: z.number().int().min(1),
    strict: z.boolean().default(true),
  }),
  outputs: { train: plays, test: plays },
  run: async ({ inputs, parameters }) => {
    const events = await inputs.events.read();
    return { train: events.slice(parameters.holdoutDays), test: events };
  },
});
const fit = task({
  name: 'fit',
  module: import.meta.url,
  inputs: { on: plays },
  outputs: { model },
  cache: false,
  timeoutMs: 60_000,
  run: async () => ({ model: Uint8Array.of(1) }),
});
const propose = tasksWith<{ readonly key: string }>()({
  name: 'propose',
  module: import.meta.url,
  inputs: { model },
  run: async ({ context }) => {
    context.effect('propose', { key: context.services.key });
    return {};
  },
});

const daily = pipeline('daily', { seed: 7 }, (run) => {
  const { train } = run(split, { events: source(plays, 'plays'), holdoutDays: 7 });
  const fitted = run(fit, { on: train });
  run(propose, fitted);
  return fitted;
});

test('a plan is frozen plain data with defaults filled in, and always the same', () => {
  const first = plan(daily);
  assert.deepEqual(JSON.parse(JSON.stringify(first)), first);
  assert.deepEqual(first.sources, [{ name: 'plays', kind: 'plays' }]);
  assert.deepEqual(first.nodes[0], {
    id: 'split',
    task: 'split',
    module: '@backlot/pipelines/src/authoring/pipeline.test.ts',
    parameters: { holdoutDays: 7, strict: true },
    inputs: { events: { source: 'plays' } },
    outputs: { train: 'plays', test: 'plays' },
    retries: 2,
    cache: true,
  });
  assert.deepEqual(first.nodes[1]!.inputs, { on: { node: 'split', output: 'train' } });
  assert.deepEqual(first.outputs, { model: { node: 'fit', output: 'model' } });
  assert.throws(() => Object.assign(first.nodes[0]!.parameters, { holdoutDays: 8 }), TypeError);
  assert.equal(planDigest(first), planDigest(plan(daily)));
});

test('the plan follows the parameters of the run', () => {
  const shards = pipeline(
    'shards',
    { parameters: z.strictObject({ storefronts: z.array(z.string()) }) },
    (run, { storefronts }) => {
      for (const shard of storefronts) run(fit, { on: source(plays, 'plays') }, { shard });
    },
  );
  const ids = (...storefronts: string[]) =>
    plan(shards, { storefronts }).nodes.map((node) => node.id);
  assert.deepEqual(ids('us', 'de'), ['fit#us', 'fit#de']);
  assert.deepEqual(ids('0'), ['fit#0']);
  assert.throws(() => ids('us', 'us'), { code: 'E-PIPELINES-001' });
  assert.throws(() => ids('../x'), { code: 'E-PIPELINES-001' });
  assert.throws(() => plan(shards, { storefronts: 3 }), { code: 'E-PIPELINES-002' });
  assert.throws(() => plan(shards, { storefronts: [], more: 1 }), { code: 'E-PIPELINES-002' });
});

test('wrong wiring does not compile, and is refused when it is forced', () => {
  const refuses = (define: Parameters<typeof pipeline>[2]) =>
    assert.throws(() => plan(pipeline('wrong', {}, define)), { name: /^Bad/ });
  refuses((run) => {
    // @ts-expect-error an input is missing
    run(split, { holdoutDays: 7 });
  });
  refuses((run) => {
    // @ts-expect-error a parameter is missing
    run(split, { events: source(plays, 'plays') });
  });
  refuses((run) => {
    // @ts-expect-error a parameter has another type
    run(split, { events: source(plays, 'plays'), holdoutDays: 'seven' });
  });
  refuses((run) => {
    // @ts-expect-error a name that the task does not know
    run(split, { events: source(plays, 'plays'), holdoutDays: 7, holdoutHours: 1 });
  });
  refuses((run) => {
    // @ts-expect-error a model is no table
    run(split, { events: source(model, 'plays'), holdoutDays: 7 });
  });
  refuses((run) => {
    const { train } = run(split, { events: source(plays, 'plays'), holdoutDays: 7 });
    // @ts-expect-error a table is no model
    run(propose, { model: train });
  });
  refuses((run) => {
    const fitted = run(fit, { on: source(plays, 'plays') });
    // @ts-expect-error there is no such output
    run(propose, { model: fitted.report });
  });
});

test('two kinds of one type, foreign handles and empty pipelines are refused', () => {
  const weights = bytesArtifact('weights');
  const refuses = (define: Parameters<typeof pipeline>[2]) =>
    assert.throws(() => plan(pipeline('wrong', {}, define)), { code: 'E-PIPELINES-001' });
  refuses((run) => void run(propose, { model: source(weights, 'given') }));
  refuses(() => undefined);
  refuses((run) => {
    run(fit, { on: source(plays, 'same') });
    run(propose, { model: source(model, 'same') });
  });
  const foreign: ReturnType<typeof take>[] = [];
  const take = (run: Parameters<Parameters<typeof pipeline>[2]>[0]) =>
    run(fit, { on: source(plays, 'plays') });
  plan(pipeline('first', {}, (run) => void foreign.push(take(run))));
  refuses((run) => void run(propose, foreign[0]!));
});

test('a task whose definition cannot work is refused', () => {
  const run = async () => ({});
  const refuses = (spec: object) =>
    assert.throws(() => task({ name: 'x', module: import.meta.url, run, ...spec }), {
      name: /^Bad/,
    });
  refuses({ name: 'Not A Name' });
  refuses({ retries: -1 });
  refuses({ timeoutMs: 0 });
  refuses({ inputs: { '../x': plays } });
  refuses({ inputs: { days: plays }, parameters: z.strictObject({ days: z.number() }) });
  const changing = task({
    name: 'changing',
    module: import.meta.url,
    parameters: z.strictObject({ text: z.string().transform((text) => text.length) }),
    run,
  });
  assert.throws(() => plan(pipeline('p', {}, (wire) => void wire(changing, { text: 'a' }))), {
    code: 'E-PIPELINES-001',
  });
});
