import { type Stated, taskState } from '../state.ts';
import type { LayoutNode } from './layout.ts';

/** What a node needs of a task; a pipeline that never ran gives tasks without a state. */
export interface FoldTask {
  readonly id: string;
  readonly task: string;
  readonly upstream: readonly string[];
  readonly stated: Stated;
}

/** One task, or all shards of a fan-out as one node. */
export interface FoldedNode extends LayoutNode {
  readonly title: string;
  readonly stated: Stated;
  readonly tasks: readonly FoldTask[];
  readonly done: number;
}

/** Signs from the most to the least urgent: a fold shows its most urgent shard's. */
const urgency = ['fail', 'run', 'wait', 'warn', 'idle', 'skipped', 'ok', 'cached'];

/** Shards of one task fold into a node, named by what stands before the `/` or `#` of their ids. */
export function foldFanOuts(tasks: readonly FoldTask[]): readonly FoldedNode[] {
  const foldOf = new Map(tasks.map((task) => [task.id, foldName(task.id)] as const));
  const groups = Map.groupBy(tasks, (task) => foldOf.get(task.id)!);
  return [...groups].map(([title, group]) => ({
    id: title,
    title,
    tasks: group.toSorted(byUrgency),
    stated: group.toSorted(byUrgency)[0]!.stated,
    done: group.filter(({ stated }) => stated.sign === 'ok' || stated.sign === 'cached').length,
    upstream: [
      ...new Set(group.flatMap((task) => task.upstream.map((id) => foldOf.get(id) ?? id))),
    ].filter((id) => id !== title),
  }));
}

function foldName(id: string): string {
  return id.split(/[/#]/)[0]!;
}

/** The part of a shard's id that tells it from its siblings, such as `EG` of `evaluate/EG`. */
export function shardName(id: string): string {
  return id.split(/[/#]/).slice(1).join('/') || id;
}

function byUrgency(one: FoldTask, two: FoldTask): number {
  return urgency.indexOf(one.stated.sign) - urgency.indexOf(two.stated.sign);
}

/** Tasks of a run as the graph takes them. */
export function foldTasks(
  tasks: readonly (Parameters<typeof taskState>[0] & Omit<FoldTask, 'stated'>)[],
): readonly FoldTask[] {
  return tasks.map((task) => ({
    id: task.id,
    task: task.task,
    upstream: task.upstream,
    stated: taskState(task),
  }));
}
