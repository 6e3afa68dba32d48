import type { OnnxGraph, OnnxNode, OnnxTensor } from '@backlot/compute';
import type { Features } from '../features.ts';
import { featuresAs } from '../features.ts';
import type { TensorShape } from '../fit-options.ts';
import { float64, type TabularModel, type Tensor, tensorOf } from '../fitted-model.ts';

/** A linear function of rows, one for each output, in the columns' own units. */
export interface LinearFunction {
  /** outputs x columns. */
  readonly coefficients: Float64Array;
  /** outputs. */
  readonly intercepts: Float64Array;
}

/** The tensors that every linear model keeps. */
export function linearTensors(found: LinearFunction): Readonly<Record<string, Tensor>> {
  const outputs = found.intercepts.length;
  return {
    coefficients: float64([outputs, found.coefficients.length / outputs], found.coefficients),
    intercepts: float64([outputs], found.intercepts),
  };
}

/** Their shapes. */
export function linearShapes(
  outputs: number,
  columns: number,
): Readonly<Record<string, TensorShape>> {
  return {
    coefficients: { type: 'float64', shape: [outputs, columns] },
    intercepts: { type: 'float64', shape: [outputs] },
  };
}

/** The linear function of a model. */
export function linearOf(model: TabularModel): LinearFunction {
  return {
    coefficients: tensorOf(model, 'coefficients', 'float64').data,
    intercepts: tensorOf(model, 'intercepts', 'float64').data,
  };
}

/** Rows x outputs, row-major. */
export function linearScores(model: LinearFunction, features: Features): Float64Array {
  const { coefficients, intercepts } = model;
  const outputs = intercepts.length;
  if ('offsets' in features) return sparseScores(model, features);
  const { rows, columns, values } = featuresAs(features, 'dense');
  const out = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    for (let k = 0; k < outputs; k++) {
      const base = k * columns;
      let score = 0;
      for (let j = 0; j < columns; j++) score += values[from + j]! * coefficients[base + j]!;
      out[row * outputs + k] = score + intercepts[k]!;
    }
  }
  return out;
}

function sparseScores({ coefficients, intercepts }: LinearFunction, features: Features) {
  const { rows, columns, offsets, indices, values } = featuresAs(features, 'sparse');
  const outputs = intercepts.length;
  const out = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < outputs; k++) {
      let score = 0;
      for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
        score += values[at]! * coefficients[k * columns + indices[at]!]!;
      }
      out[row * outputs + k] = score + intercepts[k]!;
    }
  }
  return out;
}

/** The index of each row's largest score; above 0 is class 1 where there is one score. */
export function largestScores(scores: Float64Array, outputs: number): Float64Array {
  const rows = scores.length / outputs;
  return Float64Array.from({ length: rows }, (_, row) => {
    if (outputs === 1) return Number(scores[row]! > 0);
    let best = 0;
    for (let k = 1; k < outputs; k++) {
      if (scores[row * outputs + k]! > scores[row * outputs + best]!) best = k;
    }
    return best;
  });
}

/** By row: the score of class 1 of two, or by how much the largest is above the second. */
export function marginsOf(scores: Float64Array, outputs: number): Float64Array {
  if (outputs === 1) return scores;
  return Float64Array.from({ length: scores.length / outputs }, (_, row) => {
    const own = Array.from(scores.subarray(row * outputs, (row + 1) * outputs));
    own.sort((a, b) => b - a);
    return own[0]! - own[1]!;
  });
}

/** Rows x outputs of e^score, each row adding up to 1. */
export function softmaxRows(scores: Float64Array, outputs: number): Float64Array {
  const out = new Float64Array(scores.length);
  for (let from = 0; from < scores.length; from += outputs) {
    let most = -Infinity;
    for (let k = from; k < from + outputs; k++) most = Math.max(most, scores[k]!);
    let sum = 0;
    for (let k = from; k < from + outputs; k++) {
      out[k] = Math.exp(scores[k]! - most);
      sum += out[k]!;
    }
    for (let k = from; k < from + outputs; k++) out[k]! /= sum;
  }
  return out;
}

const float = (shape: readonly number[], values: Iterable<number>): OnnxTensor => ({
  type: 'float',
  shape,
  data: Float32Array.from(values),
});

