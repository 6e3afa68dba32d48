import type { Transaction } from '@backlot/store';
import { moveRun, moveTask, type Occasion } from './move.ts';
import { readPlan, readRun, readTasks } from './rows.ts';
import { settleRun } from './settle.ts';

/**
 * Writes down that a run shall end. What is queued ends at once; what runs ends when its process
 * is gone. Cancelling twice changes nothing.
 *
 * @throws IllegalMove when the run has succeeded or failed
 */
export async function cancelRun(
  tx: Transaction,
  workspace: string,
  id: string,
  occasion: Occasion,
): Promise<void> {
  const run = await readRun(tx, workspace, id);
  if (run.state === 'cancelling' || run.state === 'cancelled') return;
  await moveRun(tx, run, 'cancelling', occasion, { cancelled_at: occasion.at });
  await settleRun(tx, { ...run, state: 'cancelling' }, await readPlan(tx, run), occasion);
}

/**
 * Queues what failed or was cancelled again, and what failed with it; what succeeded keeps its
 * outputs.
 *
 * @throws IllegalMove when the run has neither failed nor been cancelled
 */
export async function resumeRun(
  tx: Transaction,
  workspace: string,
  id: string,
  occasion: Occasion,
): Promise<void> {
  const run = await readRun(tx, workspace, id);
  await moveRun(tx, run, 'queued', occasion, { ended_at: null, cancelled_at: null });
  for (const task of await readTasks(tx, run)) {
    if (!['failed', 'cancelled', 'upstream_failed'].includes(task.state)) continue;
    await moveTask(tx, task, 'queued', occasion, {
      failures: 0,
      recoveries: 0,
      ready_at: occasion.at,
      error: null,
      ended_at: null,
    });
  }
  // A run with nothing left to do, which a cancel had met at its very end, ends here again.
  const resumed = await readRun(tx, workspace, id);
  const open = (await readTasks(tx, run)).some(({ state }) => state === 'queued');
  if (!open) await moveRun(tx, resumed, 'running', occasion);
  await settleRun(tx, await readRun(tx, workspace, id), await readPlan(tx, run), occasion);
}
