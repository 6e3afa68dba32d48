import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Metadata, openSqliteMetadata } from '@backlot/store';
import { enumerateCrashes, simulatedClock, type World } from '@backlot/testing';
import * as z from 'zod';
import { bytesArtifact } from '../authoring/artifact.ts';
import { type Pipeline, pipeline } from '../authoring/pipeline.ts';
import { task } from '../authoring/task.ts';
import { cron } from '../schedule/cron.ts';
import { pipelinesSchema } from '../state/pipelines-schema.ts';
import { scriptedExecutor, someVersion } from '../testing/scripted-workers.ts';
import { author } from '../testing/shop.ts';
import { Scheduler } from './scheduler.ts';

const hour = 3_600_000;
const bytes = bytesArtifact('bytes');
const look = task({
  name: 'look',
  module: import.meta.url,
  parameters: z.strictObject({ time: z.string() }),
  outputs: { out: bytes },
  run: async () => ({ out: Uint8Array.of(1) }),
});
const hourly = pipeline(
  'hourly',
  {
    parameters: z.strictObject({ time: z.string().default('') }),
    ...{ timeParameter: 'time', schedule: cron('0 * * * *', 'UTC'), catchUp: 'all' },
  },
  (run, { time }) => void run(look, { time }),
) as unknown as Pipeline;

interface Machine {
  readonly metadata: Metadata;
  readonly scheduler: Scheduler;
  readonly clock: ReturnType<typeof simulatedClock>;
}

async function open({ io, root, step, defer }: World, startMs = 10 * hour): Promise<Machine> {
  const clock = simulatedClock({ startMs });
  const metadata = await openSqliteMetadata({
    ...{ path: join(root, 'metadata.sqlite'), clock, schemas: [pipelinesSchema], onStep: step },
  });
  defer(() => metadata.close());
  const scheduler = new Scheduler({
    ...{ io: { ...io, clock }, metadata, home: root, effects: {}, clockPrincipal: author },
    objects: { has: async () => true },
    definitions: { pipelines: [hourly] },
    executor: scriptedExecutor([]),
    resolveSource: () => Promise.reject(new Error('there is no source')),
    versions: { versionOf: async () => someVersion },
    workers: 0,
    onFault: (error) => {
      throw error;
    },
  });
  return { metadata, scheduler, clock };
}

interface Seen {
  /** Each run's time, as its plan holds it. */
  readonly runs: readonly string[];
  /** Each decided time that has a run. */
  readonly times: readonly string[];
  readonly reached: number | null;
}

async function see({ metadata }: Machine): Promise<Seen> {
  const plans = await metadata.all<{ plan: string }>(
    `SELECT p.plan FROM pipeline_runs r JOIN pipeline_plans p
       ON p.workspace = r.workspace AND p.digest = r.plan`,
  );
  const times = await metadata.all<{ time: number }>(
    `SELECT t.time FROM pipeline_times t JOIN pipeline_runs r
       ON r.workspace = t.workspace AND r.id = t.run ORDER BY t.time`,
  );
  const row = await metadata.get<{ reached_at: number }>(
    'SELECT reached_at FROM pipeline_schedules',
  );
  return {
    runs: plans.map(({ plan }) => JSON.parse(plan).parameters.time).sort(),
    times: times.map(({ time }) => new Date(time).toISOString()),
    reached: row?.reached_at ?? null,
  };
}

const iso = (hours: number): string => new Date(hours * hour).toISOString();

test('a time runs once and a backfill is whole or absent, wherever the scheduler crashes', async () => {
  const report = await enumerateCrashes<Seen>({
    name: 'times of a schedule and a backfill',
    prepare: async (world) => void (await open(world)),
    workload: async (world) => {
      const { scheduler, clock } = await open(world);
      await scheduler.tick();
      for (const next of [11, 12, 13]) {
        clock.advance(hour);
        await scheduler.tick();
        world.acknowledge(iso(next));
      }
      const request = { pipeline: 'hourly', from: 2 * hour, until: 6 * hour };
      const { id } = await scheduler.startBackfill(author, request);
      for (const time of [2, 3, 4, 5]) world.acknowledge(iso(time));
      await scheduler.cancelBackfill(author, id);
    },
    recover: async (world) => {
      const machine = await open(world, 13 * hour + 1);
      await machine.scheduler.recover();
      return see(machine);
    },
    check: (seen, { acknowledged }) => {
      assert.deepEqual(seen.runs, seen.times, 'each run has its time, each time its run');
      for (const time of acknowledged) assert.ok(seen.times.includes(time), time);
      const filled = seen.times.filter((time) => Date.parse(time) < 6 * hour);
      assert.ok(filled.length === 0 || filled.length === 4, 'a backfill is whole or absent');
      const clock = seen.times.filter((time) => Date.parse(time) > 10 * hour);
      if (seen.reached !== null) {
        assert.equal(clock.length, (seen.reached - 10 * hour) / hour, 'what is reached has run');
      }
    },
    resume: async (world) => {
      const machine = await open(world, 13 * hour + 1);
      const before = await see(machine);
      await machine.scheduler.tick();
      const { times, runs } = await see(machine);
      assert.deepEqual(runs, times);
      const clock = times.filter((time) => Date.parse(time) > 10 * hour);
      // A schedule that had not begun counts from now; one that had makes up for what it missed.
      if (before.reached !== null) assert.deepEqual(clock, [iso(11), iso(12), iso(13)]);
    },
  });
  assert.ok(report.crashPoints > 100, `${report.crashPoints} crash points`);
});
