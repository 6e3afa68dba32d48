import { canonicalJson, type Digest, digestOf, type Json, parseName } from '@backlot/core';
import * as z from 'zod';
import {
  type Handle,
  type Handles,
  isHandle,
  type NodeOptions,
  type Origin,
  type Pipeline,
  type RunTask,
  type Wiring,
} from '../authoring/pipeline.ts';
import type { AnyTask, Kinds, Task } from '../authoring/task.ts';
import { BadDefinition, BadParameters } from '../pipelines-error.ts';
import { moduleReference } from './module-reference.ts';
import { isShard, nodeId } from './task-reference.ts';

/** A pipeline as frozen plain data, for one set of run parameters. */
export interface Plan {
  readonly kind: 'plan';
  readonly pipeline: string;
  readonly seed: number;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly sources: readonly PlanSource[];
  /** In an order in which each comes after what it needs. */
  readonly nodes: readonly PlanNode[];
  readonly outputs: Readonly<Record<string, Origin>>;
}

export interface PlanSource {
  readonly name: string;
  readonly kind: string;
}

export interface PlanNode {
  /** `name` or `name#shard`. */
  readonly id: string;
  readonly task: string;
  /** The package and the path in it, such as `@shop/jobs/src/fit.ts`. */
  readonly module: string;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly inputs: Readonly<Record<string, Origin>>;
  /** The kinds of the outputs. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly retries: number;
  readonly timeoutMs?: number;
  readonly cache: boolean;
}

/** A plan with the tasks that its nodes run. */
export interface CompiledPipeline {
  readonly plan: Plan;
  readonly digest: Digest;
  /** By node id. */
  readonly tasks: ReadonlyMap<string, AnyTask>;
}

/** The plan of a pipeline: the same pipeline and parameters give the same data everywhere. */
export function plan(pipeline: Pipeline, parameters: unknown = {}): Plan {
  return compilePipeline(pipeline, parameters).plan;
}

/** The name of a plan. */
export function planDigest(plan: Plan): Digest {
  return digestOf(plan);
}

/** The nodes that a node needs, each once. */
export function upstreamOf(node: PlanNode): readonly string[] {
  const origins = Object.values(node.inputs);
  return [...new Set(origins.flatMap((origin) => ('node' in origin ? [origin.node] : [])))];
}

/** The nodes that need a node, in the plan's order. */
export function downstreamOf(plan: Plan, id: string): readonly string[] {
  return graphOf(plan).downstream.get(id) ?? [];
}

/** A node of a plan, if it is there. */
export function nodeById(plan: Plan, id: string): PlanNode | undefined {
  return graphOf(plan).nodes.get(id);
}

interface PlanGraph {
  readonly nodes: ReadonlyMap<string, PlanNode>;
  readonly downstream: ReadonlyMap<string, readonly string[]>;
}

/** A plan is frozen, so what was found out about it once holds. */
const graphs = new WeakMap<Plan, PlanGraph>();

function graphOf(plan: Plan): PlanGraph {
  const known = graphs.get(plan);
  if (known) return known;
  const downstream = new Map<string, string[]>();
  for (const node of plan.nodes) {
    for (const id of upstreamOf(node)) {
      const next = downstream.get(id);
      if (next) next.push(node.id);
      else downstream.set(id, [node.id]);
    }
  }
  const made = { nodes: new Map(plan.nodes.map((node) => [node.id, node])), downstream };
  graphs.set(plan, made);
  return made;
}

/** Makes the plan, and keeps the tasks that carry it out. */
export function compilePipeline(pipeline: Pipeline, parameters: unknown = {}): CompiledPipeline {
  const builder = new PlanBuilder(pipeline, plainParameters(pipeline.name, pipeline, parameters));
  const plan = builder.build();
  return { plan, digest: planDigest(plan), tasks: builder.tasks };
}

class PlanBuilder {
  readonly tasks = new Map<string, AnyTask>();
  readonly #pipeline: Pipeline;
  readonly #parameters: Readonly<Record<string, Json>>;
  readonly #nodes: PlanNode[] = [];
  readonly #sources = new Map<string, string>();

  constructor(pipeline: Pipeline, parameters: Readonly<Record<string, Json>>) {
    this.#pipeline = pipeline;
    this.#parameters = parameters;
  }

