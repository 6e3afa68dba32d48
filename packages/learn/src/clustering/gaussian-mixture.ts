import type { OnnxGraph, OnnxNode } from '@backlot/compute';
import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples, InvalidModel } from '../error.ts';
import { featuresAs } from '../features.ts';
import { float64, type TabularModel, tensorOf } from '../fitted-model.ts';
import { type Matrix, zeros } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { fitMixture } from './fit-mixture.ts';
import {
  type Covariance,
  factorShape,
  fullFactor,
  logConstants,
  type Mixture,
  responsibilities,
} from './mixture-density.ts';

const constraints = {
  components: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: 1,
    scale: 'log',
    summary: 'How many normals there are.',
  },
  covariance: {
    type: 'choice',
    options: ['full', 'tied', 'diagonal', 'spherical'],
    default: 'full',
    summary: 'Of each its own, one for all, only variances, or one variance each.',
  },
  rounds: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 100,
    scale: 'log',
    summary: 'The most rounds of expectation and maximisation.',
  },
  tolerance: {
    type: 'number',
    min: 0,
    max: 1,
    default: 1e-3,
    summary: 'Ends when the mean log density changes by less.',
  },
  regularisation: {
    type: 'number',
    min: 0,
    max: 1e6,
    default: 1e-6,
    summary: 'Added to each variance, so that no component collapses onto a row.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type GaussianMixture = Specification<'gaussianMixture', Values>;

/**
 * A mixture of normals by expectation-maximisation from k-means (Dempster, Laird and Rubin 1977). `predict`
 * is the likeliest component, `scoreRows` the log density. Facts: `logDensity` (the mean over the fitted
 * rows), `bic` and `aic` (lower is better), `rounds`, `converged`.
 *
 * @example
 * const model = await fit(gaussianMixture({ components: 3 }), { features });
 * const { bic } = model.facts;
 */
export function gaussianMixture(parameters: Partial<Values> = {}): GaussianMixture {
  return specify('gaussianMixture', constraints, parameters);
}

export const gaussianMixtureKind: TabularKind<Values> = {
  kind: 'gaussianMixture',
  family: 'clustering',
  roles: ['clusterer', 'density'],
  summary: 'A mixture of normals: soft clusters and a density.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'none',
  memory: ({ rows, columns }, { components }) =>
    2 ** 20 +
    4 * rows * (columns + 8) +
    16 * rows * (components + 2) +
    8 * (columns + 1) * (components * (80 + 4 * columns) + 4096),
  fit: async ({ parameters }, { features, weights }, options) => {
    const matrix = featuresAs(features, 'dense');
    const { rows, columns } = matrix;
    const { components, covariance } = parameters;
    if (rows < components) throw new InvalidExamples(`${rows} rows for ${components} components`);
    const found = await fitMixture(matrix, weights, parameters, options);
    const { shares, means, factors } = found.mixture;
    const total = weights ? weights.reduce((sum, one) => sum + one, 0) : rows;
    const free = freeParameters(covariance, components, columns);
    const deviance = -2 * total * found.logDensity;
    const shape = factorShape(covariance, components, columns);
    return {
      tensors: {
        shares: float64([components], shares),
        means: float64([components, columns], means),
        factors: float64(shape, factors),
      },
      facts: {
        logDensity: found.logDensity,
        bic: deviance + free * Math.log(total),
        aic: deviance + 2 * free,
        rounds: found.rounds,
        converged: found.converged,
      },
    };
  },
  tensors: ({ columns }, { components, covariance }) => ({
    shares: { type: 'float64', shape: [components] },
    means: { type: 'float64', shape: [components, columns] },
    factors: { type: 'float64', shape: factorShape(covariance, components, columns) },
  }),
  checkModel(model) {
    const mixture = mixtureOf(model);
    if (!logConstants(mixture).every(Number.isFinite)) {
      throw new InvalidModel('its shares or factors are not above 0');
    }
  },
  predict: async (model, features) => {
    const { rows, columns, values } = apply(model, featuresAs(features, 'dense')).probabilities;
    return Float64Array.from({ length: rows }, (_, row) => {
      let likeliest = 0;
      for (let j = 1; j < columns; j++) {
        if (values[row * columns + j]! > values[row * columns + likeliest]!) likeliest = j;
      }
      return likeliest;
    });
  },
  predictProbabilities: async (model, features) =>
    apply(model, featuresAs(features, 'dense')).probabilities,
  scoreRows: async (model, features) => apply(model, featuresAs(features, 'dense')).density,
  onnx: mixtureGraph,
};

/** The numbers that a mixture is free to choose. */
function freeParameters(covariance: Covariance, components: number, columns: number): number {
  const square = (columns * (columns + 1)) / 2;
  const spread = {
    full: components * square,
    tied: square,
    diagonal: components * columns,
    spherical: components,
  }[covariance];
  return spread + components * columns + components - 1;
}

function mixtureOf(model: TabularModel): Mixture {
  return {
    covariance: model.specification.parameters.covariance as Covariance,
    columns: model.signature.columns,
    shares: tensorOf(model, 'shares', 'float64').data,
    means: tensorOf(model, 'means', 'float64').data,
    factors: tensorOf(model, 'factors', 'float64').data,
  };
}

function apply(
  model: TabularModel,
  matrix: Matrix,
): { readonly density: Float64Array; readonly probabilities: Matrix } {
  const mixture = mixtureOf(model);
  const probabilities = zeros(matrix.rows, mixture.shares.length);
  return { density: responsibilities(mixture, matrix, probabilities.values), probabilities };
}

function mixtureGraph(model: TabularModel): OnnxGraph {
  const mixture = mixtureOf(model);
  const { columns, means, shares } = mixture;
  const count = shares.length;
  const across = new Float32Array(count * columns * columns);
  for (let j = 0; j < count; j++) {
    fullFactor(mixture, j).forEach((value, at) => {
      const place = (at % columns) * columns + Math.floor(at / columns);
      across[j * columns * columns + place] = value;
    });
  }
  const one = BigInt64Array.of(1n);
  return {
    name: 'gaussianMixture',
    inputs: [{ name: 'features', type: 'float', shape: ['rows', columns] }],
    outputs: [
      { name: 'prediction', type: 'int64', shape: ['rows'] },
      { name: 'probabilities', type: 'float', shape: ['rows', count] },
      { name: 'scores', type: 'float', shape: ['rows'] },
    ],
    nodes: mixtureNodes(),
    constants: {
      means: { type: 'float', shape: [1, count, columns], data: Float32Array.from(means) },
      factors: { type: 'float', shape: [count, columns, columns], data: across },
      logs: { type: 'float', shape: [1, count], data: Float32Array.from(logConstants(mixture)) },
      half: { type: 'float', shape: [1], data: Float32Array.of(0.5) },
      first: { type: 'int64', shape: [1], data: one },
      second: { type: 'int64', shape: [1], data: BigInt64Array.of(2n) },
      last: { type: 'int64', shape: [2], data: BigInt64Array.of(2n, 3n) },
    },
  };
}

function mixtureNodes(): OnnxNode[] {
  const flat = { keepdims: { int: 0 } } as const;
  return [
    { op: 'Unsqueeze', inputs: ['features', 'first'], outputs: ['spread'] },
    { op: 'Sub', inputs: ['spread', 'means'], outputs: ['differences'] },
    { op: 'Unsqueeze', inputs: ['differences', 'second'], outputs: ['lines'] },
    { op: 'MatMul', inputs: ['lines', 'factors'], outputs: ['whitened'] },
    {
      op: 'ReduceSumSquare',
      inputs: ['whitened', 'last'],
      outputs: ['squares'],
      attributes: flat,
    },
    { op: 'Mul', inputs: ['squares', 'half'], outputs: ['halved'] },
    { op: 'Sub', inputs: ['logs', 'halved'], outputs: ['densities'] },
    { op: 'Softmax', inputs: ['densities'], outputs: ['probabilities'] },
    {
      op: 'ArgMax',
      inputs: ['densities'],
      outputs: ['prediction'],
      attributes: { axis: { int: 1 }, ...flat },
    },
    {
      op: 'ReduceLogSumExp',
      inputs: ['densities', 'first'],
      outputs: ['scores'],
      attributes: flat,
    },
  ];
}
