import type { Principal } from '@backlot/access';
import type { Digest, Json } from '@backlot/core';
import type { Transaction } from '@backlot/store';
import type { Effect } from '../authoring/task-context.ts';
import { BadCommit } from '../pipelines-error.ts';
import type { Refs } from './rows.ts';

/** Where an effect comes from: what lineage needs to know. */
export interface EffectOrigin {
  readonly run: string;
  readonly pipeline: string;
  readonly plan: Digest;
  readonly node: string;
  readonly task: string;
  /** The digest of the code that ran. */
  readonly version: Digest;
  readonly seed: number;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly inputs: Refs;
  readonly outputs: Refs;
  readonly metrics: Readonly<Record<string, number>>;
  /** The effect was stored by an earlier run and is applied again. */
  readonly cached: boolean;
}

/**
 * Makes one kind of change, in the commit's transaction, in the name of whoever started the run.
 * It must be idempotent: a cache hit applies the same effect again.
 */
export type EffectHandler = (
  tx: Transaction,
  principal: Principal,
  payload: Json,
  origin: EffectOrigin,
) => Promise<void>;

export type EffectHandlers = Readonly<Record<string, EffectHandler>>;

/** Applies effects in their order; one without a handler refuses the commit. */
export async function applyEffects(
  tx: Transaction,
  handlers: EffectHandlers,
  principal: Principal,
  effects: readonly Effect[],
  origin: EffectOrigin,
): Promise<void> {
  for (const { kind, payload } of effects) {
    const handler = Object.hasOwn(handlers, kind) ? handlers[kind] : undefined;
    if (!handler) throw new BadCommit(origin.node, `nothing can apply the effect ${kind}`);
    await handler(tx, principal, payload, origin);
  }
}
