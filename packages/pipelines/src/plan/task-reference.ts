import { type Digest, isDigest, isName } from '@backlot/core';
import { BadTaskReference } from '../pipelines-error.ts';

/** A task of a plan in a workspace; it names work, not a run of it. */
export interface TaskReference {
  readonly workspace: string;
  readonly pipeline: string;
  readonly plan: Digest;
  readonly task: string;
  readonly shard?: string;
}

/**
 * The reference as text.
 *
 * @example
 * `media/daily@${plan}/fit#us`; // <workspace>/<pipeline>@<plan digest>/<task>[#<shard>]
 */
export function printTaskReference(reference: TaskReference): string {
  const { workspace, pipeline, plan } = reference;
  return `${workspace}/${pipeline}@${plan}/${nodeId(reference)}`;
}

/** The reference in a text, or a usage error. */
export function parseTaskReference(text: string): TaskReference {
  const match = /^([^/@#]+)\/([^/@#]+)@([^/@#]+)\/([^/@#]+)(?:#([^/@#]+))?$/.exec(text);
  const [, workspace, pipeline, plan, task, shard] = match ?? [];
  if (!isName(workspace) || !isName(pipeline) || !isDigest(plan) || !isName(task)) {
    throw new BadTaskReference();
  }
  if (shard !== undefined && !isShard(shard)) throw new BadTaskReference();
  return { workspace, pipeline, plan, task, ...(shard !== undefined && { shard }) };
}

/** The id of a node in its plan: `task` or `task#shard`. */
export function nodeId(node: { readonly task: string; readonly shard?: string }): string {
  return node.shard === undefined ? node.task : `${node.task}#${node.shard}`;
}

/** Whether a text can tell the shards of a task apart: a name or a number. */
export function isShard(text: string): boolean {
  return isName(text) || /^(?:0|[1-9][0-9]{0,5})$/.test(text);
}
