import type { Reader, Transaction } from '@backlot/store';
import { StaleAttempt } from '../pipelines-error.ts';
import { moveTask, type Occasion } from './move.ts';
import { type AttemptRow, readAttempt, readTask, type TaskRow } from './rows.ts';

/** An attempt with the task it is for; the task's row names the newest attempt. */
export interface AttemptOfTask {
  readonly attempt: AttemptRow;
  readonly task: TaskRow;
}

/** Reads an attempt that may still act; a newer one, or its own end, makes it stale. */
export async function readLiveAttempt(
  tx: Reader,
  workspace: string,
  id: string,
): Promise<AttemptOfTask> {
  const attempt = await readAttempt(tx, workspace, id);
  const task = await readTask(tx, workspace, attempt.run, attempt.node);
  if (attempt.state !== 'leased' && attempt.state !== 'running') {
    throw new StaleAttempt(id, `has ended as ${attempt.state}`);
  }
  if (task.attempt !== attempt.number || task.state !== attempt.state) {
    throw new StaleAttempt(id, `is attempt ${attempt.number}, the task is at ${task.attempt}`);
  }
  return { attempt, task };
}

/** A worker takes its attempt up. The same worker may say so twice. */
export async function claimAttempt(
  tx: Transaction,
  workspace: string,
  id: string,
  claim: { readonly pid: number | null; readonly leaseMs: number },
  occasion: Occasion,
): Promise<AttemptOfTask> {
  const { attempt, task } = await readLiveAttempt(tx, workspace, id);
  if (attempt.state === 'running') {
    if (attempt.pid !== claim.pid) throw new StaleAttempt(id, 'was taken up by another worker');
    return { attempt, task };
  }
  await moveTask(tx, task, 'running', occasion);
  await updateAttempt(tx, attempt, {
    state: 'running',
    pid: claim.pid,
    heartbeat_at: occasion.at,
    leased_until: occasion.at + claim.leaseMs,
  });
  return {
    attempt: { ...attempt, state: 'running', pid: claim.pid },
    task: { ...task, state: 'running' },
  };
}

/** Prolongs the lease of an attempt that may still act. */
export async function beatAttempt(
  tx: Transaction,
  workspace: string,
  id: string,
  leaseMs: number,
  { actor, at }: Occasion,
): Promise<AttemptOfTask> {
  const live = await readLiveAttempt(tx, workspace, id);
  await updateAttempt(tx, live.attempt, { heartbeat_at: at, leased_until: at + leaseMs });
  await tx.record({
    workspace,
    actor,
    action: 'attempt.heartbeat',
    resource: `attempt/${id}`,
    facts: { leasedUntil: at + leaseMs },
  });
  return live;
}

type AttemptColumns = Partial<
  Pick<
    AttemptRow,
    'state' | 'pid' | 'heartbeat_at' | 'leased_until' | 'error' | 'committed' | 'ended_at'
  >
>;

/** Changes the row of an attempt, guarded by the state that the caller has seen. */
export async function updateAttempt(
  tx: Transaction,
  attempt: AttemptRow,
  columns: AttemptColumns,
): Promise<void> {
  const next = { ...attempt, ...columns };
  const changed = await tx.run(
    `UPDATE pipeline_attempts SET state = ?, pid = ?, heartbeat_at = ?, leased_until = ?, error = ?,
       committed = ?, ended_at = ? WHERE workspace = ? AND id = ? AND state = ?`,
    ...[next.state, next.pid, next.heartbeat_at, next.leased_until, next.error, next.committed],
    ...[next.ended_at, attempt.workspace, attempt.id, attempt.state],
  );
  if (changed !== 1) throw new StaleAttempt(attempt.id, 'was moved meanwhile');
}