  build(): Plan {
    const run: RunTask = (task, wiring, options) => this.#add(task, wiring, options);
    const outputs = this.#pipeline.define(run, this.#parameters) ?? {};
    if (this.#nodes.length === 0) throw this.#bad('it has no task');
    return deepFreeze({
      kind: 'plan',
      pipeline: this.#pipeline.name,
      seed: this.#pipeline.seed,
      parameters: this.#parameters,
      sources: [...this.#sources].sort().map(([name, kind]) => ({ name, kind })),
      nodes: this.#nodes,
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([name, handle]) => [name, this.#origin(name, handle)]),
      ),
    });
  }

  #add<I extends Kinds, P extends z.ZodObject, O extends Kinds>(
    task: Task<I, P, O>,
    wiring: Wiring<I, P>,
    options: NodeOptions = {},
  ): Handles<O> {
    const id = this.#idOf(task.name, options);
    const given = wiring as Readonly<Record<string, unknown>>;
    const inputs: Record<string, Origin> = {};
    for (const [name, kind] of Object.entries(task.inputs)) {
      inputs[name] = this.#origin(`${id}.${name}`, given[name], kind.kind);
    }
    const plain = Object.entries(given).filter(([name]) => !Object.hasOwn(task.inputs, name));
    const timeoutMs = options.timeoutMs ?? task.timeoutMs;
    this.#nodes.push({
      id,
      task: task.name,
      module: moduleReference(task.module),
      parameters: plainParameters(
        `${this.#pipeline.name}/${id}`,
        task as unknown as AnyTask,
        Object.fromEntries(plain),
      ),
      inputs,
      outputs: kindNames(task.outputs),
      retries: options.retries ?? task.retries,
      ...(timeoutMs !== undefined && { timeoutMs }),
      cache: options.cache ?? task.cache,
    });
    this.tasks.set(id, task as unknown as AnyTask);
    return outputHandles(id, task.outputs);
  }

  #idOf(taskName: string, { name = taskName, shard }: NodeOptions): string {
    parseName(name, 'node');
    if (shard !== undefined && !isShard(shard)) {
      throw this.#bad(`the shard of ${name} is neither a name nor a number`);
    }
    const id = nodeId({ task: name, ...(shard !== undefined && { shard }) });
    if (this.tasks.has(id)) {
      throw this.#bad(`two nodes are called ${id}; give one of them another name or a shard`);
    }
    return id;
  }

  #origin(place: string, value: unknown, kind?: string): Origin {
    if (!isHandle(value)) throw this.#bad(`${place} is not an output of a task or a source`);
    if (kind !== undefined && value.kind !== kind) {
      throw this.#bad(`${place} takes ${kind}, given is ${value.kind}`);
    }
    const origin = value.handle;
    if ('node' in origin) {
      const known = this.#nodes.find((node) => node.id === origin.node)?.outputs[origin.output];
      if (known !== value.kind) throw this.#bad(`${place} is an output of another pipeline`);
      return { node: origin.node, output: origin.output };
    }
    const known = this.#sources.get(origin.source);
    if (known !== undefined && known !== value.kind) {
      throw this.#bad(`the source ${origin.source} is both ${known} and ${value.kind}`);
    }
    this.#sources.set(origin.source, value.kind);
    return { source: origin.source };
  }

  #bad(reason: string): BadDefinition {
    return new BadDefinition(this.#pipeline.name, reason);
  }
}

function kindNames(kinds: Kinds): Record<string, string> {
  return Object.fromEntries(Object.entries(kinds).map(([name, { kind }]) => [name, kind]));
}

function outputHandles<O extends Kinds>(node: string, outputs: O): Handles<O> {
  const handles: Record<string, Handle<unknown>> = {};
  for (const [output, { kind }] of Object.entries(outputs)) {
    handles[output] = Object.freeze({ handle: Object.freeze({ node, output }), kind });
  }
  return Object.freeze(handles) as Handles<O>;
}

/**
 * The parameters as the schema reads them. They are kept as JSON and read once more by the worker,
 * so reading them twice must not change them.
 */
function plainParameters(
  place: string,
  { parameters: schema }: { readonly parameters: z.ZodObject },
  given: unknown,
): Readonly<Record<string, Json>> {
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw new BadParameters(place, z.prettifyError(parsed.error));
  const text = canonicalJson(parsed.data);
  const again = schema.safeParse(JSON.parse(text));
  if (!again.success || canonicalJson(again.data) !== text) {
    throw new BadDefinition(place, 'its schema changes parameters that it has already read');
  }
  return JSON.parse(text) as Record<string, Json>;
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
