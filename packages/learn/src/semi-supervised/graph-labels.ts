import { nearest } from '@backlot/compute';
import { InvalidExamples, InvalidModel } from '../error.ts';
import { featuresAs } from '../features.ts';
import { float64, type TabularModel, tensorOf } from '../fitted-model.ts';
import { type Matrix, toFloat32, toFloat64 } from '../matrix.ts';
import type { Specification } from '../specification.ts';
import type { ApplyOptions, ExamplesSize, Learned, TabularKind } from '../tabular-kind.ts';
import { likeliestClasses } from './confident-rows.ts';
import { type GraphSettings, squaredGap } from './row-graph.ts';

/** What graphs of rows are made of, for both ways to spread labels over one. */
export const graphConstraints = {
  graph: {
    type: 'choice',
    options: ['neighbours', 'kernel'],
    default: 'neighbours',
    summary: 'Rows are joined to their nearest, or to all by exp(-rate x squared distance).',
  },
  neighbours: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: 10,
    scale: 'log',
    summary: 'The nearest rows that a row is joined to, itself left out.',
  },
  rate: {
    type: 'number',
    min: 0,
    above: true,
    max: 1e9,
    default: 1,
    scale: 'log',
    summary: 'How fast the kernel falls with the squared distance.',
  },
  tolerance: {
    type: 'number',
    min: 1e-14,
    max: 0.1,
    default: 1e-8,
    scale: 'log',
    summary: 'Stops when the residual is below this part of what it was.',
  },
  maxIterations: {
    type: 'integer',
    min: 1,
    max: 100_000,
    default: 2000,
    summary: 'Steps of conjugate gradients, each a pass over the graph.',
  },
} as const;

const mostKernelRows = 10_000;

/** Throws `InvalidExamples` for more rows than all pairs of them can be held of. */
export function checkGraphRows({ graph }: GraphSettings, rows: number): void {
  if (graph === 'neighbours' || rows <= mostKernelRows) return;
  throw new InvalidExamples(`${rows} rows; a graph of all pairs takes at most ${mostKernelRows}`);
}

/** Bytes of the graph, the copies of the rows in floats and the vectors of the solver. */
export function graphMemory(size: ExamplesSize, { graph, neighbours }: GraphSettings): number {
  const { rows, columns, classes } = size;
  const joined = graph === 'kernel' ? 8 * rows * rows : 64 * rows * (neighbours + 1);
  return joined + rows * (32 * columns + 80 * (classes + 1)) + 2 ** 21;
}

/**
 * What is learned: the rows and how probable each class is at each of them. Rows that no label reached are
 * given the shares of the known classes. Changes `labels` (rows x classes, 0 or more).
 */
export function learnedLabels(
  matrix: Matrix,
  labels: Float64Array,
  shares: Float64Array,
  iterations: number,
): Learned {
  const { rows, columns } = matrix;
  const classes = shares.length;
  for (let row = 0; row < rows; row++) {
    normalise(labels, row * classes, shares);
  }
  return {
    tensors: {
      rows: float64([rows, columns], toFloat64(matrix).slice()),
      labels: float64([rows, classes], labels),
    },
    facts: { iterations },
  };
}

/** Makes the numbers from a place add up to 1, or takes `otherwise` where there is nothing. */
function normalise(values: Float64Array, from: number, otherwise: ArrayLike<number>): void {
  let total = 0;
  for (let c = 0; c < otherwise.length; c++) {
    // Conjugate gradients may leave a rounding error below 0.
    values[from + c] = Math.max(0, values[from + c]!);
    total += values[from + c]!;
  }
  for (let c = 0; c < otherwise.length; c++) {
    values[from + c] = total > 0 ? values[from + c]! / total : otherwise[c]!;
  }
}

/**
 * How probable each class is at each row that the model was fitted on (rows x classes), as the graph has it;
 * `predictProbabilities` of such a row mixes it with its neighbours. Throws `InvalidModel` for other models.
 */
