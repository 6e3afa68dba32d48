import { assert } from '@backlot/core';
import type { SqlValue, Transaction } from '@backlot/store';
import { IllegalMove } from '../pipelines-error.ts';
import type { RunRow, TaskRow } from './rows.ts';
import { isRunMove, isTaskMove, type RunState, type TaskState } from './state-machine.ts';

/** Who moves something, when, and why. */
export interface Occasion {
  /** A principal's id, or `scheduler`. */
  readonly actor: string;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  readonly reason?: string;
}

type Columns<Row> = Partial<Record<Exclude<keyof Row, 'workspace' | 'run' | 'node'>, SqlValue>>;

/**
 * Moves a task: one guarded update, one event and one ledger entry. The guard is the state and the
 * attempt of the row that the caller has seen.
 *
 * @throws IllegalMove when the row has moved meanwhile, or no such move exists
 */
export async function moveTask(
  tx: Transaction,
  task: TaskRow,
  to: TaskState,
  occasion: Occasion,
  columns: Columns<TaskRow> = {},
): Promise<void> {
  const what = `the task ${task.node}`;
  if (!isTaskMove(task.state, to)) throw new IllegalMove(what, task.state, to);
  const { assignments, values } = assign({ ...columns, state: to });
  const changed = await tx.run(
    `UPDATE pipeline_tasks SET ${assignments}
     WHERE workspace = ? AND run = ? AND node = ? AND state = ? AND attempt = ?`,
    ...values,
    ...[task.workspace, task.run, task.node, task.state, task.attempt],
  );
  if (changed !== 1) throw new IllegalMove(what, 'not as it was', to);
  const attempt = Number(columns.attempt ?? task.attempt);
  const event = { run: task.run, node: task.node, attempt, from: task.state, to };
  await addEvent(tx, task.workspace, event, occasion);
}

/**
 * Moves a run, guarded by the state that the caller has seen.
 *
 * @throws IllegalMove when the row has moved meanwhile, or no such move exists
 */
export async function moveRun(
  tx: Transaction,
  run: RunRow,
  to: RunState,
  occasion: Occasion,
  columns: Partial<Record<'started_at' | 'ended_at' | 'cancelled_at', SqlValue>> = {},
): Promise<void> {
  const what = `the run ${run.id}`;
  if (!isRunMove(run.state, to)) throw new IllegalMove(what, run.state, to);
  const { assignments, values } = assign({ ...columns, state: to });
  const changed = await tx.run(
    `UPDATE pipeline_runs SET ${assignments} WHERE workspace = ? AND id = ? AND state = ?`,
    ...values,
    ...[run.workspace, run.id, run.state],
  );
  if (changed !== 1) throw new IllegalMove(what, 'not as it was', to);
  const event = { run: run.id, node: null, attempt: 0, from: run.state, to };
  await addEvent(tx, run.workspace, event, occasion);
}

interface EventDraft {
  readonly run: string;
  readonly node: string | null;
  readonly attempt: number;
  readonly from: string;
  readonly to: string;
}

/** Adds an event. The counter in the run's row orders them, also where writers are many. */
export async function addEvent(
  tx: Transaction,
  workspace: string,
  event: EventDraft,
  { actor, at, reason }: Occasion,
): Promise<void> {
  const { run, node, attempt, from, to } = event;
  await tx.run(
    'UPDATE pipeline_runs SET events = events + 1 WHERE workspace = ? AND id = ?',
    workspace,
    run,
  );
  await tx.run(
    `INSERT INTO pipeline_events
       (workspace, run, position, node, attempt, from_state, to_state, actor, reason, at)
     SELECT workspace, id, events, ?, ?, ?, ?, ?, ?, ? FROM pipeline_runs
     WHERE workspace = ? AND id = ?`,
    ...[node, attempt, from, to, actor, reason ?? null, at, workspace, run],
  );
  await tx.record({
    workspace,
    actor,
    action: node === null ? 'run.move' : 'task.move',
    resource: node === null ? `run/${run}` : `task/${run}/${node}`,
    facts: { from, to, attempt },
  });
}

/** The column names are ours, the values are bound. */
function assign(columns: Readonly<Record<string, SqlValue>>): {
  readonly assignments: string;
  readonly values: readonly SqlValue[];
} {
  const names = Object.keys(columns);
  for (const name of names) assert(/^[a-z_]+$/.test(name), 'a column has a plain name');
  return {
    assignments: names.map((name) => `${name} = ?`).join(', '),
    values: Object.values(columns),
  };
}
