import { canonicalJson, type Digest } from '@backlot/core';
import type { Transaction } from '@backlot/store';
import type { Effect } from '../authoring/task-context.ts';
import { BadCommit, StaleAttempt } from '../pipelines-error.ts';
import type { PlanNode } from '../plan/plan.ts';
import { cacheKey } from '../scheduler/cache-key.ts';
import { readLiveAttempt, updateAttempt } from './attempt.ts';
import { applyEffects, type EffectHandlers } from './effects.ts';
import { moveTask, type Occasion } from './move.ts';
import {
  nodeOf,
  principalOf,
  type Refs,
  type RunRow,
  readAttempt,
  readPlan,
  readRun,
  refsOf,
} from './rows.ts';
import { settleSuccess } from './settle.ts';

/** What a worker hands over at the end of an attempt. */
export interface Commit {
  readonly outputs: Refs;
  readonly effects: readonly Effect[];
  readonly metrics: Readonly<Record<string, number>>;
  /** The version of the code that the worker ran. */
  readonly version: Digest;
}

/**
 * Ends an attempt with its outputs and effects, in one transaction. The same commit of the same
 * attempt again changes nothing; any other late one is refused.
 *
 * @throws StaleAttempt when the attempt is no longer the newest or has ended otherwise
 * @throws BadCommit when the outputs are not those of the plan or an effect has no handler
 */
export async function commitAttempt(
  tx: Transaction,
  workspace: string,
  id: string,
  commit: Commit,
  handlers: EffectHandlers,
  occasion: Occasion,
): Promise<void> {
  if (await isCommitted(tx, workspace, id, commit)) return;
  const { attempt, task } = await readLiveAttempt(tx, workspace, id);
  if (attempt.state !== 'running') throw new StaleAttempt(id, 'was never taken up');
  const run = await readRun(tx, workspace, attempt.run);
  const plan = await readPlan(tx, run);
  const node = nodeOf(plan, attempt.node);
  checkOutputs(node, commit.outputs);
  // The code may have been edited since the lease: the result is kept under what really ran.
  const key = cacheKey(node, commit.version, refsOf(task.inputs), run.seed);
  await moveTask(tx, task, 'succeeded', occasion, {
    outputs: canonicalJson(commit.outputs),
    metrics: canonicalJson(commit.metrics),
    cache_key: key.digest,
    key_parts: canonicalJson(key.parts),
    ended_at: occasion.at,
  });
  const committed = canonicalJson(commit);
  await updateAttempt(tx, attempt, { state: 'succeeded', committed, ended_at: occasion.at });
  await applyEffects(tx, handlers, principalOf(run), commit.effects, {
    run: run.id,
    pipeline: run.pipeline,
    plan: run.plan,
    node: node.id,
    task: node.task,
    version: commit.version,
    seed: run.seed,
    parameters: node.parameters,
    inputs: key.inputs,
    outputs: commit.outputs,
    metrics: commit.metrics,
    cached: false,
  });
  if (node.cache) await keepResult(tx, run, node, key.digest, commit, occasion.at);
  await settleSuccess(tx, run, plan, node.id, occasion);
}

async function isCommitted(
  tx: Transaction,
  workspace: string,
  id: string,
  commit: Commit,
): Promise<boolean> {
  const attempt = await readAttempt(tx, workspace, id);
  if (attempt.state !== 'succeeded') return false;
  if (attempt.committed === canonicalJson(commit)) return true;
  throw new StaleAttempt(id, 'has committed something else');
}

function checkOutputs(node: PlanNode, outputs: Refs): void {
  for (const [name, kind] of Object.entries(node.outputs)) {
    const given = Object.hasOwn(outputs, name) ? outputs[name] : undefined;
    if (!given) throw new BadCommit(node.id, `the output ${name} is missing`);
    if (given.kind !== kind) {
      throw new BadCommit(node.id, `the output ${name} is ${given.kind}, declared is ${kind}`);
    }
  }
  const extra = Object.keys(outputs).find((name) => !Object.hasOwn(node.outputs, name));
  if (extra !== undefined) throw new BadCommit(node.id, `the output ${extra} is not declared`);
}

async function keepResult(
  tx: Transaction,
  run: RunRow,
  node: PlanNode,
  key: Digest,
  commit: Commit,
  at: number,
): Promise<void> {
  await tx.run(
    `INSERT INTO pipeline_cache
       (workspace, key, outputs, effects, metrics, run, node, version, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (workspace, key) DO UPDATE SET outputs = excluded.outputs,
       effects = excluded.effects, metrics = excluded.metrics, run = excluded.run,
       node = excluded.node, version = excluded.version, created_at = excluded.created_at`,
    ...[run.workspace, key, canonicalJson(commit.outputs), canonicalJson(commit.effects)],
    ...[canonicalJson(commit.metrics), run.id, node.id, commit.version, at],
  );
}
