import { throwIfCancelled } from '@backlot/core';
import { InvalidExpression } from '../error.ts';
import {
  type KernelCall,
  type KernelSession,
  openKernels,
  type Region,
} from '../kernel-session.ts';
import type { OnnxTensor } from '../onnx/onnx-graph.ts';
import { type OnnxSession, openGraph } from '../onnx/onnx-session.ts';
import { floatOf } from './attribute.ts';
import { DistinctRows } from './distinct-rows.ts';
import { type Expression, ordered } from './expression.ts';
import { type Optimiser, optimiserStep } from './optimiser.ts';
import { printGraph } from './print-graph.ts';
import { type SlotMemory, sizesOf, TrainingMemory } from './training-memory.ts';
import {
  fetchedOf,
  type TrainedParameter,
  type TrainingSlot,
  trainingSlots,
} from './training-slot.ts';

/** What is trained. */
export interface TrainingPlan {
  /** A single number that is made smaller. */
  readonly loss: Expression;
  readonly parameters: readonly TrainedParameter[];
  readonly optimiser: Optimiser;
  /** The most that the norm of all gradients together may be; longer ones are scaled down. */
  readonly clipNorm?: number;
  /** Other values that each step gives back. */
  readonly outputs?: Readonly<Record<string, Expression>>;
}

export interface TrainingOptions {
  readonly threads?: number | undefined;
  /**
   * Of ONNX Runtime, whose sums may depend on it; `threads` when absent. Given, the numbers are the same
   * whatever `threads` is.
   */
  readonly runtimeThreads?: number | undefined;
  /** Of the dropout masks. */
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface StepResult {
  /** Before the step. */
  readonly loss: number;
  /** Of all gradients, before clipping; only where the plan clips. */
  readonly norm?: number;
  readonly outputs: Readonly<Record<string, OnnxTensor>>;
}

/** All that a training needs to go on as if it had never stopped. */
export interface Checkpoint {
  readonly steps: number;
  readonly seed: number;
  /** By parameter's name: its numbers, and the first and second moments of its gradient. */
  readonly parameters: Readonly<Record<string, CheckpointedParameter>>;
}

interface CheckpointedParameter {
  readonly values: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** Tensors by the name of their input. */
export type Feeds = Readonly<Record<string, OnnxTensor>>;

type Found = Readonly<Record<string, OnnxTensor>>;

/**
 * Opens a training: one ONNX graph of the loss and its gradients over parameters in memory that ONNX
 * Runtime and the kernels share, so that nothing is copied between them; the optimiser's step is a kernel
 * over all parameters at once. Batches of any size fit the same graph. The same plan, feeds, seed and
 * number of threads give the same numbers. Throws `InvalidExpression`, `OnnxFailed`.
 *
 * @example
 * await using training = await openTraining({ loss, parameters, optimiser: adam() }, { threads: 2 });
 * for (const batch of batches) loss = (await training.step(batch, 0.001)).loss;
 */
export async function openTraining(
  plan: TrainingPlan,
  options: TrainingOptions = {},
): Promise<Training> {
  const slots = trainingSlots(plan.loss, plan.parameters);
  const outputs: Record<string, Expression> = { loss: plan.loss };
  for (const [name, one] of Object.entries(plan.outputs ?? {})) outputs[`out.${name}`] = one;
  for (const slot of slots) {
    for (const { name, expression } of fetchedOf(slot)) outputs[name] = expression;
  }
  const graph = printGraph({ name: 'training', outputs, masks: true });
  const threads = options.threads ?? 1;
  const kernels = await openKernels({ threads, signal: options.signal });
  try {
    const session = await openGraph(graph, { threads: options.runtimeThreads ?? threads });
    return new Training({
      plan,
      slots,
      nodes: ordered(Object.values(outputs)),
      kernels,
      session,
      options,
    });
  } catch (error) {
    await kernels.close();
    throw error;
  }
}

interface TrainingParts {
  readonly plan: TrainingPlan;
  readonly slots: readonly TrainingSlot[];
  readonly nodes: readonly Expression[];
  readonly kernels: KernelSession;
  readonly session: OnnxSession;
  readonly options: TrainingOptions;
}

/** Rows of a table that a step has read, each once, with the sums of their gradients. */
interface ReadRows {
  readonly gradients: Region;
  readonly rows: Region;
  readonly count: number;
}

/** Parameters that move by steps. */
export class Training implements AsyncDisposable {
  readonly #parts: TrainingParts;
  readonly #memory: TrainingMemory;
  readonly #inputs: readonly Expression[];
  readonly #masks: readonly Expression[];
  /** Of the tables that move by row. */
  readonly #distinct: ReadonlyMap<TrainingSlot, DistinctRows>;
  #seed: number;
  #steps = 0;