/** A graph of scores (rows x outputs, named `linear`) and what follows from them. */
function linearGraph(
  name: string,
  { coefficients, intercepts }: LinearFunction,
  nodes: readonly OnnxNode[],
  outputs: OnnxGraph['outputs'],
  constants: OnnxGraph['constants'] = {},
): OnnxGraph {
  const count = intercepts.length;
  const columns = coefficients.length / count;
  const transposed = Float64Array.from(
    coefficients,
    (_, at) => coefficients[(at % count) * columns + Math.floor(at / count)]!,
  );
  return {
    name,
    inputs: [{ name: 'features', type: 'float', shape: ['rows', columns] }],
    outputs,
    constants: {
      coefficients: float([columns, count], transposed),
      intercepts: float([count], intercepts),
      ...constants,
    },
    nodes: [
      { op: 'Gemm', inputs: ['features', 'coefficients', 'intercepts'], outputs: ['linear'] },
      ...nodes,
    ],
  };
}

const numbers: OnnxGraph['outputs'] = [{ name: 'prediction', type: 'float', shape: ['rows'] }];

/** One number a row, the scores themselves or e to them. */
export function numberGraph(
  name: string,
  found: LinearFunction,
  link: 'identity' | 'exponential',
): OnnxGraph {
  const flat: OnnxTensor = { type: 'int64', shape: [1], data: BigInt64Array.of(-1n) };
  const exponential = { op: 'Exp', inputs: ['linear'], outputs: ['mean'] };
  const from = link === 'identity' ? 'linear' : 'mean';
  const reshape = { op: 'Reshape', inputs: [from, 'flat'], outputs: ['prediction'] };
  const nodes = link === 'identity' ? [reshape] : [exponential, reshape];
  return linearGraph(name, found, nodes, numbers, { flat });
}

/** Classes from scores; one score becomes the pair (0, score), of which softmax is the logistic. */
export function classGraph(name: string, found: LinearFunction, probabilities: boolean): OnnxGraph {
  const single = found.intercepts.length === 1;
  const classes = single ? 2 : found.intercepts.length;
  const pair: LinearFunction = single
    ? {
        coefficients: Float64Array.of(...found.coefficients.map(() => 0), ...found.coefficients),
        intercepts: Float64Array.of(0, found.intercepts[0]!),
      }
    : found;
  const flat: OnnxTensor = { type: 'int64', shape: [1], data: BigInt64Array.of(-1n) };
  const axis = { axis: { int: 1 } };
  const keep = { ...axis, keepdims: { int: 0 } };
  const two: OnnxTensor = { type: 'int64', shape: [1], data: BigInt64Array.of(2n) };
  const places = (at: bigint): OnnxTensor => ({
    type: 'int64',
    shape: [1],
    data: BigInt64Array.of(at),
  });
  const top = single ? 'linear' : 'best';
  const nodes: OnnxNode[] = [
    { op: 'ArgMax', inputs: ['linear'], outputs: ['prediction'], attributes: keep },
    ...(single
      ? []
      : [{ op: 'TopK', inputs: ['linear', 'two'], outputs: ['best', 'order'], attributes: axis }]),
    { op: 'Gather', inputs: [top, single ? 'one' : 'zero'], outputs: ['upper'], attributes: axis },
    { op: 'Gather', inputs: [top, single ? 'zero' : 'one'], outputs: ['lower'], attributes: axis },
    { op: 'Sub', inputs: ['upper', 'lower'], outputs: ['margins'] },
    { op: 'Reshape', inputs: ['margins', 'flat'], outputs: ['scores'] },
    ...(probabilities
      ? [{ op: 'Softmax', inputs: ['linear'], outputs: ['probabilities'], attributes: axis }]
      : []),
  ];
  const outputs: OnnxGraph['outputs'] = [
    { name: 'prediction', type: 'int64', shape: ['rows'] },
    { name: 'scores', type: 'float', shape: ['rows'] },
    ...(probabilities
      ? [{ name: 'probabilities', type: 'float', shape: ['rows', classes] } as const]
      : []),
  ];
  const constants = { flat, zero: places(0n), one: places(1n), ...(single ? {} : { two }) };
  return linearGraph(name, pair, nodes, outputs, constants);
}
