import { canonicalJson, type Digest } from '@backlot/core';
import type { Reader, Transaction } from '@backlot/store';
import type { CacheKey } from '../scheduler/cache-key.ts';
import { moveRun, moveTask, type Occasion } from './move.ts';
import { type AttemptRow, type RunRow, readAttempt, readRun, type TaskRow } from './rows.ts';

/** What a new attempt is written down with. */
interface Lease {
  /** The attempt's id. */
  readonly id: string;
  /** The scheduler that started it. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly key: CacheKey;
  /** Why there was no result to reuse. */
  readonly reason: string;
  readonly log: string;
  /** Whether another task with the same key, on its way, is waited for. */
  readonly singleFlight: boolean;
}

/**
 * Gives a queued task to a new attempt with the next number. Answers nothing when another task that
 * computes the same is on its way: its result will do for both.
 */
export async function leaseTask(
  tx: Transaction,
  task: TaskRow,
  lease: Lease,
  occasion: Occasion,
): Promise<AttemptRow | undefined> {
  if (lease.singleFlight && (await isInFlight(tx, task.workspace, lease.key.digest)))
    return undefined;
  const run = await readRun(tx, task.workspace, task.run);
  await beginRun(tx, run, occasion);
  const number = task.attempt + 1;
  await moveTask(tx, task, 'leased', occasion, {
    attempt: number,
    attempt_id: lease.id,
    cache_key: lease.key.digest,
    key_parts: canonicalJson(lease.key.parts),
    cache_hit: 0,
    cache_reason: lease.reason,
    inputs: canonicalJson(lease.key.inputs),
    started_at: occasion.at,
    ended_at: null,
    error: null,
  });
  await tx.run(
    `INSERT INTO pipeline_attempts (workspace, id, run, node, number, owner, state, leased_until,
       started_at, log) VALUES (?, ?, ?, ?, ?, ?, 'leased', ?, ?, ?)`,
    ...[task.workspace, lease.id, task.run, task.node, number, lease.owner],
    ...[occasion.at + lease.leaseMs, occasion.at, lease.log],
  );
  return readAttempt(tx, task.workspace, lease.id);
}

/** A run begins with its first task. One that is being cancelled begins nothing more. */
export async function beginRun(tx: Transaction, run: RunRow, occasion: Occasion): Promise<void> {
  if (run.state === 'running') return;
  const columns = run.started_at === null ? { started_at: occasion.at } : {};
  await moveRun(tx, run, 'running', occasion, columns);
}

/** Whether a task that computes the same is on its way. */
export async function isInFlight(reader: Reader, workspace: string, key: Digest): Promise<boolean> {
  const row = await reader.get(
    `SELECT node FROM pipeline_tasks
     WHERE state IN ('leased', 'running') AND workspace = ? AND cache_key = ?`,
    workspace,
    key,
  );
  return row !== undefined;
}