export function spreadLabels(model: TabularModel): Matrix {
  const { shape, data } = tensorOf(model, 'labels', 'float64');
  if (shape.length !== 2) throw new InvalidModel(`${model.kind} spreads no labels`);
  return { rows: shape[0]!, columns: shape[1]!, values: data.slice() };
}

type GraphModel = TabularModel & { readonly specification: Specification<string, GraphSettings> };

/** A new row has the labels of the fitted rows, each counting as much as it would be joined to it. */
export const graphLabelVerbs: Required<
  Pick<TabularKind<GraphSettings>, 'tensors' | 'checkModel' | 'predict' | 'predictProbabilities'>
> = {
  tensors: ({ columns, classes }) => ({
    rows: { type: 'float64', shape: [-1, columns] },
    labels: { type: 'float64', shape: [-1, classes] },
  }),
  checkModel: (model) => {
    const [rows] = tensorOf(model, 'rows', 'float64').shape;
    const labels = tensorOf(model, 'labels', 'float64');
    if (rows === 0 || rows !== labels.shape[0] || !labels.data.every((value) => value >= 0)) {
      throw new InvalidModel('its rows and labels do not match');
    }
  },
  predict: async (model, features, options) =>
    likeliestClasses(await mixedLabels(model, featuresAs(features, 'dense'), options)),
  predictProbabilities: (model, features, options) =>
    mixedLabels(model, featuresAs(features, 'dense'), options),
};

async function mixedLabels(
  model: GraphModel,
  matrix: Matrix,
  options: ApplyOptions,
): Promise<Matrix> {
  const { graph, neighbours, rate } = model.specification.parameters;
  const rows = tensorOf(model, 'rows', 'float64');
  const labels = tensorOf(model, 'labels', 'float64');
  const classes = model.signature.classes;
  const out = {
    rows: matrix.rows,
    columns: classes,
    values: new Float64Array(matrix.rows * classes),
  };
  if (graph === 'kernel') mixByKernel(matrix, rows.data, labels.data, rate, out);
  else await mixNearest(matrix, rows.data, labels.data, neighbours, out, options);
  const even = new Float64Array(classes).fill(1 / classes);
  for (let row = 0; row < matrix.rows; row++) normalise(out.values, row * classes, even);
  return out;
}

type Mixed = { readonly columns: number; readonly values: Float64Array };

function mixByKernel(
  matrix: Matrix,
  rows: Float64Array,
  labels: Float64Array,
  rate: number,
  { columns: classes, values: out }: Mixed,
): void {
  const { columns } = matrix;
  const given = toFloat64(matrix);
  const gaps = new Float64Array(labels.length / classes);
  for (let row = 0; row < matrix.rows; row++) {
    let least = Infinity;
    for (let j = 0; j < gaps.length; j++) {
      gaps[j] = squaredGap(given, row * columns, rows, j * columns, columns);
      least = Math.min(least, gaps[j]!);
    }
    for (let j = 0; j < gaps.length; j++) {
      // Less the least of them: the same mixture, and far rows do not all round to 0.
      const weight = Math.exp(-rate * (gaps[j]! - least));
      for (let c = 0; c < classes; c++)
        out[row * classes + c]! += weight * labels[j * classes + c]!;
    }
  }
}

async function mixNearest(
  matrix: Matrix,
  rows: Float64Array,
  labels: Float64Array,
  neighbours: number,
  { columns: classes, values: out }: Mixed,
  { threads, signal }: ApplyOptions,
): Promise<void> {
  if (matrix.rows === 0) return;
  const k = Math.min(neighbours, labels.length / classes);
  const query = { dimensions: matrix.columns, k };
  const { indices } = await nearest(Float32Array.from(rows), toFloat32(matrix), query, {
    ...(threads !== undefined && { threads }),
    ...(signal && { signal }),
  });
  for (let at = 0; at < indices.length; at++) {
    const row = Math.floor(at / k);
    // Where distances leave the range of floats fewer than k may be found.
    if (indices[at]! < 0) continue;
    for (let c = 0; c < classes; c++) {
      out[row * classes + c]! += labels[indices[at]! * classes + c]!;
    }
  }
}
