import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { realIo, seededRandom } from '@backlot/core';
import { type Metadata, openSqliteMetadata } from '@backlot/store';
import { type SimulatedClock, simulatedClock } from '@backlot/testing';
import * as z from 'zod';
import { bytesArtifact } from '../authoring/artifact.ts';
import { type Pipeline, type PipelineOptions, pipeline, source } from '../authoring/pipeline.ts';
import { task } from '../authoring/task.ts';
import { BadParameters, NotFound, PipelinesError } from '../pipelines-error.ts';
import { cron } from '../schedule/cron.ts';
import { timesBetween } from '../schedule/next-time.ts';
import { pipelinesSchema } from '../state/pipelines-schema.ts';
import { scriptedExecutor, someVersion } from '../testing/scripted-workers.ts';
import { author } from '../testing/shop.ts';
import { Scheduler, type SchedulerOptions } from './scheduler.ts';

const hour = 3_600_000;
const hourly = cron('0 * * * *', 'UTC');
const bytes = bytesArtifact('bytes');
const look = task({
  name: 'look',
  module: import.meta.url,
  inputs: { table: bytes },
  parameters: z.strictObject({ time: z.string() }),
  outputs: { out: bytes },
  run: async () => ({ out: Uint8Array.of(1) }),
});
const parameters = z.strictObject({ time: z.string().default('') });

function watched(options: Omit<PipelineOptions<typeof parameters>, 'parameters'>): Pipeline {
  const all = { timeParameter: 'time' as const, schedule: hourly, ...options, parameters };
  const made = pipeline('watched', all, (run, { time }) => {
    run(look, { table: source(bytes, 'plays'), time });
  });
  return made as unknown as Pipeline;
}

interface World {
  readonly metadata: Metadata;
  readonly clock: SimulatedClock;
  readonly open: (made: Pipeline, more?: Partial<SchedulerOptions>) => Scheduler;
  readonly outcomes: () => Promise<Readonly<Record<number, string>>>;
  readonly plannedTimes: () => Promise<readonly string[]>;
}

async function openWorld(t: TestContext): Promise<World> {
  const home = await mkdtemp(join(tmpdir(), 'backlot-clock-'));
  const clock = simulatedClock({ startMs: 0 });
  const metadata = await openSqliteMetadata({
    ...{ path: join(home, 'metadata.sqlite'), clock, schemas: [pipelinesSchema] },
  });
  t.after(async () => {
    await metadata.close();
    await rm(home, { recursive: true });
  });
  const found = { kind: 'bytes', digest: someVersion, bytes: 1 };
  return {
    ...{ metadata, clock },
    open: (made, more = {}) =>
      new Scheduler({
        ...{ metadata, home, effects: {}, clockPrincipal: author },
        io: { ...realIo(), clock },
        objects: { has: async () => true },
        definitions: { pipelines: [made] },
        executor: scriptedExecutor([]),
        resolveSource: async () => found,
        versions: { versionOf: async () => someVersion },
        workers: 0,
        onFault: (error) => {
          throw error;
        },
        ...more,
      }),
    outcomes: async () => {
      const rows = await metadata.all<{ time: number; outcome: string }>(
        'SELECT time, outcome FROM pipeline_times ORDER BY time',
      );
      return Object.fromEntries(rows.map(({ time, outcome }) => [time, outcome]));
    },
    plannedTimes: async () => {
      const rows = await metadata.all<{ plan: string }>(
        `SELECT p.plan FROM pipeline_runs r JOIN pipeline_plans p
           ON p.workspace = r.workspace AND p.digest = r.plan`,
      );
      return rows.map(({ plan }) => JSON.parse(plan).parameters.time).sort();
    },
  };
}

test('a run starts at its time, with the time as its parameter, and those missed as asked', async (t) => {
  const { clock, open, outcomes, plannedTimes } = await openWorld(t);
  const scheduler = open(watched({}));
  await scheduler.tick();
  assert.deepEqual(await outcomes(), {});
  clock.advance(hour);
  await scheduler.tick();
  await scheduler.tick();
  assert.deepEqual(await outcomes(), { [hour]: 'run' });
  // Nobody looks for three hours.
  clock.advance(3 * hour + 120_000);
  await scheduler.tick();
  const later = { [2 * hour]: 'missed', [3 * hour]: 'missed', [4 * hour]: 'run' };
  assert.deepEqual(await outcomes(), { [hour]: 'run', ...later });
  assert.deepEqual(await plannedTimes(), ['1970-01-01T01:00:00.000Z', '1970-01-01T04:00:00.000Z']);
});

test('a run that cannot be made is refused with its reason, and the next time is tried', async (t) => {
  const { metadata, clock, open, outcomes } = await openWorld(t);
  let there = false;
  const resolveSource: SchedulerOptions['resolveSource'] = async () => {
    if (!there) throw new NotFound('the table plays');
    return { kind: 'bytes', digest: someVersion, bytes: 1 };
  };
  const scheduler = open(watched({}), { resolveSource });
  await scheduler.tick();
  clock.advance(hour);
  await scheduler.tick();
  there = true;
  clock.advance(hour);
  await scheduler.tick();
  assert.deepEqual(await outcomes(), { [hour]: 'refused', [2 * hour]: 'run' });
  const row = await metadata.get<{ reason: string }>(
    "SELECT reason FROM pipeline_times WHERE outcome = 'refused'",
  );
  assert.match(row!.reason, /plays/);
});

