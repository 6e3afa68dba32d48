import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Principal } from '@backlot/access';
import { type Io, present, realIo } from '@backlot/core';
import { type Metadata, type Objects, openFileObjects, openSqliteMetadata } from '@backlot/store';
import type { Pipeline } from '../authoring/pipeline.ts';
import type { Executor } from '../executors/executor.ts';
import { inProcessExecutor } from '../executors/in-process-executor.ts';
import { Scheduler, type SchedulerOptions } from '../scheduler/scheduler.ts';
import type { EffectHandlers } from '../state/effects.ts';
import { pipelinesSchema } from '../state/pipelines-schema.ts';
import { type RunDetail, runDetail } from '../views/run-detail.ts';
import { runEvents } from '../views/run-events.ts';
import { runWorker } from '../worker/run-worker.ts';

export const author: Principal = {
  organisation: 'acme',
  workspace: 'media',
  project: 'shop',
  id: 'ada',
  kind: 'person',
  roles: ['author'],
};

/** A table that effects write to, so that each can be counted. */
export const effectsSchema = {
  name: 'effects',
  migrations: [
    [
      `CREATE TABLE effects (workspace TEXT NOT NULL, id TEXT NOT NULL, applied INTEGER NOT NULL,
         by TEXT NOT NULL, PRIMARY KEY (workspace, id))`,
    ],
  ],
};

/** Notes an effect under its payload's id; a second time changes only the count. */
export const countEffect: EffectHandlers = {
  note: async (tx, principal, payload) => {
    const { id } = payload as { readonly id: string };
    await tx.run(
      `INSERT INTO effects (workspace, id, applied, by) VALUES (?, ?, 1, ?)
       ON CONFLICT (workspace, id) DO UPDATE SET applied = effects.applied + 1`,
      ...[principal.workspace, id, principal.id],
    );
  },
};

export interface Shop {
  readonly home: string;
  readonly io: Io;
  readonly metadata: Metadata;
  readonly objects: Objects;
  readonly scheduler: Scheduler;
  /** Starts a run and answers it once it has ended. */
  run(pipeline: string, request?: object): Promise<RunDetail>;
  /** Waits for the end of a run. */
  ended(run: string): Promise<RunDetail>;
  effects(): Promise<Record<string, number>>;
}

export interface ShopOptions extends Partial<SchedulerOptions> {
  readonly pipelines: readonly Pipeline[];
  readonly services?: unknown;
  readonly start?: boolean;
}

/** A scheduler with workers in this process, on a temporary state folder. */
export async function openShop(t: TestContext, options: ShopOptions): Promise<Shop> {
  const home = await mkdtemp(join(tmpdir(), 'backlot-shop-'));
  const io = options.io ?? realIo();
  const metadata = await openSqliteMetadata({
    path: join(home, 'metadata.sqlite'),
    clock: io.clock,
    schemas: [pipelinesSchema, effectsSchema],
  });
  const objects = await openFileObjects(io, join(home, 'objects'));
  const definitions = { pipelines: options.pipelines };
  const faults: unknown[] = [];
  // A worker may be refused: that is between it and its owner.
  const refused: unknown[] = [];
  let scheduler: Scheduler | undefined;
  const executor: Executor = inProcessExecutor((launch, signal) =>
    runWorker({
      reference: launch.reference,
      definitions,
      control: present(scheduler, 'the scheduler').control(author),
      objects,
      io,
      services: options.services,
      onFault: (error) => void refused.push(error),
      environment: { BACKLOT_ATTEMPT: launch.attempt, BACKLOT_HOME: home },
      signal,
    }),
  );
  scheduler = new Scheduler({
    ...{ io, metadata, objects, definitions, executor, home },
    effects: countEffect,
    resolveSource: async (_principal, { name }) => {
      throw new Error(`no source ${name}`);
    },
    onFault: (error) => void faults.push(error),
    backoff: { baseMs: 5, capMs: 20 },
    ...options,
  });
  if (options.start !== false) await scheduler.start();
  t.after(async () => {
    await scheduler.stop();
    await metadata.close();
    await rm(home, { recursive: true });
    if (faults.length > 0) throw faults[0];
  });
  const ended = async (run: string): Promise<RunDetail> => {
    const { changes, progress } = scheduler;
    const watch = { reader: metadata, changes, progress, clock: io.clock, principal: author, run };
    for await (const _ of runEvents(watch)) if (faults.length > 0) throw faults[0];
    return runDetail(metadata, author, run, progress);
  };
  return {
    ...{ home, io, metadata, objects, scheduler, ended },
    run: async (pipeline, request = {}) =>
      ended(await scheduler.startRun(author, { pipeline, ...request })),
    effects: async () => {
      const rows = await metadata.all<{ id: string; applied: number }>(
        'SELECT id, applied FROM effects ORDER BY id',
      );
      return Object.fromEntries(rows.map(({ id, applied }) => [id, applied]));
    },
  };
}

/** The states of a run's tasks by node. */
export function statesOf(run: RunDetail): Record<string, string> {
  return Object.fromEntries(run.taskViews.map(({ id, state }) => [id, state]));
}
