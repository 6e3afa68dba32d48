import type { Transaction } from '@backlot/store';
import { downstreamOf, type Plan, upstreamOf } from '../plan/plan.ts';
import { moveRun, moveTask, type Occasion } from './move.ts';
import { type RunRow, readTasks, type TaskRow } from './rows.ts';
import type { RunState, TaskState } from './state-machine.ts';

/**
 * Draws the consequences of a task's success, in the same transaction: what waited for it waits for
 * one less. It looks at the neighbours alone, so that a run costs as its tasks and not as their square.
 */
export async function settleSuccess(
  tx: Transaction,
  run: RunRow,
  plan: Plan,
  node: string,
  occasion: Occasion,
): Promise<void> {
  if (run.state === 'cancelling') return settleRun(tx, run, plan, occasion);
  for (const next of downstreamOf(plan, node)) {
    await tx.run(
      `UPDATE pipeline_tasks SET waiting = waiting - 1
       WHERE workspace = ? AND run = ? AND node = ? AND state = 'queued'`,
      ...[run.workspace, run.id, next],
    );
  }
  if (!(await isOpen(tx, run))) await endRun(tx, run, await readTasks(tx, run), occasion);
}

/**
 * Draws the consequences of any end, in the same transaction: what waited becomes ready, or fails or
 * is skipped; when nothing is left to do the run ends.
 */
export async function settleRun(
  tx: Transaction,
  run: RunRow,
  plan: Plan,
  occasion: Occasion,
): Promise<void> {
  const tasks = new Map((await readTasks(tx, run)).map((task) => [task.node, task]));
  // The plan's order has each node after what it needs, so one pass reaches every consequence.
  for (const node of plan.nodes) {
    const task = tasks.get(node.id)!;
    if (task.state !== 'queued') continue;
    const upstream = upstreamOf(node).map((id) => tasks.get(id)!);
    const settled = await settleTask(tx, task, upstream, run.state, occasion);
    tasks.set(node.id, { ...task, state: settled });
  }
  await endRun(tx, run, [...tasks.values()], occasion);
}

async function settleTask(
  tx: Transaction,
  task: TaskRow,
  upstream: readonly TaskRow[],
  runState: RunState,
  occasion: Occasion,
): Promise<TaskState> {
  const fate = fateOf(upstream, runState);
  if (fate !== undefined) {
    const { actor, at } = occasion;
    const reason = { cancelled: undefined, upstream_failed: 'failed', skipped: 'skipped' }[fate];
    const cause = upstream.find(({ state }) => state !== 'succeeded' && state !== 'queued');
    await moveTask(
      tx,
      task,
      fate,
      { actor, at, ...(reason && cause && { reason: `${cause.node} ${reason}` }) },
      { ended_at: at },
    );
    return fate;
  }
  const waiting = upstream.filter(({ state }) => state !== 'succeeded').length;
  if (waiting !== task.waiting) {
    await tx.run(
      'UPDATE pipeline_tasks SET waiting = ? WHERE workspace = ? AND run = ? AND node = ?',
      ...[waiting, task.workspace, task.run, task.node],
    );
  }
  return 'queued';
}

function fateOf(
  upstream: readonly TaskRow[],
  runState: RunState,
): 'cancelled' | 'upstream_failed' | 'skipped' | undefined {
  if (runState === 'cancelling') return 'cancelled';
  const states = new Set(upstream.map(({ state }) => state));
  if (states.has('failed') || states.has('upstream_failed')) return 'upstream_failed';
  if (states.has('cancelled')) return 'cancelled';
  return states.has('skipped') ? 'skipped' : undefined;
}

async function isOpen(tx: Transaction, run: RunRow): Promise<boolean> {
  for (const state of ['running', 'leased', 'queued'] satisfies readonly TaskState[]) {
    const open = await tx.get(
      'SELECT node FROM pipeline_tasks WHERE workspace = ? AND run = ? AND state = ? LIMIT 1',
      ...[run.workspace, run.id, state],
    );
    if (open) return true;
  }
  return false;
}

async function endRun(
  tx: Transaction,
  run: RunRow,
  tasks: readonly TaskRow[],
  { actor, at }: Occasion,
): Promise<void> {
  const states = new Set(tasks.map(({ state }) => state));
  if (states.has('queued') || states.has('leased') || states.has('running')) return;
  const failed = states.has('failed') || states.has('upstream_failed');
  const end = run.state === 'cancelling' ? 'cancelled' : failed ? 'failed' : 'succeeded';
  await moveRun(tx, run, end, { actor, at }, { ended_at: at });
}