  constructor(parts: TrainingParts) {
    this.#parts = parts;
    this.#memory = new TrainingMemory(parts.kernels, parts.slots);
    this.#inputs = parts.nodes.filter(({ op }) => op === 'input');
    this.#masks = parts.nodes.filter(({ op }) => op === 'mask');
    const byRow = parts.slots.filter((slot) => slot.byRow);
    this.#distinct = new Map(byRow.map((slot) => [slot, new DistinctRows(slot.shape[0]!)]));
    this.#seed = parts.options.seed ?? 0;
    for (const slot of parts.slots) this.#memory.view(slot, 'parameters').set(slot.values);
  }

  /** Steps made so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Moves every parameter once, at a learning rate. Throws `Cancelled`, `InvalidExpression` for feeds that
   * do not fit, `OnnxFailed`. A training that was cancelled within a step is good for closing only.
   */
  async step(feeds: Feeds, rate: number): Promise<StepResult> {
    throwIfCancelled(this.#parts.options.signal, 'the training');
    const { plan, slots, kernels } = this.#parts;
    const found = await this.#run(feeds);
    const read = new Map<TrainingSlot, ReadRows>();
    const calls: KernelCall[] = [];
    for (const slot of slots) {
      if (slot.byRow) read.set(slot, this.#readRows(slot, found, calls));
      else this.#addRows(slot, found, calls);
    }
    const norm = plan.clipNorm === undefined ? undefined : await this.#norm(read, calls);
    const scale = norm === undefined ? 1 : Math.min(1, plan.clipNorm! / Math.max(norm, 1e-30));
    await kernels.runInOrder([...calls, ...this.#moves(read, rate, scale)]);
    this.#steps++;
    const names = Object.keys(plan.outputs ?? {});
    return {
      loss: (found.loss!.data as Float32Array)[0]!,
      outputs: Object.fromEntries(names.map((name) => [name, found[`out.${name}`]!])),
      ...(norm !== undefined && { norm }),
    };
  }

  async #run(feeds: Feeds): Promise<Found> {
    const { slots, session } = this.#parts;
    const sizes = sizesOf(this.#inputs, feeds);
    const given: Record<string, OnnxTensor> = {};
    for (const { name } of this.#inputs) given[name!] = feeds[name!]!;
    for (const mask of this.#masks) given[mask.name!] = await this.#drawMask(mask, sizes);
    const into: Record<string, OnnxTensor> = {};
    for (const slot of slots) {
      const { name, shape, whole } = slot;
      given[name] = { type: 'float', shape, data: this.#memory.view(slot, 'parameters') };
      if (whole)
        into[whole.name] = { type: 'float', shape, data: this.#memory.view(slot, 'gradients') };
      for (const part of slot.rows.flatMap(({ indices, values }) => [indices, values])) {
        into[part.name] = this.#memory.tensor(part.name, part.expression, sizes);
      }
    }
    // A table that is only read by rows does not come into the graph of its own gradient twice.
    const fed = Object.fromEntries(session.inputs.map((name) => [name, given[name]!]));
    return session.run(fed, into);
  }

  /** The numbers depend on the seed, the step and the mask's place alone. */
  async #drawMask(mask: Expression, sizes: ReadonlyMap<string, number>): Promise<OnnxTensor> {
    const tensor = this.#memory.tensor(`mask.${mask.name}`, mask, sizes);
    const rate = floatOf(mask, 'rate');
    const key =
      Math.imul(this.#seed + 1, 0x9e3779b1) ^
      Math.imul(this.#steps + 1, 0x85ebca77) ^
      Math.imul(this.#masks.indexOf(mask) + 1, 0xc2b2ae3d);
    const threshold = Math.round(rate * 2 ** 32) | 0;
    const { length } = tensor.data;
    const kept = 1 / (1 - rate);
    await this.#parts.kernels.run('dropMask', [
      tensor.region.address,
      length,
      key,
      threshold,
      kept,
    ]);
    return tensor;
  }

  /** Adds rows up in the gradient of their table, which the graph has written unless there is none. */
  #addRows(slot: TrainingSlot, found: Found, calls: KernelCall[]): void {
    if (slot.rows.length === 0) return;
    const { gradients } = this.#memory.of(slot);
    if (!slot.whole) this.#memory.view(slot, 'gradients').fill(0);
    this.#scatter(slot, found, gradients, slot.shape[0]!, calls);
  }

  #scatter(slot: TrainingSlot, found: Found, to: Region, rows: number, calls: KernelCall[]): void {
    for (const { indices, values } of slot.rows) {
      const { data, region } = found[indices.name] as OnnxTensor & { readonly region: Region };
      const from = (found[values.name] as OnnxTensor & { readonly region: Region }).region;
      const args = [region.address, data.length, from.address, to.address, rows, slot.shape[1]!];
      calls.push({ kernel: 'scatterRows', args });
    }
  }

  #readRows(slot: TrainingSlot, found: Found, calls: KernelCall[]): ReadRows {
    const { kernels } = this.#parts;
    // The indices' own memory is written over: nothing reads it after this but the sums below.
    const lists = slot.rows.map(({ indices }) => found[indices.name]!.data as BigInt64Array);
    const rows = this.#distinct.get(slot)!.number(lists);
    const bytes = 4 * rows.length * slot.shape[1]!;
    const gradients = this.#memory.scratch(`sums.${slot.name}`, bytes);
    kernels.float32({ ...gradients, bytes }).fill(0);
    const list = this.#memory.scratch(`list.${slot.name}`, 4 * rows.length);
    kernels.int32(list).set(rows);
    this.#scatter(slot, found, gradients, rows.length, calls);
    return { gradients, rows: list, count: rows.length };
  }

  /** Makes the calls, and the norm of what they leave; the list is empty after it. */
  async #norm(read: ReadonlyMap<TrainingSlot, ReadRows>, calls: KernelCall[]): Promise<number> {
    const { kernels } = this.#parts;
    const sums: Region[] = [];
    const add = (name: string, { address }: Region, length: number): void => {
      const blocks = Math.ceil(length / 16384);
      const region = this.#memory.scratch(`squares.${name}`, 8 * Math.max(1, blocks));
      sums.push({ address: region.address, bytes: 8 * blocks });
      calls.push({ kernel: 'sumSquares', args: [address, length, region.address] });
    };
    add('', this.#memory.all.gradients, this.#memory.dense);
    for (const [slot, { gradients, count }] of read)
      add(slot.name, gradients, count * slot.shape[1]!);
    await kernels.runInOrder(calls.splice(0));
    const squares = sums.flatMap((region) => Array.from(kernels.float64(region)));
    return Math.sqrt(squares.reduce((sum, value) => sum + value, 0));
  }

  #moves(
    read: ReadonlyMap<TrainingSlot, ReadRows>,
    rate: number,
    scale: number,
  ): readonly KernelCall[] {
    const { kind, ...at } = optimiserStep(this.#parts.plan.optimiser, rate, this.#steps + 1);
    const tail = [at.rate, at.correction, at.beta1, at.beta2, at.epsilon, at.decay, at.kept, scale];
    const move = (
      memory: SlotMemory,
      gradients: Region,
      rows: number,
      units: number,
      width: number,
    ): KernelCall => {
      const { parameters, first, second } = memory;
      const places = [parameters, gradients, first, second].map(({ address }) => address);
      return { kernel: 'optimise', args: [kind, ...places, rows, units, width, ...tail] };
    };
    const { all, dense } = this.#memory;
    const whole = dense > 0 ? [move(all, all.gradients, 0, dense / 16, 16)] : [];
    const byRow = Array.from(read, ([slot, { gradients, rows, count }]) =>
      move(this.#memory.of(slot), gradients, rows.address, count, slot.shape[1]!),
    );
    return [...whole, ...byRow];
  }

  /** The numbers of every parameter, copied. */
  parameters(): Readonly<Record<string, OnnxTensor>> {
    return Object.fromEntries(
      this.#parts.slots.map((slot) => {
        return [
          slot.name,
          { type: 'float', shape: slot.shape, data: this.#copy(slot, 'parameters') },
        ];
      }),
    );
  }

  #copy(slot: TrainingSlot, what: keyof SlotMemory): Float32Array {
    return Float32Array.from(this.#memory.view(slot, what).subarray(0, slot.length));
  }

  /** Everything that the next step depends on, copied. */
  checkpoint(): Checkpoint {
    const entries = this.#parts.slots.map((slot) => {
      const [values, first, second] = (['parameters', 'first', 'second'] as const).map((what) => {
        return this.#copy(slot, what);
      });
      return [slot.name, { values: values!, first: first!, second: second! }] as const;
    });
    return { steps: this.#steps, seed: this.#seed, parameters: Object.fromEntries(entries) };
  }

  /** Goes on from a checkpoint of a training of the same plan. Throws `InvalidExpression` for another's. */
  resume({ steps, seed, parameters }: Checkpoint): void {
    for (const slot of this.#parts.slots) {
      const kept = parameters[slot.name];
      if (kept?.values.length !== slot.length) {
        throw new InvalidExpression(slot.name, 'the checkpoint is of another plan');
      }
      this.#memory.view(slot, 'parameters').set(kept.values);
      this.#memory.view(slot, 'first').set(kept.first);
      this.#memory.view(slot, 'second').set(kept.second);
    }
    this.#steps = steps;
    this.#seed = seed;
  }

  /** Gives memory and threads back. */
  async close(): Promise<void> {
    await this.#parts.session.close();
    await this.#parts.kernels.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
