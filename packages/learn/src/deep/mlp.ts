import {
  add,
  constant,
  crossEntropy,
  divide,
  type Expression,
  input,
  mean,
  multiplyElements,
  type OnnxGraph,
  type OnnxTensor,
  printGraph,
  reshape,
  softmax,
  square,
  subtract,
} from '@backlot/compute';
import type { ParametersOf } from '../constraint.ts';
import { InvalidModel } from '../error.ts';
import { classesOf, type Examples } from '../examples.ts';
import { type Features, featuresAs } from '../features.ts';
import type { FitOptions, TensorShape } from '../fit-options.ts';
import { float64, type TabularModel, type Tensor, tensorOf } from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { Learned, TabularKind } from '../tabular-kind.ts';
import { type ColumnScale, columnScale, scaledRows } from './column-scale.ts';
import { deepConstraints, layersOf, trainingOf } from './deep-parameters.ts';
import { bindModule, type Module } from './module.ts';
import {
  inBatches,
  networkShapes,
  networkTensors,
  networkValues,
  runNetwork,
  runRows,
} from './network-tensors.ts';
import { trainModule } from './train-module.ts';

type Values = ParametersOf<typeof deepConstraints>;
export type MlpRegressor = Specification<'mlpRegressor', Values>;
export type MlpClassifier = Specification<'mlpClassifier', Values>;

/**
 * A network of full layers for a number (squared error), trained in mini-batches by Adam with decoupled
 * decay. Columns and target are standardised inside.
 *
 * @example
 * const model = await fit(mlpRegressor({ hidden: [64, 64], epochs: 100 }), examples, { seed: 1 });
 */
export function mlpRegressor(parameters: Partial<Values> = {}): MlpRegressor {
  return specify('mlpRegressor', deepConstraints, parameters);
}

/** A network of full layers for a class (cross entropy), trained as `mlpRegressor` is. */
export function mlpClassifier(parameters: Partial<Values> = {}): MlpClassifier {
  return specify('mlpClassifier', deepConstraints, parameters);
}

/** Full layers from the columns to the outputs. */
export function tableNetwork(columns: number, outputs: number, parameters: Values): Module {
  return layersOf([columns, ...parameters.hidden, outputs], parameters);
}

/** The rows' loss, each times its weight. */
export function rowLoss(out: Expression, classes: number): Expression {
  const weights = input('weights', ['n']);
  if (classes > 0) {
    return mean(multiplyElements(weights, crossEntropy(out, input('target', ['n'], 'int64'))));
  }
  const error = subtract(reshape(out, ['n']), input('target', ['n']));
  return mean(multiplyElements(weights, square(error)));
}

/** Targets and weights as `rowLoss` reads them. */
export function targetFeeds(
  examples: Examples,
  classes: number,
  scale: ColumnScale,
): (rows: Int32Array) => Readonly<Record<string, OnnxTensor>> {
  const target = examples.target!;
  const given = examples.weights;
  const average = given ? given.reduce((sum, one) => sum + one, 0) / given.length : 1;
  const [middle, deviation] = [scale.means[0]!, scale.deviations[0]!];
  return (rows) => {
    const shape = [rows.length];
    const weights = Float32Array.from(rows, (row) => (given?.[row] ?? 1) / average);
    const data =
      classes > 0
        ? BigInt64Array.from(rows, (row) => BigInt(target[row]!))
        : Float32Array.from(rows, (row) => (target[row]! - middle) / deviation);
    return {
      weights: { type: 'float', shape, data: weights },
      target: { type: classes > 0 ? 'int64' : 'float', shape, data },
    };
  };
}

/** Of a target of numbers; 0 and 1 for classes. */
export function targetScale(examples: Examples, classes: number): ColumnScale {
  if (classes > 0) return { means: Float64Array.of(0), deviations: Float64Array.of(1) };
  const target = examples.target!;
  return columnScale({ rows: target.length, columns: 1, values: target }, examples.weights);
}

