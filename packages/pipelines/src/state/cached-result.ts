import { canonicalJson, type Digest } from '@backlot/core';
import type { Reader, Transaction } from '@backlot/store';
import type { Effect } from '../authoring/task-context.ts';
import type { Plan } from '../plan/plan.ts';
import type { CacheKey, CacheKeyParts } from '../scheduler/cache-key.ts';
import { differenceOf } from '../scheduler/cache-key.ts';
import { applyEffects, type EffectHandlers } from './effects.ts';
import { beginRun } from './lease-task.ts';
import { moveTask, type Occasion } from './move.ts';
import { nodeOf, principalOf, type Refs, readRun, type TaskRow } from './rows.ts';
import { settleSuccess } from './settle.ts';

/** What an earlier attempt committed under a key. */
export interface CachedResult {
  readonly outputs: Refs;
  readonly effects: readonly Effect[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly run: string;
}

/** The result under a key, if there is one. */
export async function findCached(
  reader: Reader,
  workspace: string,
  key: Digest,
): Promise<CachedResult | undefined> {
  const row = await reader.get<Record<'outputs' | 'effects' | 'metrics' | 'run', string>>(
    'SELECT outputs, effects, metrics, run FROM pipeline_cache WHERE workspace = ? AND key = ?',
    workspace,
    key,
  );
  return (
    row && {
      outputs: JSON.parse(row.outputs),
      effects: JSON.parse(row.effects),
      metrics: JSON.parse(row.metrics),
      run: row.run,
    }
  );
}

/** Ends a queued task with an earlier result: its outputs stand, its effects are applied again. */
export async function reuseCached(
  tx: Transaction,
  task: TaskRow,
  plan: Plan,
  key: CacheKey,
  cached: CachedResult,
  handlers: EffectHandlers,
  occasion: Occasion,
): Promise<void> {
  await beginRun(tx, await readRun(tx, task.workspace, task.run), occasion);
  const run = await readRun(tx, task.workspace, task.run);
  const node = nodeOf(plan, task.node);
  await moveTask(tx, task, 'succeeded', occasion, {
    cache_key: key.digest,
    key_parts: canonicalJson(key.parts),
    cache_hit: 1,
    cache_reason: `the same code, parameters, inputs and seed as in run ${cached.run}`,
    inputs: canonicalJson(key.inputs),
    outputs: canonicalJson(cached.outputs),
    metrics: canonicalJson(cached.metrics),
    started_at: occasion.at,
    ended_at: occasion.at,
    error: null,
  });
  await applyEffects(tx, handlers, principalOf(run), cached.effects, {
    run: run.id,
    pipeline: run.pipeline,
    plan: run.plan,
    node: node.id,
    task: node.task,
    version: key.parts.version,
    seed: run.seed,
    parameters: node.parameters,
    inputs: key.inputs,
    outputs: cached.outputs,
    metrics: cached.metrics,
    cached: true,
  });
  await settleSuccess(tx, run, plan, node.id, occasion);
}

/** Why a key has no result: in what it differs from the node's last result. */
export async function explainMiss(
  reader: Reader,
  task: TaskRow,
  pipeline: string,
  key: CacheKey,
): Promise<string> {
  const last = await reader.get<{ readonly key_parts: string }>(
    `SELECT t.key_parts FROM pipeline_runs r JOIN pipeline_tasks t
       ON t.workspace = r.workspace AND t.run = r.id
     WHERE r.workspace = ? AND r.pipeline = ? AND t.node = ? AND t.state = 'succeeded'
       AND t.key_parts IS NOT NULL
     ORDER BY r.created_at DESC, r.id DESC LIMIT 1`,
    ...[task.workspace, pipeline, task.node],
  );
  if (!last) return 'it has not succeeded before';
  return differenceOf(key.parts, JSON.parse(last.key_parts) as CacheKeyParts);
}
