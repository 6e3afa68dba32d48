import type { Principal } from '@backlot/access';
import { createId, type Io } from '@backlot/core';
import type { Reader, Transaction } from '@backlot/store';
import type { Pipeline } from '../authoring/pipeline.ts';
import { BadParameters } from '../pipelines-error.ts';
import { timesBetween } from '../schedule/next-time.ts';
import { createBackfill, timesWithRun } from '../state/backfill-rows.ts';
import { createRun, type NewRun } from '../state/create-run.ts';
import type { Occasion } from '../state/move.ts';

export interface BackfillRequest {
  readonly pipeline: string;
  /** The first moment and the one after the last; milliseconds since 1970, UTC. */
  readonly from: number;
  readonly until: number;
  /** Runs again for times that have a run already; they are left out when absent. */
  readonly again?: boolean;
  /** -100 to 100: runs of a higher one go first. Others have 0; -1 when absent. */
  readonly priority?: number;
}

/** What a backfill would do. */
export interface BackfillPlan {
  /** The times to run for, oldest first. */
  readonly times: readonly number[];
  /** The times left out because they have a run. */
  readonly done: readonly number[];
}

const mostTimes = 10_000;

/** The times of a backfill. Nothing is changed. */
export async function planBackfill(
  reader: Reader,
  { workspace }: Pick<Principal, 'workspace'>,
  pipeline: Pipeline,
  { from, until, again = false }: BackfillRequest,
  now: number,
): Promise<BackfillPlan> {
  const { name, schedule, timeParameter } = pipeline;
  if (schedule === undefined || timeParameter === undefined) {
    throw new BadParameters(name, 'a backfill needs a schedule and a timeParameter');
  }
  if (!(Number.isSafeInteger(from) && Number.isSafeInteger(until) && from < until)) {
    throw new BadParameters(name, 'a backfill goes from one moment to a later one');
  }
  if (until > now) throw new BadParameters(name, 'a backfill is for times that have passed');
  const all = timesBetween(schedule, from - 1, until - 1, mostTimes + 1);
  if (all.length > mostTimes) {
    throw new BadParameters(name, `a backfill has ${mostTimes} times at most; take a part of them`);
  }
  const known = await timesWithRun(reader, workspace, name, from, until);
  const has = (time: number): boolean => known.has(time) && !again;
  return { times: all.filter((time) => !has(time)), done: all.filter(has) };
}

interface BackfillParts {
  readonly io: Pick<Io, 'random' | 'clock'>;
  readonly metadata: Reader;
  readonly write: <T>(work: (tx: Transaction, occasion: Occasion) => Promise<T>) => Promise<T>;
  readonly prepare: (
    pipeline: Pipeline,
    parameters: Readonly<Record<string, string>>,
  ) => Promise<Omit<NewRun, 'id'>>;
}

/** Starts the runs of a backfill, all in one transaction; answers its id and how many they are. */
export async function startBackfill(
  parts: BackfillParts,
  principal: Principal,
  pipeline: Pipeline,
  request: BackfillRequest,
): Promise<{ readonly id: string; readonly runs: number }> {
  const { io, metadata, write, prepare } = parts;
  const { priority = -1 } = request;
  if (!Number.isInteger(priority) || Math.abs(priority) > 100) {
    throw new BadParameters(pipeline.name, 'a priority is a whole number from -100 to 100');
  }
  const { times } = await planBackfill(metadata, principal, pipeline, request, io.clock.now());
  // Runs of one moment go by their ids, so ids in order make the oldest time go first.
  const ids = times.map(() => createId(io.random)).sort();
  const runs: { readonly time: number; readonly run: NewRun }[] = [];
  for (const [index, time] of times.entries()) {
    const parameters = { [pipeline.timeParameter!]: new Date(time).toISOString() };
    const prepared = await prepare(pipeline, parameters);
    runs.push({ time, run: { ...prepared, id: ids[index]!, priority } });
  }
  const id = createId(io.random);
  const { workspace } = principal;
  return write(async (tx, { at }) => {
    const occasion = { actor: principal.id, at };
    // Another backfill, or the clock, may have been there since the plan was made.
    const { from, until, again } = request;
    const known = again
      ? new Set<number>()
      : await timesWithRun(tx, workspace, pipeline.name, from, until);
    const open = runs.filter(({ time }) => !known.has(time));
    const row = {
      ...{ workspace, id, pipeline: pipeline.name, from_at: request.from },
      ...{ until_at: request.until, priority, created_by: principal.id, created_at: at },
    };
    const made = open.map(({ time, run }) => ({ time, run: run.id }));
    await createBackfill(tx, row, made, occasion);
    for (const { time, run } of open) {
      const reason = `backfill for ${new Date(time).toISOString()}`;
      await createRun(tx, principal, run, { ...occasion, reason });
    }
    return { id, runs: open.length };
  });
}
