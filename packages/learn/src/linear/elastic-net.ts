import {
  centredSparse,
  type ElasticNetOptions,
  type ElasticNetSolution,
  elasticNetFromProducts,
  elasticNetSparse,
  openRows,
} from '@backlot/compute';
import { seededRandom, throwIfCancelled } from '@backlot/core';
import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples, NotConverged } from '../error.ts';
import { type Examples, takeExamples } from '../examples.ts';
import { rowsOf } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import { float64 } from '../fitted-model.ts';
import type { Matrix, SparseMatrix } from '../matrix.ts';
import { turn } from '../recommenders/rank-rows.ts';
import type { Specification } from '../specification.ts';
import { specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { centredMoments } from './least-squares-moments.ts';
import { linearInput, linearMemory } from './linear-input.ts';
import {
  type LinearFunction,
  linearOf,
  linearScores,
  linearShapes,
  linearTensors,
  numberGraph,
} from './linear-model.ts';

const constraints = {
  penalty: {
    type: 'number',
    min: 0,
    max: 1e12,
    above: true,
    default: null,
    optional: true,
    scale: 'log',
    summary: 'The penalty beside half the mean squared error; null has it chosen on folds.',
  },
  l1Ratio: {
    type: 'number',
    min: 0.001,
    max: 1,
    default: 0.5,
    summary: 'The part of the penalty that is on absolute values; 1 is the lasso.',
  },
  steps: {
    type: 'integer',
    min: 2,
    max: 1000,
    default: 100,
    summary: 'Penalties on the path from the one that silences all columns down to a thousandth.',
  },
  folds: { type: 'integer', min: 2, max: 50, default: 5, summary: 'Folds that choose a penalty.' },
  intercept: { type: 'flag', default: true, summary: 'Whether a constant is added, unpenalised.' },
} as const;

type Values = ParametersOf<typeof constraints>;
export type ElasticNet = Specification<'elasticNet', Values>;

/**
 * Half the mean squared error plus penalty (l1Ratio |w|_1 + (1 - l1Ratio) |w|^2 / 2), by coordinate descent
 * to a proven duality gap: on the products of the columns, or above 2,000 columns on the columns. Without a
 * penalty, a path of penalties is followed on seeded folds, and the one of least squared error is taken; the
 * model keeps the path (`penalties`, `pathCoefficients`, `pathErrors`). Takes dense and sparse rows.
 *
 * @example
 * const model = await fit(elasticNet({ l1Ratio: 0.9 }), { features, target }, { seed: 1 });
 */
export function elasticNet(parameters: Partial<Values> = {}): ElasticNet {
  return specify('elasticNet', constraints, parameters);
}

/** The elastic net with the absolute penalty alone (Tibshirani 1996). */
export function lasso(parameters: Partial<Omit<Values, 'l1Ratio'>> = {}): ElasticNet {
  return elasticNet({ ...parameters, l1Ratio: 1 });
}

export const elasticNetKind: TabularKind<Values> = {
  kind: 'elasticNet',
  family: 'linear',
  roles: ['regressor'],
  summary: 'Least squares that silences columns, at a given penalty or one chosen on folds.',
  constraints,
  accepts: ['dense', 'sparse'],
  missing: false,
  target: 'numbers',
  memory: (size, { steps }) =>
    linearMemory(size, steps) + 24 * Math.min(size.columns, 2000) ** 2 + 40 * size.stored,
  fit: async ({ parameters }, examples, options) => {
    const all = await problemOf(examples, parameters.intercept, options);
    const { penalty, steps, l1Ratio } = parameters;
    if (penalty !== null) {
      const found = solve(all, penalty, parameters, undefined);
      const path = { penalties: float64([0], new Float64Array(0)) };
      return { tensors: { ...linearTensors(found), ...path, ...emptyPath(all.columns) } };
    }
    const most = largestPenalty(all, l1Ratio);
    const penalties = Float64Array.from(
      { length: steps },
      (_, step) => most * 1000 ** (-step / (steps - 1)),
    );
    const errors = await foldErrors(examples, penalties, parameters, options);
    const path = followPath(all, penalties, parameters);
    const best = errors.indexOf(errors.reduce((least, error) => Math.min(least, error), Infinity));
    const pathCoefficients = new Float64Array(steps * all.columns);
    path.forEach(({ coefficients }, step) => {
      pathCoefficients.set(coefficients, step * all.columns);
    });
    return {
      tensors: {
        ...linearTensors(path[best]!),
        penalties: float64([steps], penalties),
        pathCoefficients: float64([steps, all.columns], pathCoefficients),
        pathErrors: float64([steps], errors),
      },
      facts: { penalty: penalties[best]! },
    };
  },
  tensors: ({ columns }, { penalty, steps }) => {
    const length = penalty === null ? steps : 0;
    return {
      ...linearShapes(1, columns),
      penalties: { type: 'float64', shape: [length] },
      pathCoefficients: { type: 'float64', shape: [length, columns] },
      pathErrors: { type: 'float64', shape: [length] },
    };
  },
  predict: async (model, features) => linearScores(linearOf(model), features),
  onnx: (model) => numberGraph('elasticNet', linearOf(model), 'identity'),
};

function emptyPath(columns: number) {
  const none = new Float64Array(0);
  return { pathCoefficients: float64([0, columns], none), pathErrors: float64([0], none) };
}

/** A problem of the net, however its columns are held. */
interface NetProblem {
  readonly columns: number;
  readonly totalWeight: number;
  /** Each column times the target, both about their means. */
  readonly correlations: Float64Array;
  solve(options: ElasticNetOptions): ElasticNetSolution;
  interceptOf(coefficients: Float64Array): number;
}

/** Above so many columns, the products of all pairs of them are not formed. */
const mostSquareColumns = 2000;

function problemOf(
  examples: Examples,
  intercept: boolean,
  options: FitOptions,
): NetProblem | Promise<NetProblem> {
  const { features } = linearInput(examples, options);
  if (features.columns <= mostSquareColumns) return productsOf(examples, intercept, options);
  const shifts = new Float64Array(features.columns);
  if (intercept && !('offsets' in features)) addMeans(features, shifts);
  const sparse = 'offsets' in features ? features : writtenOut(features, shifts);
  const design = centredSparse(sparse, examples.target!, examples.weights, intercept);
  const { columns, totalWeight, correlations, means, targetMean } = design;
  return {
    ...{ columns, totalWeight, correlations },
    solve: (own) => elasticNetSparse(design, own),
    interceptOf: (coefficients) =>
      coefficients.reduce((rest, value, j) => rest - value * (means[j]! + shifts[j]!), targetMean),
  };
}

function addMeans({ rows, columns, values }: Matrix, means: Float64Array): void {
  for (let at = 0; at < values.length; at++) means[at % columns]! += values[at]! / rows;
}

/** Dense rows less the shifts, with every number an entry. */
function writtenOut({ rows, columns, values }: Matrix, shifts: Float64Array): SparseMatrix {
  if (values.length >= 2 ** 31) {
    throw new InvalidExamples(`${values.length} numbers are too many; up to 2^31 are allowed`);
  }
  return {
    ...{ rows, columns },
    offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * columns),
    indices: Int32Array.from(values, (_, at) => at % columns),
    values: Float64Array.from(values, (value, at) => value - shifts[at % columns]!),
  };
}