test('a pipeline whose code throws keeps no other from its time', async (t) => {
  const { metadata, clock, open } = await openWorld(t);
  const throwing = pipeline('throwing', { schedule: hourly }, () => {
    if (clock.now() > 0) throw new TypeError('secret@example.org');
  }) as unknown as Pipeline;
  const scheduler = open(throwing, { definitions: { pipelines: [throwing, watched({})] } });
  await scheduler.tick();
  clock.advance(hour);
  await scheduler.tick();
  const rows = await metadata.all<{ pipeline: string; outcome: string; reason: string | null }>(
    'SELECT pipeline, outcome, reason FROM pipeline_times ORDER BY pipeline',
  );
  assert.deepEqual(
    rows.map(({ pipeline: name, outcome }) => [name, outcome]),
    [
      ['throwing', 'refused'],
      ['watched', 'run'],
    ],
  );
  assert.doesNotMatch(String(rows[0]?.reason), /secret/);
});

test('a time that a backfill has run is not run by the clock again', async (t) => {
  const { clock, open, plannedTimes } = await openWorld(t);
  const scheduler = open(watched({ catchUp: 'all' }));
  await scheduler.tick();
  clock.advance(2 * hour + 1);
  const request = { pipeline: 'watched', from: 0, until: 2 * hour };
  const both = await Promise.all([1, 2].map(() => scheduler.startBackfill(author, request)));
  assert.deepEqual(both.map(({ runs }) => runs).sort(), [0, 2]);
  await scheduler.tick();
  assert.deepEqual(
    await plannedTimes(),
    [0, 1, 2].map((at) => new Date(at * hour).toISOString()),
  );
  const future = scheduler.planBackfill(author, { ...request, until: 9 * hour });
  await assert.rejects(future, BadParameters);
});

test('a schedule that changes counts from then on', async (t) => {
  const { clock, open, outcomes } = await openWorld(t);
  await open(watched({})).tick();
  clock.advance(90 * 60_000);
  const changed = open(watched({ schedule: cron('15 * * * *', 'UTC') }));
  await changed.tick();
  clock.advance(hour);
  await changed.tick();
  assert.deepEqual(await outcomes(), { [2.25 * hour]: 'run' });
});

test('schedulers that share a store, pause, and see the clock jump, run each time once', async (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const { clock, open, outcomes, plannedTimes } = await openWorld(t);
    const random = seededRandom(seed);
    const made = watched({ catchUp: 'all' });
    const schedulers = [open(made), open(made), open(made)];
    await schedulers[0]!.tick();
    let latest = 0;
    for (let step = 0; step < 12; step++) {
      clock.advance(random.below(4 * hour));
      if (random.below(4) === 0) clock.jump(-random.below(6 * hour));
      latest = Math.max(latest, clock.now());
      const looking = schedulers.filter(() => random.below(2) === 0);
      await Promise.all(looking.map((scheduler) => scheduler.tick()));
    }
    clock.advance(Math.max(0, latest - clock.now()));
    await schedulers[1]!.tick();
    const expected = timesBetween(hourly, 0, clock.now(), 1000);
    assert.deepEqual(Object.keys(await outcomes()).map(Number), expected, `seed ${seed}`);
    const iso = expected.map((time) => new Date(time).toISOString());
    assert.deepEqual(await plannedTimes(), iso, `seed ${seed}`);
  }
});

test('without a principal for the clock nothing starts by itself', async (t) => {
  const { clock, open, outcomes, metadata } = await openWorld(t);
  const made = open(watched({}), { clockPrincipal: undefined as never });
  await made.tick();
  clock.advance(5 * hour);
  await made.tick();
  assert.deepEqual(await outcomes(), {});
  assert.equal(await metadata.get('SELECT id FROM pipeline_runs'), undefined);
});

test('a scheduler whose metadata is out of reach goes on when it is back', async (t) => {
  const { metadata, clock, open, outcomes } = await openWorld(t);
  let away = false;
  const told: unknown[] = [];
  const broken: Metadata = {
    ...{ get: (...call) => metadata.get(...call), write: (work) => metadata.write(work) },
    close: () => metadata.close(),
    all: (...call) => {
      if (away)
        throw new PipelinesError({ code: 'E-TEST-001', kind: 'unreachable', reason: 'away' });
      return metadata.all(...call);
    },
  };
  const scheduler = open(watched({}), {
    metadata: broken,
    onUnreachable: (error) => void told.push(error),
  });
  await scheduler.start();
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn++) await setImmediate();
  };
  await turns();
  away = true;
  clock.advance(hour);
  await turns();
  assert.equal(told.length, 1);
  away = false;
  clock.advance(1000);
  await turns();
  await scheduler.stop();
  assert.deepEqual(await outcomes(), { [hour]: 'run' });
});
