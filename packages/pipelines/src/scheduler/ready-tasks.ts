import { assert, present } from '@backlot/core';
import type { Reader } from '@backlot/store';
import type { ArtifactRef } from '../authoring/artifact.ts';
import type { Plan } from '../plan/plan.ts';
import { nodeOf, type Refs, type RunRow, readTask, refsOf, type TaskRow } from '../state/rows.ts';
import type { TaskVersions } from '../version/task-versions.ts';
import { type CacheKey, cacheKey } from './cache-key.ts';
import { codeOfPlan, type Definitions } from './definitions.ts';

const batch = 64;

/**
 * Queued tasks that wait for nothing any more, the highest priority and then the oldest run first.
 * No task waits longer than the longest backoff: one that seems to was put off before the wall clock
 * was set back.
 */
export function readyTasks(
  reader: Reader,
  now: number,
  longestWaitMs: number,
): Promise<readonly TaskRow[]> {
  return reader.all<TaskRow>(
    `SELECT t.* FROM pipeline_tasks t JOIN pipeline_runs r
       ON r.workspace = t.workspace AND r.id = t.run
     WHERE t.state = 'queued' AND t.waiting = 0
       AND (t.ready_at <= ? OR t.ready_at > ?)
       AND r.state IN ('queued', 'running')
     ORDER BY r.priority DESC, r.created_at, r.id, t.position LIMIT ${batch}`,
    now,
    now + longestWaitMs,
  );
}

/** When the next task that waits for a try again becomes ready. */
export async function nextReadyAt(reader: Reader, now: number): Promise<number | undefined> {
  const row = await reader.get<{ readonly at: number | null }>(
    `SELECT MIN(ready_at) AS at FROM pipeline_tasks
     WHERE state = 'queued' AND waiting = 0 AND ready_at > ?`,
    now,
  );
  return row?.at ?? undefined;
}

/** What a ready task's result will follow from. */
export async function keyOfTask(
  reader: Reader,
  definitions: Definitions,
  versions: Pick<TaskVersions, 'versionOf'>,
  run: RunRow,
  plan: Plan,
  task: TaskRow,
): Promise<CacheKey> {
  const code = codeOfPlan(definitions, plan, run.plan).tasks.get(task.node);
  const version = await versions.versionOf(present(code, `the task of ${task.node}`).module);
  const node = nodeOf(plan, task.node);
  return cacheKey(node, version, await inputsOf(reader, run, plan, task), run.seed);
}

async function inputsOf(reader: Reader, run: RunRow, plan: Plan, task: TaskRow): Promise<Refs> {
  const sources = refsOf(run.sources);
  const inputs: Record<string, ArtifactRef> = {};
  for (const [name, origin] of Object.entries(nodeOf(plan, task.node).inputs)) {
    if ('source' in origin) {
      inputs[name] = present(sources[origin.source], `the source ${origin.source}`);
      continue;
    }
    const upstream = await readTask(reader, run.workspace, run.id, origin.node);
    assert(upstream.state === 'succeeded', 'a ready task has all it needs');
    inputs[name] = present(refsOf(upstream.outputs)[origin.output], `the output ${origin.output}`);
  }
  return inputs;
}
