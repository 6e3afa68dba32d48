import type { Principal } from '@backlot/access';
import type { Io, Json } from '@backlot/core';
import type { Objects } from '@backlot/store';

/** How far a task is. */
export interface Progress {
  readonly done: number;
  readonly total?: number;
  /** In the plural: `rows`, `epochs`. */
  readonly unit: string;
  /** What the work makes smaller, where there is such a number. */
  readonly loss?: number;
}

/** A change of the metadata that the owner makes when, and only when, the task's commit holds. */
export interface Effect {
  readonly kind: string;
  readonly payload: Json;
}

/** What a task may touch. It has no way to the metadata: what it wants changed there is an effect. */
export interface TaskContext<Services = unknown> {
  readonly io: Io;
  readonly objects: Objects;
  /** A folder of this attempt's own, on the disk of the state folder; removed afterwards. */
  readonly scratch: string;
  /** Fires when the run is cancelled, the attempt is out of time or its lease is lost. */
  readonly signal: AbortSignal;
  /** The run's seed. Every random number of the task comes from it. */
  readonly seed: number;
  /** Whoever started the run. */
  readonly principal: Principal;
  /** Where the task stands. Results must not depend on it. */
  readonly origin: { readonly run: string; readonly node: string; readonly attempt: string };
  /** What the worker's composition passes in: engines, keys. */
  readonly services: Services;
  progress(progress: Progress): void;
  log(text: string): void;
  /** Applied in the commit's own transaction, by the handler that the owner has for the kind. */
  effect(kind: string, payload: Json): void;
  /** A figure that the run's page shows. */
  metric(name: string, value: number): void;
}