async function fitMlp(
  { kind, parameters }: Specification<string, Values>,
  examples: Examples,
  options: FitOptions,
): Promise<Learned> {
  const features = featuresAs(examples.features, 'dense');
  const classes = kind === 'mlpClassifier' ? classesOf(examples) : 0;
  const network = tableNetwork(features.columns, classes || 1, parameters);
  const module = bindModule(network);
  const scale = columnScale(features, examples.weights);
  const ofTarget = targetScale(examples, classes);
  const targets = targetFeeds(examples, classes, ofTarget);
  const out = module.call(input('x', ['n', features.columns]));
  const { parameters: values } = await trainModule({
    ...options,
    ...trainingOf(parameters, features.rows),
    ...{ module, loss: rowLoss(out, classes), name: kind },
    batches: {
      ...{ rows: features.rows, size: parameters.batch },
      feeds: (rows) => {
        const data = scaledRows(features, scale, rows);
        return {
          x: { type: 'float', shape: [rows.length, features.columns], data },
          ...targets(rows),
        };
      },
    },
  });
  return { tensors: { ...networkTensors(network, values), ...scaleTensors(scale, ofTarget) } };
}

export function scaleTensors(
  scale: ColumnScale,
  target: ColumnScale,
): Readonly<Record<string, Tensor>> {
  return {
    means: float64([scale.means.length], scale.means),
    deviations: float64([scale.means.length], scale.deviations),
    targetScale: float64([2], Float64Array.of(target.means[0]!, target.deviations[0]!)),
  };
}

export function scaleShapes(columns: number): Readonly<Record<string, TensorShape>> {
  return {
    means: { type: 'float64', shape: [columns] },
    deviations: { type: 'float64', shape: [columns] },
    targetScale: { type: 'float64', shape: [2] },
  };
}

export function scaleOf(model: TabularModel): ColumnScale {
  return {
    means: tensorOf(model, 'means', 'float64').data,
    deviations: tensorOf(model, 'deviations', 'float64').data,
  };
}

/** Deviations must be above 0. */
export function checkScale(model: TabularModel): void {
  const { deviations } = scaleOf(model);
  const [, target] = tensorOf(model, 'targetScale', 'float64').data;
  if (deviations.every((one) => one > 0) && target! > 0) return;
  throw new InvalidModel('a deviation is not above 0');
}

/** The network's answers: numbers of the standardised target, or probabilities. */
async function answers(model: TabularModel, features: Features): Promise<Matrix> {
  const dense = featuresAs(features, 'dense');
  const { columns, classes } = model.signature;
  const network = tableNetwork(columns, classes || 1, model.specification.parameters as Values);
  const graph = () => {
    const out = bindModule(network).call(input('x', ['n', columns]));
    return {
      outputs: { out: classes > 0 ? softmax(out) : out },
      values: networkValues(model, network),
    };
  };
  const width = classes || 1;
  const values = new Float64Array(dense.rows * width);
  await inBatches(dense.rows, async (places, count) => {
    const data = scaledRows(dense, scaleOf(model), places);
    const { out } = await runNetwork(model, graph, {
      x: { type: 'float', shape: [runRows, columns], data },
    });
    const found = (out!.data as Float32Array).subarray(0, count * width);
    values.set(found, places[0]! * width);
  });
  return { rows: dense.rows, columns: width, values };
}

/** The index of the greatest of each row. */
export function likeliest({ rows, columns, values }: Matrix): Float64Array {
  return new Float64Array(rows).map((_, row) => {
    const own = values.subarray(row * columns, (row + 1) * columns);
    let best = 0;
    for (let at = 1; at < columns; at++) if (own[at]! > own[best]!) best = at;
    return best;
  });
}

/** Rows that add up to 1 in doubles. */
export function normalised({ rows, columns, values }: Matrix): Matrix {
  const found = Float64Array.from(values);
  for (let row = 0; row < rows; row++) {
    const own = found.subarray(row * columns, (row + 1) * columns);
    const total = own.reduce((sum, one) => sum + one, 0);
    for (let at = 0; at < columns; at++) own[at]! /= total;
  }
  return { rows, columns, values: found };
}

