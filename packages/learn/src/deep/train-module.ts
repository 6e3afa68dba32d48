import {
  type Expression,
  type Feeds,
  type Optimiser,
  openGraph,
  openTraining,
  printGraph,
  rateAt,
  type Schedule,
  type Training,
} from '@backlot/compute';
import { seededRandom, throwIfCancelled } from '@backlot/core';
import { NotConverged } from '../error.ts';
import type { FitOptions } from '../fit-options.ts';
import { type BoundModule, type ParameterValues, startParameters } from './module.ts';

/** Where batches come from: rows by index, 0 to `rows` - 1. */
export interface Batches {
  readonly rows: number;
  readonly size: number;
  /** What a step is fed for these rows; `step` counts from 0 and is -1 for validation. */
  feeds(rows: Int32Array, step: number): Feeds;
}

export interface EarlyStopping {
  /** Of the rows, held out; the parameters of their lowest loss are kept. */
  readonly share: number;
  /** Epochs without a lower loss before the end. */
  readonly patience: number;
}

export interface TrainModuleOptions extends FitOptions {
  readonly module: BoundModule;
  /** A single number, made of the module's calls and the inputs that `batches` feeds. */
  readonly loss: Expression;
  readonly batches: Batches;
  readonly epochs: number;
  readonly optimiser: Optimiser;
  readonly schedule: Schedule;
  readonly clipNorm?: number;
  readonly earlyStopping?: EarlyStopping | undefined;
  /** Paths of tables of which a step moves only the rows that it reads. */
  readonly byRow?: readonly string[];
  /** How many places of a sequence each row has, for the size of a step; 1 when absent. */
  readonly places?: number;
  /** Before the first step, by path; drawn by the seed when absent. */
  readonly start?: ParameterValues;
  /** For messages. */
  readonly name?: string;
}

export interface TrainedModule {
  readonly parameters: ParameterValues;
  /** The mean loss of each epoch. */
  readonly losses: readonly number[];
  /** Of the held-out rows after each epoch, where there are some. */
  readonly validation: readonly number[];
}

/**
 * The one training loop of deep estimators and of one's own modules: batches in an order drawn anew for
 * each epoch, a report after each, cancelled between steps. ONNX Runtime's sums may depend on the number of
 * its threads: it has two for large steps and one for others, whatever `threads` says, which the
 * optimiser's kernels use. The same arguments and seed give
 * the same bytes. Throws `Cancelled`, `NotConverged` when the loss is no number, `InvalidExpression`.
 */
export async function trainModule(options: TrainModuleOptions): Promise<TrainedModule> {
  const { module, loss, optimiser, clipNorm, seed = 0, threads, signal } = options;
  throwIfCancelled(signal, 'the fit');
  const values = options.start ?? startParameters(module.module, seed);
  const parameters = Object.entries(module.parameters).map(([path, expression]) => {
    const byRow = options.byRow?.includes(path) === true;
    return { expression, values: values[path]!, byRow };
  });
  const plan = { loss, parameters, optimiser, ...(clipNorm !== undefined && { clipNorm }) };
  const mixed = (seed ^ Math.floor(seed / 2 ** 32)) | 0;
  await using training = await openTraining(plan, {
    ...{ threads, signal, runtimeThreads: runtimeThreads(options), seed: mixed },
  });
  return await runEpochs(training, options);
}

/** Products of a step from which a second thread gains more than it costs. */
const largeStep = 2 ** 23;

function runtimeThreads({ module, batches, byRow = [], places = 1 }: TrainModuleOptions): 1 | 2 {
  const dense = Object.entries(module.parameters).filter(([path]) => !byRow.includes(path));
  const weights = dense.reduce((sum, [, { shape }]) => {
    return sum + (shape as number[]).reduce((product, size) => product * size, 1);
  }, 0);
  return weights * batches.size * places > largeStep ? 2 : 1;
}

async function runEpochs(training: Training, options: TrainModuleOptions): Promise<TrainedModule> {
  const { batches, epochs, schedule, earlyStopping } = options;
  const random = seededRandom(options.seed ?? 0, 1_000_003);
  const order = Int32Array.from({ length: batches.rows }, (_, row) => row);
  const held = earlyStopping ? random.shuffle(order.slice()).slice(0, heldOf(options)) : undefined;
  const rows = held ? withoutRows(order, held) : order;
  await using validator = held && (await openValidator(options, held));
  const losses: number[] = [];
  const validation: number[] = [];
  let best: ParameterValues | undefined;
  for (let epoch = 0; epoch < epochs; epoch++) {
    random.shuffle(rows);
    let total = 0;
    for (let at = 0; at < rows.length; at += batches.size) {
      const chosen = rows.slice(at, at + batches.size);
      const rate = rateAt(schedule, training.steps);
      const result = await training.step(batches.feeds(chosen, training.steps), rate);
      total += result.loss * chosen.length;
    }
    const loss = total / rows.length;
    if (!Number.isFinite(loss)) throw diverged(options);
    losses.push(loss);
    options.onProgress?.({ step: 'epoch', done: epoch + 1, total: epochs, loss });
    throwIfCancelled(options.signal, 'the fit');
    if (!validator) continue;
    validation.push(await validator.lossOf(valuesOf(training)));
    const lowest = validation.indexOf(Math.min(...validation));
    if (lowest === epoch) best = valuesOf(training);
    if (epoch - lowest >= earlyStopping!.patience) break;
  }
  const parameters = best ?? valuesOf(training);
  const finite = Object.values(parameters).every((data) => data.every(Number.isFinite));
  if (!finite) throw diverged(options);
  return { parameters, losses, validation };
}

function heldOf({ batches, earlyStopping }: TrainModuleOptions): number {
  const wanted = Math.round(earlyStopping!.share * batches.rows);
  return Math.min(Math.max(1, wanted), Math.max(1, batches.rows - 1));
}

function withoutRows(order: Int32Array, held: Int32Array): Int32Array {
  const out = new Set(held);
  const rest = order.filter((row) => !out.has(row));
  return rest.length > 0 ? rest : order;
}

function valuesOf(training: Training): ParameterValues {
  return Object.fromEntries(
    Object.entries(training.parameters()).map(([path, { data }]) => [path, data as Float32Array]),
  );
}

function diverged({ name = 'the network' }: TrainModuleOptions): NotConverged {
  return new NotConverged(name, 'the loss is no number', 'a smaller learning rate may help');
}

/** The loss of the held-out rows without dropout. */
async function openValidator(options: TrainModuleOptions, held: Int32Array) {
  const { module, loss, batches } = options;
  const session = await openGraph(printGraph({ name: 'validation', outputs: { loss } }));
  const wanted = new Set(session.inputs);
  return {
    lossOf: async (values: ParameterValues): Promise<number> => {
      let total = 0;
      for (let at = 0; at < held.length; at += batches.size) {
        const rows = held.slice(at, at + batches.size);
        const given: Record<string, Feeds[string]> = { ...batches.feeds(rows, -1) };
        for (const [path, { shape }] of Object.entries(module.parameters)) {
          given[path] = { type: 'float', shape: shape as number[], data: values[path]! };
        }
        const fed = Object.entries(given).filter(([name]) => wanted.has(name));
        const found = await session.run(Object.fromEntries(fed));
        total += (found.loss!.data as Float32Array)[0]! * rows.length;
      }
      return total / held.length;
    },
    [Symbol.asyncDispose]: () => session.close(),
  };
}
