import type { Principal } from '@backlot/access';
import { type Digest, present } from '@backlot/core';
import type { Reader } from '@backlot/store';
import type { ArtifactRef } from '../authoring/artifact.ts';
import { NotFound } from '../pipelines-error.ts';
import { nodeById, type Plan, type PlanNode } from '../plan/plan.ts';
import type { AttemptState, RunState, TaskState } from './state-machine.ts';

export interface RunRow {
  readonly workspace: string;
  readonly id: string;
  readonly pipeline: string;
  readonly plan: Digest;
  readonly seed: number;
  readonly sources: string;
  readonly principal: string;
  readonly started_by: string;
  readonly state: RunState;
  readonly events: number;
  readonly tasks: number;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly cancelled_at: number | null;
  readonly priority: number;
}

export interface TaskRow {
  readonly workspace: string;
  readonly run: string;
  readonly node: string;
  readonly position: number;
  readonly state: TaskState;
  readonly attempt: number;
  readonly attempt_id: string | null;
  readonly waiting: number;
  readonly ready_at: number;
  readonly failures: number;
  readonly recoveries: number;
  readonly cache_key: string | null;
  readonly key_parts: string | null;
  readonly cache_hit: number | null;
  readonly cache_reason: string | null;
  readonly inputs: string | null;
  readonly outputs: string | null;
  readonly metrics: string | null;
  readonly error: string | null;
  readonly started_at: number | null;
  readonly ended_at: number | null;
}

export interface AttemptRow {
  readonly workspace: string;
  readonly id: string;
  readonly run: string;
  readonly node: string;
  readonly number: number;
  readonly owner: string;
  readonly state: AttemptState;
  readonly leased_until: number;
  readonly heartbeat_at: number | null;
  readonly pid: number | null;
  readonly error: string | null;
  readonly committed: string | null;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly log: string;
}

/** Artifacts by the name of an input, output or source. */
export type Refs = Readonly<Record<string, ArtifactRef>>;

/** The run, or a not-found error. */
export async function readRun(reader: Reader, workspace: string, id: string): Promise<RunRow> {
  const row = await reader.get<RunRow>(
    'SELECT * FROM pipeline_runs WHERE workspace = ? AND id = ?',
    workspace,
    id,
  );
  if (!row) throw new NotFound(`run ${id}`);
  return row;
}

/** Plans are named by their content, so one that was read once is known for good. */
const knownPlans = new Map<Digest, Plan>();
const maxKnownPlans = 64;

/** The plan that a run began with. */
export async function readPlan(reader: Reader, run: RunRow): Promise<Plan> {
  const known = knownPlans.get(run.plan);
  if (known) return known;
  const row = await reader.get<{ readonly plan: string }>(
    'SELECT plan FROM pipeline_plans WHERE workspace = ? AND digest = ?',
    run.workspace,
    run.plan,
  );
  const plan = JSON.parse(present(row, `the plan of run ${run.id}`).plan) as Plan;
  if (knownPlans.size >= maxKnownPlans) knownPlans.clear();
  knownPlans.set(run.plan, plan);
  return plan;
}

/** A task of a run, or a not-found error. */
export async function readTask(
  reader: Reader,
  workspace: string,
  run: string,
  node: string,
): Promise<TaskRow> {
  const row = await reader.get<TaskRow>(
    'SELECT * FROM pipeline_tasks WHERE workspace = ? AND run = ? AND node = ?',
    workspace,
    run,
    node,
  );
  if (!row) throw new NotFound(`task ${node} in run ${run}`);
  return row;
}

/** The tasks of a run, in the order of its plan. */
export function readTasks(reader: Reader, run: RunRow): Promise<readonly TaskRow[]> {
  return reader.all<TaskRow>(
    'SELECT * FROM pipeline_tasks WHERE workspace = ? AND run = ? ORDER BY position',
    run.workspace,
    run.id,
  );
}

/** An attempt, or a not-found error. */
export async function readAttempt(
  reader: Reader,
  workspace: string,
  id: string,
): Promise<AttemptRow> {
  const row = await reader.get<AttemptRow>(
    'SELECT * FROM pipeline_attempts WHERE workspace = ? AND id = ?',
    workspace,
    id,
  );
  if (!row) throw new NotFound(`attempt ${id}`);
  return row;
}

/** A node of a plan, which the rows know to be there. */
export function nodeOf(plan: Plan, id: string): PlanNode {
  return present(nodeById(plan, id), `the node ${id} of ${plan.pipeline}`);
}

/** Whoever started the run, as it stood then. */
export function principalOf(run: RunRow): Principal {
  return JSON.parse(run.principal) as Principal;
}

/** The artifacts of a column. */
export function refsOf(column: string | null): Refs {
  return column === null ? {} : (JSON.parse(column) as Refs);
}
