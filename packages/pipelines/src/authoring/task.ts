import { isName, parseName } from '@backlot/core';
import * as z from 'zod';
import { BadDefinition } from '../pipelines-error.ts';
import type { ArtifactContent, ArtifactKind, StagedFile } from './artifact.ts';
import type { TaskContext } from './task-context.ts';

/** Artifact kinds by the name of an input or output. */
export type Kinds = Readonly<Record<string, ArtifactKind<unknown>>>;

/** The value that artifacts of a kind hold. */
export type ValueOf<Kind extends ArtifactKind<unknown>> = Awaited<ReturnType<Kind['decode']>>;

/** An input of a running task. Nothing is read until it is asked for. */
export interface Input<T> {
  readonly ref: ArtifactContent['ref'];
  read(): Promise<T>;
  path(): Promise<string>;
}

/** What a running task gets. */
export interface TaskCall<I extends Kinds, P extends z.ZodObject, Services> {
  readonly inputs: { readonly [K in keyof I]: Input<ValueOf<I[K]>> };
  readonly parameters: z.output<P>;
  readonly context: TaskContext<Services>;
}

/** What a task answers: for each output a value, or a file that holds it encoded. */
export type Results<O extends Kinds> = { readonly [K in keyof O]: ValueOf<O[K]> | StagedFile };

export interface TaskSpec<I extends Kinds, P extends z.ZodObject, O extends Kinds, Services> {
  readonly name: string;
  /** `import.meta.url` of the module that defines it: its version is the digest of that module. */
  readonly module: string;
  readonly inputs?: I;
  /** A strict object of plain values; parsing what it parsed must change nothing. */
  readonly parameters?: P;
  readonly outputs?: O;
  /** How often a failure that may pass is tried again; 2 when absent. */
  readonly retries?: number;
  /** How long an attempt may take; without a limit when absent. */
  readonly timeoutMs?: number;
  /** False for work whose result does not follow from its inputs; true when absent. */
  readonly cache?: boolean;
  run(call: TaskCall<I, P, Services>): Promise<Results<O>>;
}

/** A unit of work as a frozen value. */
export interface Task<I extends Kinds, P extends z.ZodObject, O extends Kinds> {
  readonly kind: 'task';
  readonly name: string;
  readonly module: string;
  readonly inputs: I;
  readonly parameters: P;
  readonly outputs: O;
  readonly retries: number;
  readonly timeoutMs: number | undefined;
  readonly cache: boolean;
  /** The worker's composition vouches for the services; a task declares them by `tasksWith`. */
  run(call: TaskCall<I, P, never>): Promise<Results<O>>;
}

/** A task of which no more is known. */
export type AnyTask = Task<Kinds, z.ZodObject, Kinds>;

type None = Readonly<Record<never, never>>;
type NoParameters = z.ZodObject<None, z.core.$strict>;

/** Defines tasks that expect services of a type from the worker. */
export type DefineTask<Services> = <
  I extends Kinds = None,
  P extends z.ZodObject = NoParameters,
  O extends Kinds = None,
>(
  spec: TaskSpec<I, P, O, Services>,
) => Task<I, P, O>;

/**
 * Defines a task.
 *
 * @example
 * export const splitByTime = task({
 *   name: 'split-by-time',
 *   module: import.meta.url,
 *   inputs: { events: plays },
 *   parameters: z.strictObject({ holdoutDays: z.number().int().min(1) }),
 *   outputs: { train: plays, test: plays },
 *   run: async ({ inputs, parameters }) => split(await inputs.events.read(), parameters.holdoutDays),
 * });
 */
export const task: DefineTask<unknown> = tasksWith<unknown>();

/** The `task` function for tasks that use the worker's services. */
export function tasksWith<Services>(): DefineTask<Services> {
  return (spec) => defineTask(spec);
}

function defineTask<I extends Kinds, P extends z.ZodObject, O extends Kinds, Services>(
  spec: TaskSpec<I, P, O, Services>,
): Task<I, P, O> {
  parseName(spec.name, 'task');
  const inputs = spec.inputs ?? ({} as I);
  const parameters = spec.parameters ?? (z.strictObject({}) as unknown as P);
  const outputs = spec.outputs ?? ({} as O);
  const { retries = 2, timeoutMs } = spec;
  checkNames(spec.name, Object.keys(inputs), Object.keys(outputs), Object.keys(parameters.shape));
  if (!Number.isInteger(retries) || retries < 0 || retries > 100) {
    throw new BadDefinition(spec.name, `retries is ${retries}, 0 to 100 is allowed`);
  }
  if (timeoutMs !== undefined && !(timeoutMs > 0)) {
    throw new BadDefinition(spec.name, `timeoutMs is ${timeoutMs}, more than 0 is allowed`);
  }
  return Object.freeze({
    kind: 'task',
    name: spec.name,
    module: spec.module,
    inputs: Object.freeze(inputs),
    parameters,
    outputs: Object.freeze(outputs),
    retries,
    timeoutMs,
    cache: spec.cache ?? true,
    run: (call: TaskCall<I, P, never>) => spec.run(call),
  });
}

const portName = /^[a-z][A-Za-z0-9]{0,62}$/;

function checkNames(
  place: string,
  inputs: readonly string[],
  outputs: readonly string[],
  parameters: readonly string[],
): void {
  for (const port of [...inputs, ...outputs]) {
    if (!portName.test(port) && !isName(port)) {
      throw new BadDefinition(place, `${JSON.stringify(port)} cannot name an input or output`);
    }
  }
  const twice = inputs.find((input) => parameters.includes(input));
  if (twice !== undefined) {
    throw new BadDefinition(place, `${twice} names both an input and a parameter`);
  }
}
