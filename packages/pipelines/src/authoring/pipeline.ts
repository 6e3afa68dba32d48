import { parseName } from '@backlot/core';
import * as z from 'zod';
import { BadDefinition } from '../pipelines-error.ts';
import type { Cron } from '../schedule/cron.ts';
import type { CatchUp } from '../schedule/due-times.ts';
import type { ArtifactKind } from './artifact.ts';
import type { Kinds, Task, ValueOf } from './task.ts';

/** A value that will exist when the run comes to it: an output of a task, or a source. */
export interface Handle<T> {
  readonly handle: Origin;
  /** The artifact kind's name. */
  readonly kind: string;
  /** Carries the type; there is never a value. */
  readonly value?: T;
}

/** Where a handle's value comes from. */
export type Origin =
  | { readonly source: string }
  | { readonly node: string; readonly output: string };

/** Inputs (handles) and parameters (plain values) of a task in one flat object. */
export type Wiring<I extends Kinds, P extends z.ZodObject> = {
  readonly [K in keyof I]: Handle<ValueOf<I[K]>>;
} & ([keyof P['shape']] extends [never] ? unknown : Readonly<z.input<P>>);

/** The handles of a task's outputs. */
export type Handles<O extends Kinds> = { readonly [K in keyof O]: Handle<ValueOf<O[K]>> };

export interface NodeOptions {
  /** Names the node when the task stands in the pipeline more than once; the task's name if absent. */
  readonly name?: string;
  /** Tells nodes of one name apart: a storefront, `0`, `1`. */
  readonly shard?: string;
  readonly retries?: number;
  readonly timeoutMs?: number;
  readonly cache?: boolean;
}

/** Puts a task into the pipeline and answers the handles of its outputs. */
export type RunTask = <I extends Kinds, P extends z.ZodObject, O extends Kinds>(
  task: Task<I, P, O>,
  wiring: Wiring<I, P>,
  options?: NodeOptions,
) => Handles<O>;

/** What a pipeline's function may answer: the handles that count as the pipeline's outputs. */
export type PipelineOutputs = Readonly<Record<string, Handle<unknown>>>;

export interface Pipeline<P extends z.ZodObject = z.ZodObject> {
  readonly kind: 'pipeline';
  readonly name: string;
  /** Given to each task, unless the run is started with another. */
  readonly seed: number;
  /** Parameters of a run; the plan depends on them. */
  readonly parameters: P;
  /** When it runs by itself. */
  readonly schedule?: Cron;
  readonly catchUp: CatchUp;
  readonly timeParameter?: string;
  // A method, so that pipelines with parameters of their own stand in one list.
  define(run: RunTask, parameters: z.output<P>): PipelineOutputs | undefined;
}

export interface PipelineOptions<P extends z.ZodObject> {
  /** 0 when absent. */
  readonly seed?: number;
  readonly parameters?: P;
  /** When it runs by itself: `cron('0 4 * * *', 'America/Los_Angeles')`. */
  readonly schedule?: Cron;
  /** What becomes of times that passed while nothing ran; `latest` when absent. */
  readonly catchUp?: CatchUp;
  /**
   * The parameter that takes the scheduled time, as ISO text in UTC. Results that depend on the time
   * must take it so: whatever else a task reads of the clock is not in its key.
   */
  readonly timeParameter?: keyof z.input<P> & string;
}

/**
 * Defines a pipeline. Its function is called whenever a plan is made, and only puts tasks together:
 * it must not read files, the clock or anything else that changes.
 *
 * @example
 * export const daily = pipeline('daily', { seed: 7 }, (run) => {
 *   const { train, test } = run(splitByTime, { events: source(plays, 'plays'), holdoutDays: 7 });
 *   const { model } = run(fit, { on: train, factors: 64 });
 *   return run(evaluate, { model, on: test });
 * });
 */
export function pipeline<P extends z.ZodObject = z.ZodObject<Record<never, never>, z.core.$strict>>(
  name: string,
  options: PipelineOptions<P>,
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is the usual one.
  define: (run: RunTask, parameters: z.output<P>) => PipelineOutputs | void,
): Pipeline<P> {
  parseName(name, 'pipeline');
  const { seed = 0, parameters = z.strictObject({}) as unknown as P } = options;
  const { schedule, catchUp = 'latest', timeParameter } = options;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new BadDefinition(name, `the seed is ${seed}, a whole number from 0 is allowed`);
  }
  return Object.freeze({
    kind: 'pipeline',
    name,
    seed,
    parameters,
    catchUp,
    ...(schedule !== undefined && { schedule }),
    ...(timeParameter !== undefined && { timeParameter }),
    define: (run: RunTask, values: z.output<P>) => define(run, values) ?? undefined,
  });
}

/**
 * Something from outside the run: a table's current snapshot, a given file. It is resolved to an
 * artifact when the run starts, and pinned in the run.
 */
export function source<T>(kind: ArtifactKind<T>, name: string): Handle<T> {
  parseName(name, 'source');
  return Object.freeze({ handle: Object.freeze({ source: name }), kind: kind.kind });
}

/** Whether a value of a wiring is a handle. */
export function isHandle(value: unknown): value is Handle<unknown> {
  return typeof value === 'object' && value !== null && 'handle' in value && 'kind' in value;
}
