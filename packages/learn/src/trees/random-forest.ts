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
    default: true,
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
export type RandomForestClassifier = Specification<'randomForestClassifier', ClassifierValues>;
export type RandomForestRegressor = Specification<'randomForestRegressor', RegressorValues>;

/**
 * A forest of trees, each on as many rows as there are, drawn with repeats, each split the best of some
 * columns drawn for it (Breiman 2001); probabilities are the mean of the trees' shares. Columns are in at
 * most 255 bins. Facts: `importances`, the share of each column in what splits took of the impurity, and
 * with `outOfBag` the accuracy of the trees on rows that they did not draw.
 *
 * @example
 * const model = await fit(randomForestClassifier({ trees: 200, minRows: 3 }), { features, target }, { seed: 1 });
 */
export function randomForestClassifier(
  parameters: Partial<ClassifierValues> = {},
): RandomForestClassifier {
  return specify('randomForestClassifier', constraints, parameters);
}

/**
 * The mean of trees that lower the squared error; otherwise as `randomForestClassifier`. The fact `outOfBag`
 * is the share of the variance that is explained.
 *
 * @example
 * const model = await fit(randomForestRegressor({ featuresPerSplit: 'share' }), { features, target });
 */
export function randomForestRegressor(
  parameters: Partial<RegressorValues> = {},
): RandomForestRegressor {
  return specify('randomForestRegressor', numberConstraints, parameters);
}

const fixed = { randomThresholds: false, pruning: 0 } as const;

export const randomForestClassifierKind: TabularKind<ClassifierValues> = {
  ...classVerbs,
  kind: 'randomForestClassifier',
  summary: 'Trees on rows drawn anew, each split the best of some columns, to classes.',
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

export const randomForestRegressorKind: TabularKind<RegressorValues> = {
  ...numberVerbs,
  kind: 'randomForestRegressor',
  summary: 'Trees on rows drawn anew, each split the best of some columns, to means.',
  constraints: numberConstraints,
  memory: (size, values) => forestMemory({ ...size, classes: 0 }, values, values.trees),
  fit: async ({ kind, parameters: values }, examples, options) => {
    checkOutOfBag(kind, values);
    const { trees, bootstrap, outOfBag } = values;
    const growth = { ...fixed, values, trees, bootstrap, outOfBag, balanced: false };
    return growForest({ ...growth, criterion: 'squared' }, examples, options);
  },
};
