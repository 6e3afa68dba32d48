import type { ParametersOf } from '../constraint.ts';
import { InvalidModel, UnsupportedVerb } from '../error.ts';
import type { TargetKind } from '../examples.ts';
import type { Features } from '../features.ts';
import { float64, type TabularModel, tensorOf } from '../fitted-model.ts';
import { denseBlocks, type Matrix, type SparseMatrix } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { ApplyOptions, TabularKind } from '../tabular-kind.ts';
import { boost } from './boost.ts';
import { addTrees, boostedTrees, checkEnsemble, ensembleOf, ensembleShapes } from './ensemble.ts';
import { boostingGraph } from './ensemble-graph.ts';

const constraints = {
  objective: {
    type: 'choice',
    options: ['squared', 'classes', 'poisson', 'quantile', 'ranking'],
    default: 'squared',
    summary:
      'What is learned: a mean, classes, the mean of counts, a quantile, or the order in groups.',
  },
  rounds: {
    type: 'integer',
    min: 1,
    max: 100_000,
    default: 100,
    scale: 'log',
    summary: 'Trees, for each class beyond two.',
  },
  learningRate: {
    type: 'number',
    min: 0,
    above: true,
    max: 1,
    default: 0.1,
    scale: 'log',
    summary: 'How much of each step is taken.',
  },
  leaves: {
    type: 'integer',
    min: 2,
    max: 10_000,
    default: 31,
    scale: 'log',
    summary: 'The most leaves of a tree, the best first.',
  },
  depth: {
    type: 'integer',
    min: 1,
    max: 64,
    default: null,
    optional: true,
    summary: 'The most splits above a leaf; null for no limit.',
  },
  minRows: {
    type: 'integer',
    min: 1,
    max: 1e9,
    default: 20,
    scale: 'log',
    summary: 'The least rows of a leaf.',
  },
  minHessian: {
    type: 'number',
    min: 0,
    max: 1e12,
    default: 1e-3,
    summary: 'The least sum of second derivatives of a leaf.',
  },
  minGain: {
    type: 'number',
    min: 0,
    max: 1e12,
    default: 0,
    summary: 'What a split must gain at the least.',
  },
  l2: {
    type: 'number',
    min: 0,
    max: 1e12,
    default: 0,
    summary: 'The weight of the squared values of leaves.',
  },
  bins: { type: 'integer', min: 2, max: 255, default: 255, summary: 'The most bins of a column.' },
  rowShare: {
    type: 'number',
    min: 0,
    above: true,
    max: 1,
    default: 1,
    summary: 'The share of rows that each round grows on.',
  },
  columnShare: {
    type: 'number',
    min: 0,
    above: true,
    max: 1,
    default: 1,
    summary: 'The share of columns that each round may split on.',
  },
  categorical: {
    type: 'integers',
    min: 0,
    max: 1e6,
    maxLength: 10_000,
    default: [],
    summary: 'Columns that hold codes of categories, which are split by subsets.',
  },
  monotone: {
    type: 'integers',
    min: -1,
    max: 1,
    maxLength: 1_000_000,
    default: [],
    summary:
      'By column, 1 where more may only raise what is predicted, -1 only lower it, 0 for either.',
  },
  quantile: {
    type: 'number',
    min: 0,
    above: true,
    max: 0.999999,
    default: 0.5,
    summary: 'Which quantile `quantile` learns.',
  },
  validation: {
    type: 'number',
    min: 0,
    max: 0.9,
    default: 0,
    summary: 'The share of rows (or groups) held out to stop early by; 0 for all rounds.',
  },
  patience: {
    type: 'integer',
    min: 1,
    max: 100_000,
    default: 20,
    summary: 'Rounds without a better loss on those before it stops.',
  },
} as const;

export type GradientBoostingValues = ParametersOf<typeof constraints>;
export type GradientBoosting = Specification<'gradientBoosting', GradientBoostingValues>;

/**
 * Trees on binned columns, each grown best leaf first on the derivatives that the ones before left
 * (Friedman 2001; Ke et al. 2017): missing numbers go to the side that they gain more on, categories are
 * split by subsets, columns that exclude each other share one, monotone columns keep their direction.
 * Ranking is LambdaMART (Burges 2010). The same trees come out whatever the number of threads.
 *
 * @example
 * const model = await fit(gradientBoosting({ objective: 'classes', leaves: 63, validation: 0.1 }), train);
 */