function floats(data: Float64Array): OnnxTensor {
  return { type: 'float', shape: [data.length], data: Float32Array.from(data) };
}

/** From raw features: standardised, through the network, and back to the target's scale. */
function onnxOf(model: TabularModel): OnnxGraph {
  const { columns, classes } = model.signature;
  const network = tableNetwork(columns, classes || 1, model.specification.parameters as Values);
  const values = networkValues(model, network);
  const out = bindModule(network).call(scaledInput(model));
  if (classes > 0) {
    const outputs = { probabilities: softmax(out) };
    return withPrediction(printGraph({ name: model.kind, outputs, values }));
  }
  const [middle, deviation] = tensorOf(model, 'targetScale', 'float64').data;
  const prediction = add(multiplyElements(reshape(out, ['rows']), deviation!), middle!);
  return printGraph({ name: model.kind, outputs: { prediction }, values });
}

/** Raw features as an input, standardised in the graph. */
export function scaledInput(model: TabularModel): Expression {
  const { means, deviations } = scaleOf(model);
  const raw = input('features', ['rows', means.length]);
  return divide(subtract(raw, constant(floats(means))), constant(floats(deviations)));
}

/** Adds the likeliest class as an output. */
function withPrediction(graph: OnnxGraph): OnnxGraph {
  const node = {
    op: 'ArgMax',
    inputs: ['probabilities'],
    outputs: ['prediction'],
    attributes: { axis: { int: -1 }, keepdims: { int: 0 } },
  };
  const output = { name: 'prediction', type: 'int64', shape: ['rows'] } as const;
  return { ...graph, nodes: [...graph.nodes, node], outputs: [...graph.outputs, output] };
}

const shared = {
  family: 'deep',
  constraints: deepConstraints,
  accepts: ['dense'],
  missing: false,
  fit: fitMlp,
  checkModel: checkScale,
  onnx: onnxOf,
} as const;

/** Parameters four times (with gradients and two moments) and a batch through every layer, twice. */
function memoryOf(columns: number, outputs: number, { hidden, batch }: Values): number {
  const sizes = [columns, ...hidden, outputs];
  const weights = sizes.slice(1).reduce((sum, size, at) => sum + size * (sizes[at]! + 1), 0);
  const wide = sizes.reduce((sum, size) => sum + size, 0);
  return 32 * weights + 64 * batch * wide + 64 * columns + 2 ** 20;
}

export const mlpRegressorKind: TabularKind<Values> = {
  ...shared,
  kind: 'mlpRegressor',
  roles: ['regressor'],
  summary: 'A network of full layers for a number.',
  target: 'numbers',
  memory: ({ rows, columns }, parameters) => 8 * rows + memoryOf(columns, 1, parameters),
  tensors: ({ columns }, parameters) => ({
    ...networkShapes(tableNetwork(columns, 1, parameters)),
    ...scaleShapes(columns),
  }),
  predict: async (model, features) => {
    const [middle, deviation] = tensorOf(model, 'targetScale', 'float64').data;
    const { values } = await answers(model, features);
    return Float64Array.from(values, (value) => value * deviation! + middle!);
  },
};

export const mlpClassifierKind: TabularKind<Values> = {
  ...shared,
  kind: 'mlpClassifier',
  roles: ['classifier'],
  summary: 'A network of full layers for a class.',
  target: 'classes',
  memory: ({ rows, columns, classes }, parameters) =>
    8 * rows + memoryOf(columns, classes, parameters),
  tensors: ({ columns, classes }, parameters) => ({
    ...networkShapes(tableNetwork(columns, classes || 1, parameters)),
    ...scaleShapes(columns),
  }),
  predict: async (model, features) => likeliest(await answers(model, features)),
  predictProbabilities: async (model, features) => normalised(await answers(model, features)),
};
