import { type Digest, digestOf } from '@backlot/core';
import type { PlanNode } from '../plan/plan.ts';
import type { Refs } from '../state/rows.ts';

/** What a task's result follows from, and the digest of it all. */
export interface CacheKey {
  readonly digest: Digest;
  readonly parts: CacheKeyParts;
  /** The input artifacts whole, for the run's page. */
  readonly inputs: Refs;
}

export interface CacheKeyParts {
  readonly task: string;
  /** The digest of the task's code. */
  readonly version: Digest;
  readonly parameters: Digest;
  readonly seed: number;
  readonly inputs: Readonly<Record<string, Digest>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/** The key of a node's result. A result is reused when, and only when, its key is the same. */
export function cacheKey(node: PlanNode, version: Digest, inputs: Refs, seed: number): CacheKey {
  const parts: CacheKeyParts = {
    task: node.task,
    version,
    parameters: digestOf(node.parameters),
    seed,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, { digest }]) => [name, digest])),
    outputs: node.outputs,
  };
  return { digest: digestOf(parts), parts, inputs };
}

/** In words, in what a key differs from an earlier one of the same node. */
export function differenceOf(parts: CacheKeyParts, earlier: CacheKeyParts): string {
  const differences: string[] = [];
  if (parts.version !== earlier.version) differences.push('the code changed');
  if (parts.parameters !== earlier.parameters) differences.push('the parameters changed');
  if (parts.seed !== earlier.seed) differences.push('the seed changed');
  for (const name of new Set([...Object.keys(parts.inputs), ...Object.keys(earlier.inputs)])) {
    if (parts.inputs[name] !== earlier.inputs[name]) differences.push(`the input ${name} changed`);
  }
  if (differences.length === 0) return 'the earlier result is no longer there';
  return differences.join(', ');
}
