import type { ParametersOf } from '../constraint.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { classVerbs, numberVerbs } from './forest-kind.ts';
import {
  type ClassValues,
  checkOutOfBag,
  classConstraints,
  type ForestValues,
  forestConstraints,
  forestMemory,
  type GrowthValues,
  growthConstraints,
} from './forest-parameters.ts';
import { growForest } from './grow-forest.ts';

const own = {
  bootstrap: {
    type: 'flag',
    default: false,
    summary: 'Whether each tree draws as many rows as there are, with repeats.',
  },
} as const;

const shared = { ...growthConstraints, ...forestConstraints, ...own } as const;

const featuresPerSplit = {
  type: 'choice',
  options: ['sqrt', 'log2', 'all', 'share'],
  summary: 'How many columns each split looks at, drawn for it.',
} as const;

const constraints = {
  ...shared,
  ...classConstraints,
  featuresPerSplit: { ...featuresPerSplit, default: 'sqrt' },
} as const;

const numberConstraints = {
  ...shared,
  featuresPerSplit: { ...featuresPerSplit, default: 'all' },
} as const;

type RegressorValues = GrowthValues & ForestValues & ParametersOf<typeof own>;
type ClassifierValues = RegressorValues & ClassValues;
export type ExtraTreesClassifier = Specification<'extraTreesClassifier', ClassifierValues>;
export type ExtraTreesRegressor = Specification<'extraTreesRegressor', RegressorValues>;

/**
 * A forest whose splits are random (Geurts, Ernst and Wehenkel 2006): of some columns drawn for a split, each
 * is parted at a bin drawn between its least and greatest in the node, and the best of these is taken.
 * Bins have about equal counts, so that thresholds are even in rows rather than in values.
 *
 * @example
 * const model = await fit(extraTreesClassifier({ trees: 200, minRows: 3 }), { features, target }, { seed: 1 });
 */
export function extraTreesClassifier(
  parameters: Partial<ClassifierValues> = {},
): ExtraTreesClassifier {
  return specify('extraTreesClassifier', constraints, parameters);
}

/**
 * The mean of trees with random splits that lower the squared error; otherwise as `extraTreesClassifier`.
 *
 * @example
 * const model = await fit(extraTreesRegressor({ featuresPerSplit: 'share' }), { features, target });
 */
export function extraTreesRegressor(
  parameters: Partial<RegressorValues> = {},
): ExtraTreesRegressor {
  return specify('extraTreesRegressor', numberConstraints, parameters);
}

const fixed = { randomThresholds: true, pruning: 0 } as const;

export const extraTreesClassifierKind: TabularKind<ClassifierValues> = {
  ...classVerbs,
  kind: 'extraTreesClassifier',
  summary: 'Trees on all rows, each split the best of some random ones, to classes.',
  constraints,
  memory: (size, values) => forestMemory(size, values, values.trees),
  fit: async ({ kind, parameters: values }, examples, options) => {
    checkOutOfBag(kind, values);
    const { criterion, trees, bootstrap, outOfBag } = values;
    const balanced = values.classWeights === 'balanced';
    const growth = { ...fixed, values, criterion, trees, bootstrap, outOfBag, balanced };
    return growForest(growth, examples, options);
  },
};

export const extraTreesRegressorKind: TabularKind<RegressorValues> = {
  ...numberVerbs,
  kind: 'extraTreesRegressor',
  summary: 'Trees on all rows, each split the best of some random ones, to means.',
  constraints: numberConstraints,
  memory: (size, values) => forestMemory({ ...size, classes: 0 }, values, values.trees),
  fit: async ({ kind, parameters: values }, examples, options) => {
    checkOutOfBag(kind, values);
    const { trees, bootstrap, outOfBag } = values;
    const growth = { ...fixed, values, trees, bootstrap, outOfBag, balanced: false };
    return growForest({ ...growth, criterion: 'squared' }, examples, options);
  },
};
