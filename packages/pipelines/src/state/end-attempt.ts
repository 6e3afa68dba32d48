import { canonicalJson, type ErrorKind } from '@backlot/core';
import type { Transaction } from '@backlot/store';
import { StaleAttempt } from '../pipelines-error.ts';
import { type AttemptOfTask, readLiveAttempt, updateAttempt } from './attempt.ts';
import { moveTask, type Occasion } from './move.ts';
import { nodeOf, type RunRow, readAttempt, readPlan, readRun, type TaskRow } from './rows.ts';
import { settleRun } from './settle.ts';
import type { AttemptState, TaskState } from './state-machine.ts';

/** An error as rows and the API hold it. */
export interface Problem {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly reason: string;
  readonly place?: string;
  readonly mend?: string;
}

/**
 * How an attempt ended without a commit. `retry`: it may pass another time; `final`: it will not;
 * `skip`: there was nothing to do; `lost`: the worker went silent; `abandoned`: its owner ended;
 * `cancelled`: it was asked to stop.
 */
export type EndClass = 'retry' | 'final' | 'skip' | 'cancelled' | 'lost' | 'abandoned';

interface End {
  readonly class: EndClass;
  readonly error: Problem;
  /** How long to wait before the n-th try again, in milliseconds. */
  readonly backoff: (failures: number) => number;
}

/** So often a task is taken up again after its owner ended; a task that kills its owner must end. */
const maxRecoveries = 100;

/**
 * Ends an attempt that will not commit: the task is queued again, or ends. The same end told twice
 * changes nothing.
 *
 * @throws StaleAttempt when the attempt has committed, or is no longer the newest
 */
export async function endAttempt(
  tx: Transaction,
  workspace: string,
  id: string,
  end: End,
  occasion: Occasion,
): Promise<TaskState> {
  const known = await readAttempt(tx, workspace, id);
  const ended = attemptStates[end.class];
  if (known.state === ended) return taskState(tx, known);
  if (known.state === 'succeeded') throw new StaleAttempt(id, 'has committed');
  const live = await readLiveAttempt(tx, workspace, id);
  const run = await readRun(tx, workspace, live.attempt.run);
  const plan = await readPlan(tx, run);
  const { retries } = nodeOf(plan, live.task.node);
  const next = nextState(end, live, run, retries);
  const error = canonicalJson(end.error);
  await updateAttempt(tx, live.attempt, { state: ended, error, ended_at: occasion.at });
  const counted = end.class === 'retry' || end.class === 'lost' || end.class === 'final';
  const failures = live.task.failures + (counted ? 1 : 0);
  const again = next === 'queued';
  const delay = again && counted ? Math.round(end.backoff(failures)) : 0;
  await moveTask(
    tx,
    live.task,
    next,
    { ...occasion, reason: end.error.reason },
    {
      failures,
      recoveries: live.task.recoveries + (counted ? 0 : 1),
      ready_at: occasion.at + delay,
      error,
      ended_at: again ? null : occasion.at,
    },
  );
  if (!again) await settleRun(tx, run, plan, occasion);
  return next;
}

/** Ends a queued task that cannot even be begun: its code or its plan is no longer there. */
export async function failQueued(
  tx: Transaction,
  task: TaskRow,
  error: Problem,
  occasion: Occasion,
): Promise<void> {
  const run = await readRun(tx, task.workspace, task.run);
  await moveTask(
    tx,
    task,
    'failed',
    { ...occasion, reason: error.reason },
    {
      error: canonicalJson(error),
      ended_at: occasion.at,
    },
  );
  await settleRun(tx, run, await readPlan(tx, run), occasion);
}

const attemptStates: Readonly<Record<EndClass, AttemptState>> = {
  retry: 'failed',
  final: 'failed',
  skip: 'skipped',
  cancelled: 'cancelled',
  lost: 'lost',
  abandoned: 'abandoned',
};

function nextState(
  { class: endClass }: End,
  { task }: AttemptOfTask,
  run: RunRow,
  retries: number,
): TaskState {
  if (run.state === 'cancelling') return 'cancelled';
  switch (endClass) {
    case 'final':
      return 'failed';
    case 'skip':
      return task.state === 'running' ? 'skipped' : 'failed';
    case 'retry':
    case 'lost':
      return task.failures < retries ? 'queued' : 'failed';
    case 'cancelled':
    case 'abandoned':
      return task.recoveries < maxRecoveries ? 'queued' : 'failed';
  }
}

async function taskState(
  tx: Transaction,
  { workspace, run, node }: { workspace: string; run: string; node: string },
): Promise<TaskState> {
  const row = await tx.get<{ readonly state: TaskState }>(
    'SELECT state FROM pipeline_tasks WHERE workspace = ? AND run = ? AND node = ?',
    ...[workspace, run, node],
  );
  return row!.state;
}
