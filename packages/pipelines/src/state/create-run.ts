import type { Principal } from '@backlot/access';
import { canonicalJson, type Digest } from '@backlot/core';
import type { Transaction } from '@backlot/store';
import { type Plan, upstreamOf } from '../plan/plan.ts';
import { addEvent, type Occasion } from './move.ts';
import type { Refs } from './rows.ts';

/** A run to be written down. */
export interface NewRun {
  readonly id: string;
  readonly plan: Plan;
  readonly digest: Digest;
  readonly seed: number;
  /** What the plan's sources were resolved to. */
  readonly sources: Refs;
  /** Runs of a higher one go first; 0 when absent. */
  readonly priority?: number;
}

/** Writes a run down with its plan, its pinned sources and its tasks, all queued. */
export async function createRun(
  tx: Transaction,
  principal: Principal,
  run: NewRun,
  { at, actor = principal.id, reason }: Partial<Occasion> & Pick<Occasion, 'at'>,
): Promise<void> {
  const { workspace } = principal;
  await tx.run(
    `INSERT INTO pipeline_plans (workspace, digest, plan) VALUES (?, ?, ?)
     ON CONFLICT (workspace, digest) DO NOTHING`,
    ...[workspace, run.digest, canonicalJson(run.plan)],
  );
  await tx.run(
    `INSERT INTO pipeline_runs (workspace, id, pipeline, plan, seed, sources, principal, started_by,
       state, events, tasks, created_at, priority)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', 0, ?, ?, ?)`,
    ...[workspace, run.id, run.plan.pipeline, run.digest, run.seed, canonicalJson(run.sources)],
    ...[canonicalJson(withoutScope(principal)), principal.id, run.plan.nodes.length, at],
    run.priority ?? 0,
  );
  for (const [position, node] of run.plan.nodes.entries()) {
    await tx.run(
      `INSERT INTO pipeline_tasks (workspace, run, node, position, state, attempt, waiting,
         ready_at, failures, recoveries) VALUES (?, ?, ?, ?, 'queued', 0, ?, ?, 0, 0)`,
      ...[workspace, run.id, node.id, position, upstreamOf(node).length, at],
    );
  }
  const event = { run: run.id, node: null, attempt: 0, from: 'none', to: 'queued' };
  await addEvent(tx, workspace, event, { actor, at, ...(reason !== undefined && { reason }) });
}

/** A run outlives the credential that started it, so the credential is not kept. */
function withoutScope(principal: Principal): Principal {
  const { organisation, workspace, project, id, kind, roles } = principal;
  return { organisation, workspace, project, id, kind, roles: [...roles] };
}
