import {
  centredOperator,
  denseOperator,
  randomisedSvd,
  scatterOf,
  symmetricEigen,
} from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples } from '../error.ts';
import type { Examples } from '../examples.ts';
import { featuresAs } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import { float64, tensorOf } from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { directionsOf, project, projectionGraph } from './project.ts';

const constraints = {
  components: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: null,
    optional: true,
    scale: 'log',
    summary: 'How many directions are kept; as many as rows and columns allow when null.',
  },
  whiten: {
    type: 'flag',
    default: false,
    summary: 'Whether each output is divided by its standard deviation.',
  },
  solver: {
    type: 'choice',
    options: ['exact', 'randomised'],
    default: 'exact',
    summary: 'Exact by the covariance matrix, or the leading directions by random products.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type Pca = Specification<'pca', Values>;

/**
 * Principal components: the orthonormal directions of largest variance (Jolliffe 2002). Means and covariance
 * come from one pass over blocks of rows. The largest entry of a direction is positive. Variances are over
 * n - 1, or over the total weight less 1; the randomised solver takes no weights. Tensors: `components`,
 * `means`, `variances`; fact `totalVariance`.
 *
 * @example
 * const model = await fit(pca({ components: 10 }), { features });
 * const scores = await transform(model, features);
 */
export function pca(parameters: Partial<Values> = {}): Pca {
  return specify('pca', constraints, parameters);
}

export const pcaKind: TabularKind<Values> = {
  kind: 'pca',
  family: 'decomposition',
  roles: ['transformer'],
  summary: 'Principal components: the directions of largest variance.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'none',
  memory: ({ rows, columns }, { components, solver }) => {
    const width = Math.min((components ?? columns) + 10, columns);
    return solver === 'exact'
      ? 16 * 2 ** 20 + 8 * 1024 * columns + 120 * (columns + 8) ** 2
      : 2 ** 20 + 8 * (6 * rows * width + 8 * columns * width);
  },
  fit: async ({ parameters }, examples, options) => {
    const matrix = featuresAs(examples.features, 'dense');
    const kept = componentsOf(matrix, parameters.components);
    const found =
      parameters.solver === 'exact'
        ? await exact(matrix, kept, examples, options)
        : randomised(matrix, kept, examples, options);
    return {
      tensors: {
        components: float64([kept, matrix.columns], found.components),
        means: float64([matrix.columns], found.means),
        variances: float64([kept], found.variances),
      },
      facts: { totalVariance: found.totalVariance },
      outputs: kept,
    };
  },
  tensors: ({ columns, outputs }) => ({
    components: { type: 'float64', shape: [outputs, columns] },
    means: { type: 'float64', shape: [columns] },
    variances: { type: 'float64', shape: [outputs] },
  }),
  transform: async (model, features) =>
    project(
      featuresAs(features, 'dense'),
      tensorOf(model, 'means', 'float64').data,
      directionsOf(model),
    ),
  onnx: (model) =>
    projectionGraph('pca', tensorOf(model, 'means', 'float64').data, directionsOf(model)),
};

interface Found {
  readonly components: Float64Array;
  readonly means: Float64Array;
  readonly variances: Float64Array;
  readonly totalVariance: number;
}

function componentsOf({ rows, columns }: Matrix, asked: number | null): number {
  const most = Math.min(rows, columns);
  if (asked === null) return most;
  if (asked <= most) return asked;
  throw new InvalidExamples(`${rows} rows of ${columns} columns have ${most} components at most`);
}

async function exact(
  matrix: Matrix,
  kept: number,
  { weights }: Examples,
  { threads, signal, onProgress }: FitOptions,
): Promise<Found> {
  const { columns } = matrix;
  const onBlock = (done: number, total: number): void => {
    onProgress?.({ step: 'blocks', done, total });
  };
  const scatter = await scatterOf(matrix, {
    ...(threads && { threads }),
    signal,
    weights,
    onBlock,
  });
  const { values, vectors } = symmetricEigen(scatter.products, columns);
  const free = scatter.weight > 1 ? scatter.weight - 1 : 1;
  const components = new Float64Array(kept * columns);
  const variances = new Float64Array(kept);
  for (let j = 0; j < kept; j++) {
    const from = columns - 1 - j;
    const vector = vectors.subarray(from * columns, (from + 1) * columns);
    components.set(oriented(vector), j * columns);
    variances[j] = Math.max(0, values[from]!) / free;
  }
  let total = 0;
  for (let k = 0; k < columns; k++) total += scatter.products[k * columns + k]! / free;
  return { components, means: scatter.means, variances, totalVariance: total };
}

/** The vector with its largest entry (the first of equals) positive. */
function oriented(vector: Float64Array): Float64Array {
  let largest = 0;
  vector.forEach((value, k) => {
    if (Math.abs(value) > Math.abs(vector[largest]!)) largest = k;
  });
  return vector[largest]! < 0 ? vector.map((value) => -value) : vector;
}

function randomised(
  matrix: Matrix,
  kept: number,
  { weights }: Examples,
  { seed = 0, signal }: FitOptions,
): Found {
  throwIfCancelled(signal, 'the fit');
  if (weights) throw new InvalidExamples('the randomised solver takes no weights');
  const { rows, columns, values } = matrix;
  const means = new Float64Array(columns);
  values.forEach((value, at) => {
    means[at % columns]! += value / rows;
  });
  let squares = 0;
  values.forEach((value, at) => {
    squares += (value - means[at % columns]!) ** 2;
  });
  const operator = centredOperator(denseOperator(matrix), means);
  const found = randomisedSvd(operator, { rank: kept, seed });
  const free = Math.max(1, rows - 1);
  return {
    components: found.right,
    means,
    variances: found.values.map((value) => value ** 2 / free),
    totalVariance: squares / free,
  };
}