/** Products of the centred columns in their own units. */
async function productsOf(
  examples: Examples,
  intercept: boolean,
  options: FitOptions,
): Promise<NetProblem> {
  const { features, threads } = linearInput(examples, options);
  await using rows = await openRows(features, { ...threads, again: false, centred: intercept });
  const moments = await centredMoments(rows, examples, intercept);
  const { columns, scales, shifts } = rows;
  const correlations = moments.correlations.map((value, j) => value / scales[j]!);
  const products = {
    correlations,
    targetSquares: moments.targetSquares,
    gram: moments.gram.map(
      (value, at) => value / scales[Math.floor(at / columns)]! / scales[at % columns]!,
    ),
  };
  return {
    ...{ columns, correlations, totalWeight: moments.totalWeight },
    solve: (own) => elasticNetFromProducts(products, own),
    interceptOf: (coefficients) => {
      const standard = coefficients.map((value, j) => value / scales[j]!);
      const moved = coefficients.reduce((sum, value, j) => sum + value * shifts[j]!, 0);
      return intercept ? moments.interceptOf(standard) - moved : 0;
    },
  };
}

/** The smallest penalty that leaves every coefficient 0. */
function largestPenalty({ correlations, totalWeight }: NetProblem, l1Ratio: number): number {
  const most = correlations.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  return most > 0 ? most / totalWeight / l1Ratio : 1;
}

/** The solution at another penalty, where to begin. */
interface Near {
  readonly penalty: number;
  readonly coefficients: Float64Array;
}

function solve(
  problem: NetProblem,
  penalty: number,
  { l1Ratio }: Values,
  near: Near | undefined,
): LinearFunction {
  const size = penalty * problem.totalWeight;
  const found = problem.solve({
    ...{ l1: size * l1Ratio, l2: size * (1 - l1Ratio), tolerance: 1e-12, maxPasses: 100_000 },
    ...(near && {
      start: near.coefficients,
      startL1: near.penalty * problem.totalWeight * l1Ratio,
    }),
  });
  if (found.coefficients.some((value) => !Number.isFinite(value))) {
    throw new NotConverged('elasticNet', 'a coefficient is not finite', 'scale the columns');
  }
  const { coefficients } = found;
  return { coefficients, intercepts: Float64Array.of(problem.interceptOf(coefficients)) };
}

function followPath(problem: NetProblem, penalties: Float64Array, values: Values) {
  let near: Near | undefined;
  return Array.from(penalties, (penalty) => {
    const found = solve(problem, penalty, values, near);
    near = { penalty, coefficients: found.coefficients };
    return found;
  });
}

/** The mean squared error of each penalty on rows that were left out. */
async function foldErrors(
  examples: Examples,
  penalties: Float64Array,
  values: Values,
  options: FitOptions,
): Promise<Float64Array> {
  const count = rowsOf(examples.features);
  const places = Array.from({ length: count }, (_, row) => row);
  seededRandom(options.seed ?? 0).shuffle(places);
  const folds = Math.min(values.folds, count);
  const errors = new Float64Array(penalties.length);
  for (let fold = 0; fold < folds; fold++) {
    throwIfCancelled(options.signal, 'the fit');
    options.onProgress?.({ step: 'folds', done: fold, total: folds });
    const left = takeExamples(
      examples,
      places.filter((_, at) => at % folds === fold),
    );
    const kept = takeExamples(
      examples,
      places.filter((_, at) => at % folds !== fold),
    );
    if (rowsOf(kept.features) === 0 || kept.weights?.every((weight) => weight === 0)) continue;
    const problem = await problemOf(kept, values.intercept, options);
    followPath(problem, penalties, values).forEach((found, step) => {
      linearScores(found, left.features).forEach((score, row) => {
        errors[step]! += (left.weights?.[row] ?? 1) * (score - left.target![row]!) ** 2;
      });
    });
    await turn();
  }
  return errors.map((error) => error / count);
}
