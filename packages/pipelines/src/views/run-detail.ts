import type { Principal } from '@backlot/access';
import type { Digest, Json } from '@backlot/core';
import type { Reader } from '@backlot/store';
import type { ArtifactRef } from '../authoring/artifact.ts';
import { upstreamOf } from '../plan/plan.ts';
import type { ProgressBoard, ProgressView } from '../scheduler/progress-board.ts';
import {
  type AttemptRow,
  nodeOf,
  type Refs,
  type RunRow,
  readPlan,
  readTasks,
  refsOf,
  type TaskRow,
} from '../state/rows.ts';
import type { TaskState } from '../state/state-machine.ts';
import {
  findRun,
  type RunSummary,
  type ShownProblem,
  shownProblem,
  summariesOf,
} from './run-summary.ts';

/** An artifact with the name of the input or output that it is. */
export interface NamedArtifact extends ArtifactRef {
  readonly name: string;
}

export interface AttemptView {
  /** From 1. */
  readonly attempt: number;
  readonly state: string;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly error?: ShownProblem;
}

export interface TaskView {
  /** The node's id in the plan. */
  readonly id: string;
  readonly task: string;
  readonly state: TaskState;
  readonly upstream: readonly string[];
  /** The number of the newest attempt; 0 before the first. */
  readonly attempt: number;
  readonly attempts: readonly AttemptView[];
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly progress?: ProgressView;
  readonly cache?: { readonly hit: boolean; readonly reason: string };
  readonly parameters: Json;
  readonly inputs: readonly NamedArtifact[];
  readonly outputs: readonly NamedArtifact[];
  readonly metrics?: Readonly<Record<string, number>>;
}

/** A run as its page shows it. */
export interface RunDetail extends RunSummary {
  readonly parameters: Json;
  readonly seed: number;
  /** What the run read from outside, as it was when the run began. */
  readonly sources: readonly NamedArtifact[];
  readonly taskViews: readonly TaskView[];
  /** The pipeline's own outputs, as far as they are there. */
  readonly outputs: readonly NamedArtifact[];
  /** What to type to go on after a failure. */
  readonly resume?: string;
}

/**
 * A run with its tasks. Any unique beginning of its id will do, from four characters.
 *
 * @throws NotFound when none or several begin so
 */
export async function runDetail(
  reader: Reader,
  principal: Pick<Principal, 'workspace'>,
  id: string,
  progress?: Pick<ProgressBoard, 'get'>,
): Promise<RunDetail> {
  const run = await findRun(reader, principal, id);
  const [summary] = await summariesOf(reader, [run]);
  const plan = await readPlan(reader, run);
  const rows = await readTasks(reader, run);
  const attempts = Map.groupBy(await readAttempts(reader, run), ({ node }) => node);
  const taskViews = rows.map((row) => {
    const node = nodeOf(plan, row.node);
    return taskView(row, attempts.get(row.node) ?? [], progress, {
      task: node.task,
      upstream: upstreamOf(node),
      parameters: node.parameters,
    });
  });
  const outputs = Object.entries(plan.outputs).flatMap(([name, origin]) => {
    if ('source' in origin) return named({ [name]: refsOf(run.sources)[origin.source] });
    const row = rows.find(({ node }) => node === origin.node);
    return named({ [name]: refsOf(row?.outputs ?? null)[origin.output] });
  });
  const stopped = run.state === 'failed' || run.state === 'cancelled';
  return {
    ...summary!,
    parameters: plan.parameters,
    seed: run.seed,
    sources: named(refsOf(run.sources)),
    taskViews,
    outputs,
    ...(stopped && { resume: `backlot run --resume ${run.id.slice(0, 7)}` }),
  };
}

function readAttempts(reader: Reader, run: RunRow): Promise<readonly AttemptRow[]> {
  return reader.all<AttemptRow>(
    'SELECT * FROM pipeline_attempts WHERE workspace = ? AND run = ? ORDER BY node, number',
    run.workspace,
    run.id,
  );
}

function taskView(
  row: TaskRow,
  attempts: readonly AttemptRow[],
  board: Pick<ProgressBoard, 'get'> | undefined,
  node: Pick<TaskView, 'task' | 'upstream' | 'parameters'>,
): TaskView {
  const progress = row.attempt_id === null ? undefined : board?.get(row.attempt_id);
  return {
    id: row.node,
    ...node,
    state: row.state,
    attempt: row.attempt,
    attempts: attempts.map(attemptView),
    ...(row.started_at !== null && { startedAt: row.started_at }),
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    ...(progress && { progress }),
    ...(row.cache_hit !== null && {
      cache: { hit: row.cache_hit === 1, reason: row.cache_reason ?? '' },
    }),
    inputs: named(refsOf(row.inputs)),
    outputs: named(refsOf(row.outputs)),
    ...(row.metrics !== null && { metrics: JSON.parse(row.metrics) as Record<string, number> }),
  };
}

function attemptView(row: AttemptRow): AttemptView {
  return {
    attempt: row.number,
    state: row.state,
    startedAt: row.started_at,
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    ...(row.error !== null && { error: shownProblem(row.error) }),
  };
}

function named(refs: { readonly [name: string]: ArtifactRef | undefined } | Refs): NamedArtifact[] {
  return Object.entries(refs).flatMap(([name, ref]) => (ref ? [{ name, ...ref }] : []));
}

/** The digests that a run's rows refer to: what garbage collection must keep. */
export async function* artifactDigests(reader: Reader): AsyncIterable<Digest> {
  const columns = [
    ['pipeline_runs', 'sources'],
    ['pipeline_tasks', 'inputs'],
    ['pipeline_tasks', 'outputs'],
    ['pipeline_cache', 'outputs'],
  ] as const;
  for (const [table, column] of columns) {
    const rows = await reader.all<{ readonly refs: string }>(
      `SELECT DISTINCT ${column} AS refs FROM ${table} WHERE ${column} IS NOT NULL`,
    );
    for (const { refs } of rows) for (const { digest } of Object.values(refsOf(refs))) yield digest;
  }
}
