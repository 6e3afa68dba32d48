import { logGamma } from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import { squaredDistance } from '../clustering/nearest-centre.ts';
import type { ParametersOf } from '../constraint.ts';
import { InvalidModel } from '../error.ts';
import { type Examples, takeExamples } from '../examples.ts';
import { featuresAs } from '../features.ts';
import { factOf, float64, type TabularModel, tensorOf } from '../fitted-model.ts';
import { type Matrix, toFloat64 } from '../matrix.ts';
import { turn } from '../recommenders/rank-rows.ts';
import { type Specification, specify } from '../specification.ts';
import type { ApplyOptions, TabularKind } from '../tabular-kind.ts';

const constraints = {
  kernel: {
    type: 'choice',
    options: ['gaussian', 'tophat', 'epanechnikov', 'exponential'],
    default: 'gaussian',
    summary: 'How the density falls with the distance from a fitted row.',
  },
  bandwidth: {
    type: 'number',
    min: 0,
    above: true,
    max: 1e150,
    default: null,
    optional: true,
    scale: 'log',
    summary: 'How far a row spreads, in the unit of the columns; by the rule if null.',
  },
  rule: {
    type: 'choice',
    options: ['scott', 'silverman'],
    default: 'scott',
    summary: 'The bandwidth for columns of standard deviation 1 where none is given.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type KernelDensity = Specification<'kernelDensity', Values>;

/**
 * A density by a kernel around each fitted row, in Euclidean distance (Rosenblatt 1956, Parzen 1962).
 * `scoreRows` is its logarithm, by log-sum-exp, so that tails are finite as far as doubles reach; kernels of
 * bounded support give -Infinity outside. The rules, n^(-1 / (d + 4)) of Scott and
 * (n (d + 2) / 4)^(-1 / (d + 4)) of Silverman, take the columns as they are: scale them first. Weights count
 * rows by parts, n then being (sum w)^2 / sum w^2. Time grows with rows times queries. Fact: `bandwidth`.
 * No ONNX: a graph would hold all distances at once.
 *
 * @example
 * const model = await fit(chain(standardScaler(), kernelDensity()), { features });
 * const logDensities = await scoreRows(model, features);
 */
export function kernelDensity(parameters: Partial<Values> = {}): KernelDensity {
  return specify('kernelDensity', constraints, parameters);
}

export const kernelDensityKind: TabularKind<Values> = {
  kind: 'kernelDensity',
  family: 'neighbours',
  roles: ['density'],
  summary: 'A density by a kernel around each fitted row.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'none',
  memory: ({ rows, columns }) => rows * (24 * columns + 32) + 2 ** 16,
  fit: async ({ parameters }, examples) => {
    const used = withWeight(examples);
    const { rows, columns, values } = featuresAs(used.features, 'dense');
    const weights = used.weights ?? new Float64Array(rows).fill(1);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const shares = weights.map((weight) => weight / total);
    const effective = 1 / shares.reduce((sum, share) => sum + share * share, 0);
    return {
      tensors: {
        rows: float64([rows, columns], Float64Array.from(values)),
        shares: float64([rows], shares),
      },
      facts: {
        bandwidth: parameters.bandwidth ?? bandwidthBy(parameters.rule, effective, columns),
      },
    };
  },
  tensors: ({ columns }) => ({
    rows: { type: 'float64', shape: [-1, columns] },
    shares: { type: 'float64', shape: [-1] },
  }),
  checkModel(model) {
    const [rows] = tensorOf(model, 'rows', 'float64').shape;
    const shares = tensorOf(model, 'shares', 'float64').data;
    if (rows !== shares.length || rows === 0 || !shares.every((share) => share > 0)) {
      throw new InvalidModel('its rows and shares do not match');
    }
    const bandwidth = factOf(model, 'bandwidth');
    if (typeof bandwidth !== 'number' || !(bandwidth > 0 && bandwidth < Infinity)) {
      throw new InvalidModel('its bandwidth is no positive number');
    }
  },
  scoreRows: (model, features, options) =>
    logDensities(model, featuresAs(features, 'dense'), options),
};

function withWeight(examples: Examples): Examples {
  const { weights } = examples;
  if (!weights?.includes(0)) return examples;
  return takeExamples(
    examples,
    Array.from(weights.keys()).filter((row) => weights[row]! > 0),
  );
}

function bandwidthBy(rule: Values['rule'], rows: number, columns: number): number {
  const count = rule === 'scott' ? rows : (rows * (columns + 2)) / 4;
  return count ** (-1 / (columns + 4));
}

/** Queries between two looks at the signal. */
const batchRows = 64;

async function logDensities(
  model: TabularModel,
  matrix: Matrix,
  options: ApplyOptions,
): Promise<Float64Array> {
  const { kernel } = model.specification.parameters as unknown as Values;
  const bandwidth = factOf<number>(model, 'bandwidth');
  const rows = tensorOf(model, 'rows', 'float64').data;
  const shares = tensorOf(model, 'shares', 'float64').data;
  const { columns } = matrix;
  const values = toFloat64(matrix);
  const constant = logConstant(kernel, columns) - columns * Math.log(bandwidth);
  const gaps = new Float64Array(shares.length);
  const out = new Float64Array(matrix.rows);
  for (let query = 0; query < matrix.rows; query++) {
    if (query % batchRows === 0) {
      throwIfCancelled(options.signal, 'scoreRows');
      await turn();
    }
    for (let row = 0; row < gaps.length; row++) {
      gaps[row] = squaredDistance(values, query * columns, rows, row * columns, columns);
    }
    out[query] = constant + logSum(kernel, gaps, shares, bandwidth);
  }
  return out;
}

/** The logarithm of what the kernel is multiplied with to integrate to 1 over so many columns. */
function logConstant(kernel: Values['kernel'], columns: number): number {
  const ball = (columns / 2) * Math.log(Math.PI) - logGamma(columns / 2 + 1);
  switch (kernel) {
    case 'gaussian':
      return (-columns / 2) * Math.log(2 * Math.PI);
    case 'tophat':
      return -ball;
    case 'epanechnikov':
      return Math.log((columns + 2) / 2) - ball;
    case 'exponential':
      return -ball - logGamma(columns + 1);
  }
}

/** log of the sum of shares times the kernel at the gaps (squared distances), over the bandwidth. */
function logSum(
  kernel: Values['kernel'],
  gaps: Float64Array,
  shares: Float64Array,
  bandwidth: number,
): number {
  switch (kernel) {
    case 'gaussian': {
      const rate = 0.5 / bandwidth / bandwidth;
      return logSumExp(gaps, shares, (gap) => gap * rate);
    }
    case 'exponential':
      return logSumExp(gaps, shares, (gap) => Math.sqrt(gap) / bandwidth);
    case 'tophat':
      return boundedSum(gaps, shares, (gap) => Number(Math.sqrt(gap) < bandwidth));
    case 'epanechnikov':
      return boundedSum(gaps, shares, (gap) => Math.max(0, 1 - (Math.sqrt(gap) / bandwidth) ** 2));
  }
}

/** The exponents, taken negative, are held against the nearest row's, which alone keeps the sum above 0. */
function logSumExp(
  gaps: Float64Array,
  shares: Float64Array,
  exponentOf: (gap: number) => number,
): number {
  let least = Infinity;
  for (let row = 0; row < gaps.length; row++) if (gaps[row]! < least) least = gaps[row]!;
  const nearest = exponentOf(least);
  // Beyond the range of doubles the logarithm has no number either.
  if (nearest === Infinity) return -Infinity;
  let sum = 0;
  for (let row = 0; row < gaps.length; row++) {
    sum += shares[row]! * Math.exp(nearest - exponentOf(gaps[row]!));
  }
  return Math.log(sum) - nearest;
}

function boundedSum(
  gaps: Float64Array,
  shares: Float64Array,
  kernelOf: (gap: number) => number,
): number {
  let sum = 0;
  for (let row = 0; row < gaps.length; row++) sum += shares[row]! * kernelOf(gaps[row]!);
  return Math.log(sum);
}