export function gradientBoosting(
  parameters: Partial<GradientBoostingValues> = {},
): GradientBoosting {
  return specify('gradientBoosting', constraints, parameters);
}

const targets: Readonly<Record<GradientBoostingValues['objective'], TargetKind>> = {
  ...{ squared: 'numbers', quantile: 'numbers', poisson: 'nonnegative' },
  ...{ classes: 'classes', ranking: 'grades' },
} as const;

export const gradientBoostingKind: TabularKind<GradientBoostingValues> = {
  kind: 'gradientBoosting',
  family: 'trees',
  roles: ['regressor', 'classifier', 'ranker'],
  summary: 'Trees on binned columns, each on what the ones before left of the loss.',
  constraints,
  accepts: ['dense', 'sparse'],
  missing: true,
  target: ({ objective }) => targets[objective],
  memory: ({ rows, columns, classes }, { leaves, bins, rounds }) => {
    const outputs = Math.max(1, classes);
    const grown = rows * (2 * columns + 40 * outputs + 40);
    return (
      2 ** 24 +
      2 * grown +
      4 * rows * columns +
      64 * leaves * columns * (bins + 1) +
      100 * rounds * outputs * leaves
    );
  },
  fit: async ({ parameters }, examples, options) => {
    const { start, trees, rounds } = await boost(parameters, examples, options);
    return {
      tensors: { start: float64([start.length], start), ...trees },
      facts: { rounds },
    };
  },
  tensors: () => ({ start: { type: 'float64', shape: [-1] }, ...ensembleShapes }),
  checkModel: (model) => {
    checkEnsemble(model);
    const { classes } = model.signature;
    const { length } = tensorOf(model, 'start', 'float64').data;
    const trees = tensorOf(model, 'roots', 'int32').data.length;
    if (length !== (classes > 2 ? classes : 1) || trees % length !== 0) {
      throw new InvalidModel('it has not one start and as many trees for each output');
    }
  },
  predict: async (model, features, options) => {
    const { objective } = model.specification.parameters;
    const scores = await scoresOf(model, features, options);
    if (objective === 'poisson') return scores.values.map(Math.exp) as Float64Array;
    return objective === 'classes' ? likeliest(scores) : scores.values;
  },
  predictProbabilities: async (model, features, options) => {
    if (model.signature.classes === 0)
      throw new UnsupportedVerb('gradientBoosting', 'predictProbabilities');
    return probabilities(await scoresOf(model, features, options));
  },
  scoreRows: async (model, features, options) => {
    const scores = await scoresOf(model, features, options);
    if (scores.columns > 1)
      throw new UnsupportedVerb('gradientBoosting', 'scoreRows', 'it has one for each class');
    return scores.values;
  },
  onnx: boostingGraph,
  trees: boostedTrees,
};

/** Rows x outputs before any link. */
async function scoresOf(
  model: TabularModel,
  features: Features,
  options: ApplyOptions,
): Promise<Matrix & { readonly values: Float64Array }> {
  const given = features as Matrix | SparseMatrix;
  const start = tensorOf(model, 'start', 'float64').data;
  const columns = start.length;
  const values = new Float64Array(given.rows * columns);
  for (let at = 0; at < values.length; at++) values[at] = start[at % columns]!;
  const trees = ensembleOf(model);
  let row = 0;
  for (const block of denseBlocks(given)) {
    const scores = values.subarray(row * columns, (row + block.rows) * columns);
    await addTrees(trees, block, scores, columns, options);
    row += block.rows;
  }
  return { rows: given.rows, columns, values };
}

function likeliest({ rows, columns, values }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    if (columns === 1) return values[row]! > 0 ? 1 : 0;
    let best = 0;
    for (let label = 1; label < columns; label++) {
      if (values[row * columns + label]! > values[row * columns + best]!) best = label;
    }
    return best;
  });
}

function probabilities({ rows, columns, values }: Matrix): Matrix {
  if (columns === 1) {
    const both = new Float64Array(2 * rows);
    values.forEach((score, row) => {
      both[2 * row + 1] = 1 / (1 + Math.exp(-score));
      both[2 * row] = 1 / (1 + Math.exp(score));
    });
    return { rows, columns: 2, values: both };
  }
  const found = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * columns, (row + 1) * columns);
    let [most, sum] = [-Infinity, 0];
    for (const score of own) most = Math.max(most, score);
    for (const score of own) sum += Math.exp(score - most);
    own.forEach((score, label) => {
      found[row * columns + label] = Math.exp(score - most) / sum;
    });
  }
  return { rows, columns, values: found };
}
