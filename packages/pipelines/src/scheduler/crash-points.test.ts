import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Metadata, openSqliteMetadata } from '@backlot/store';
import { enumerateCrashes, type World } from '@backlot/testing';
import { pipelinesSchema } from '../state/pipelines-schema.ts';
import {
  chain,
  commitOf,
  type ScriptedWorker,
  scriptedExecutor,
  someVersion,
} from '../testing/scripted-workers.ts';
import { author, countEffect, effectsSchema } from '../testing/shop.ts';
import { Scheduler } from './scheduler.ts';

interface Machine {
  readonly metadata: Metadata;
  readonly scheduler: Scheduler;
  readonly workers: ScriptedWorker[];
}

async function open({ io, root, step, defer }: World): Promise<Machine> {
  const metadata = await openSqliteMetadata({
    path: join(root, 'metadata.sqlite'),
    clock: io.clock,
    schemas: [pipelinesSchema, effectsSchema],
    onStep: step,
  });
  defer(() => metadata.close());
  const workers: ScriptedWorker[] = [];
  const scheduler = new Scheduler({
    ...{ io, metadata, home: root },
    objects: { has: async () => true },
    definitions: { pipelines: [chain] },
    executor: scriptedExecutor(workers),
    effects: countEffect,
    resolveSource: () => Promise.reject(new Error('there is no source')),
    onFault: (error) => {
      throw error;
    },
    workers: 100,
    versions: { versionOf: async () => someVersion },
  });
  return { metadata, scheduler, workers };
}

/** Works until nothing is ready, and acknowledges as the worker of each attempt would. */
async function work(machine: Machine, acknowledge: (effect: string) => void): Promise<void> {
  const { scheduler, workers } = machine;
  for (let round = 0; round < 5; round++) {
    await scheduler.tick();
    for (const { launch } of workers.splice(0)) {
      const control = scheduler.control(author);
      await control.claim(launch.attempt, { pid: 1 });
      await control.heartbeat(launch.attempt, {});
      await control.commit(launch.attempt, commitOf(launch.node));
      acknowledge(launch.node);
    }
  }
}

interface Seen {
  readonly runs: readonly string[];
  readonly tasks: Readonly<Record<string, string>>;
  readonly effects: Readonly<Record<string, number>>;
  readonly events: readonly string[];
  readonly attempts: readonly string[];
}

async function look({ metadata }: Machine): Promise<Seen> {
  const list = async (sql: string): Promise<string[]> =>
    (await metadata.all<{ readonly text: string }>(sql)).map(({ text }) => text);
  const pairs = async <T>(sql: string): Promise<Record<string, T>> =>
    Object.fromEntries(
      (await metadata.all<{ id: string; value: T }>(sql)).map(({ id, value }) => [id, value]),
    );
  return {
    runs: await list('SELECT state AS text FROM pipeline_runs'),
    tasks: await pairs('SELECT node AS id, state AS value FROM pipeline_tasks'),
    effects: await pairs('SELECT id, applied AS value FROM effects'),
    events: await list(
      `SELECT COALESCE(node, 'run') || ' ' || to_state AS text FROM pipeline_events
       ORDER BY position`,
    ),
    attempts: await list('SELECT state AS text FROM pipeline_attempts ORDER BY node, number'),
  };
}

test('a run survives every crash: what was committed is there once, the rest is done again', async () => {
  const report = await enumerateCrashes<Seen>({
    name: 'task state and commit with effects',
    prepare: async (world) => void (await open(world)),
    workload: async (world) => {
      const machine = await open(world);
      await machine.scheduler.startRun(author, { pipeline: 'chain' });
      world.acknowledge('run');
      await work(machine, world.acknowledge);
    },
    recover: async (world) => {
      const machine = await open(world);
      await machine.scheduler.recover();
      return look(machine);
    },
    check: (seen, { acknowledged }) => {
      if (acknowledged.includes('run')) assert.equal(seen.runs.length, 1);
      for (const node of acknowledged.filter((effect) => effect !== 'run')) {
        assert.equal(seen.tasks[node], 'succeeded', node);
      }
      for (const [node, state] of Object.entries(seen.tasks)) {
        // The commit, its effect and its event are one: all of it or nothing.
        const whole = state === 'succeeded' ? 1 : 0;
        assert.ok(['queued', 'succeeded'].includes(state), `${node} is ${state}`);
        assert.equal(seen.effects[node] ?? 0, whole, node);
        const ends = seen.events.filter((event) => event === `${node} succeeded`);
        assert.equal(ends.length, whole, node);
      }
      assert.ok(!seen.attempts.includes('leased') && !seen.attempts.includes('running'));
    },
    resume: async (world) => {
      const machine = await open(world);
      await machine.scheduler.recover();
      await machine.scheduler.startRun(author, { pipeline: 'chain' });
      await work(machine, () => undefined);
      const seen = await look(machine);
      assert.deepEqual(new Set(seen.runs), new Set(['succeeded']));
      for (const applied of Object.values(seen.effects)) assert.equal(applied, seen.runs.length);
    },
  });
  assert.ok(report.crashPoints > 100, `${report.crashPoints} crash points`);
});
