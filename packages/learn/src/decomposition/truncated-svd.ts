import {
  denseOperator,
  openSparseProducts,
  productsOperator,
  type RandomisedSvdOptions,
  randomisedSvd,
  randomisedSvdAsync,
  type SessionOptions,
  type Svd,
} from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples } from '../error.ts';
import { type Features, featuresAs, formOf } from '../features.ts';
import { float64, tensorOf } from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { project, projectionGraph, projectSparse } from './project.ts';

const constraints = {
  components: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 50,
    scale: 'log',
    summary: 'How many directions are kept.',
  },
  powerIterations: {
    type: 'integer',
    min: 0,
    max: 50,
    default: 4,
    summary: 'Passes over the rows that sharpen the directions.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type TruncatedSvd = Specification<'truncatedSvd', Values>;

/**
 * The leading singular directions of rows that are not centred, so that sparse ones stay sparse (latent
 * semantic analysis when they are word counts), by random products (Halko, Martinsson and Tropp 2011).
 * Weights are not used. Tensors: `components` (each with its largest entry positive), `singularValues`.
 *
 * @example
 * const model = await fit(truncatedSvd({ components: 100 }), { features: counts });
 */
export function truncatedSvd(parameters: Partial<Values> = {}): TruncatedSvd {
  return specify('truncatedSvd', constraints, parameters);
}

export const truncatedSvdKind: TabularKind<Values> = {
  kind: 'truncatedSvd',
  family: 'decomposition',
  roles: ['transformer'],
  summary: 'The leading singular directions of sparse or dense rows, without centring.',
  constraints,
  accepts: ['dense', 'sparse'],
  missing: false,
  target: 'none',
  memory: ({ rows, columns, stored }, { components }) => {
    const width = Math.min(components + 10, rows, columns);
    return 8 * width * (14 * rows + 12 * columns + 4 * width) + 44 * stored + 2 ** 21;
  },
  fit: async ({ parameters }, { features }, { seed = 0, signal, threads }) => {
    throwIfCancelled(signal, 'the fit');
    const sparse = formOf(features) === 'sparse';
    const { rows, columns } = featuresAs(features, sparse ? 'sparse' : 'dense');
    const rank = parameters.components;
    if (rank > Math.min(rows, columns)) {
      throw new InvalidExamples(`${rows} rows of ${columns} columns for ${rank} components`);
    }
    const { powerIterations } = parameters;
    const options = { rank, seed, powerIterations };
    const session = { signal, ...(threads !== undefined && { threads }) };
    const found = await directionsOf(features, options, session);
    return {
      tensors: {
        components: float64([rank, columns], found.right),
        singularValues: float64([rank], found.values),
      },
      outputs: rank,
    };
  },
  tensors: ({ columns }, { components }) => ({
    components: { type: 'float64', shape: [components, columns] },
    singularValues: { type: 'float64', shape: [components] },
  }),
  transform: async (model, features): Promise<Matrix> => {
    const { data } = tensorOf(model, 'components', 'float64');
    if (formOf(features) === 'sparse') return projectSparse(featuresAs(features, 'sparse'), data);
    return project(featuresAs(features, 'dense'), new Float64Array(model.signature.columns), data);
  },
  onnx: (model) =>
    projectionGraph(
      'truncatedSvd',
      new Float64Array(model.signature.columns),
      tensorOf(model, 'components', 'float64').data,
    ),
};

/** Sparse rows are multiplied by the kernels' threads. */
async function directionsOf(
  features: Features,
  options: RandomisedSvdOptions,
  session: SessionOptions,
): Promise<Svd> {
  if (formOf(features) === 'dense') {
    return randomisedSvd(denseOperator(featuresAs(features, 'dense')), options);
  }
  await using products = await openSparseProducts(featuresAs(features, 'sparse'), session);
  return await randomisedSvdAsync(productsOperator(products), options);
}
