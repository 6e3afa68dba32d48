import {
  type Expression,
  type Feeds,
  type OnnxSession,
  type OnnxTensor,
  openGraph,
  printGraph,
} from '@backlot/compute';
import type { TensorShape } from '../fit-options.ts';
import { type FittedModel, float32, type Tensor, tensorOf } from '../fitted-model.ts';
import { type Module, moduleParameters, type ParameterValues } from './module.ts';

/** What parameters are called among the tensors of a model. */
const prefix = 'network.';

/** The tensors that a model of this network declares. */
export function networkShapes(module: Module): Readonly<Record<string, TensorShape>> {
  const entries = Object.entries(moduleParameters(module)).map(([path, { shape }]) => {
    return [`${prefix}${path}`, { type: 'float32', shape } as const];
  });
  return Object.fromEntries(entries);
}

/** The tensors of a trained network. */
export function networkTensors(
  module: Module,
  values: ParameterValues,
): Readonly<Record<string, Tensor>> {
  const entries = Object.entries(moduleParameters(module)).map(([path, { shape }]) => {
    return [`${prefix}${path}`, float32(shape, values[path]!)] as const;
  });
  return Object.fromEntries(entries);
}

/** The parameters of a fitted model as a graph has them, by path. */
export function networkValues(
  model: Pick<FittedModel, 'tensors'>,
  module: Module,
): ReadonlyMap<string, OnnxTensor> {
  const entries = Object.entries(moduleParameters(module)).map(([path, { shape }]) => {
    const { data } = tensorOf(model as FittedModel, `${prefix}${path}`, 'float32');
    return [path, { type: 'float', shape, data }] as const;
  });
  return new Map(entries);
}

/** Numbers of a trained network before they are a model. */
export function plainValues(
  module: Module,
  values: ParameterValues,
): ReadonlyMap<string, OnnxTensor> {
  return networkValues({ tensors: networkTensors(module, values) }, module);
}

/** Sessions live as long as their model: ONNX Runtime frees one when it is collected. */
const sessions = new WeakMap<object, Promise<OnnxSession>>();

/** Runs the network of a model; the graph is made and loaded at the first call. */
export async function runNetwork(
  model: object,
  graph: () => {
    readonly outputs: Readonly<Record<string, Expression>>;
    readonly values: ReadonlyMap<string, OnnxTensor>;
  },
  feeds: Feeds,
): Promise<Readonly<Record<string, OnnxTensor>>> {
  let session = sessions.get(model);
  if (!session) {
    session = openGraph(printGraph({ name: 'network', ...graph() }));
    sessions.set(model, session);
  }
  return (await session).run(feeds);
}

/** Rows of a run: always as many, so that a row's sums do not depend on its neighbours. */
export const runRows = 64;

/** Calls `run` for every 64 rows; the last batch is filled up by repeating its last row. */
export async function inBatches(
  rows: number,
  run: (places: Int32Array, count: number) => Promise<void>,
): Promise<void> {
  for (let first = 0; first < rows; first += runRows) {
    const count = Math.min(runRows, rows - first);
    const places = Int32Array.from({ length: runRows }, (_, at) => first + Math.min(at, count - 1));
    await run(places, count);
  }
}
