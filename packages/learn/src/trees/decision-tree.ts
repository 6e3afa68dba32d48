import type { ParametersOf } from '../constraint.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { classVerbs, numberVerbs } from './forest-kind.ts';
import {
  type ClassValues,
  classConstraints,
  forestMemory,
  type GrowthValues,
  growthConstraints,
} from './forest-parameters.ts';
import { growForest, oneTree } from './grow-forest.ts';

const own = {
  featuresPerSplit: {
    type: 'choice',
    options: ['sqrt', 'log2', 'all', 'share'],
    default: 'all',
    summary: 'How many columns each split looks at, drawn for it.',
  },
  pruning: {
    type: 'number',
    min: 0,
    max: 1e12,
    default: 0,
    summary: 'The cost of a leaf, in impurity; 0 prunes nothing.',
  },
} as const;

const numberConstraints = { ...growthConstraints, ...own } as const;
const constraints = { ...numberConstraints, ...classConstraints } as const;

type RegressorValues = GrowthValues & ParametersOf<typeof own>;
type ClassifierValues = RegressorValues & ClassValues;
export type DecisionTreeClassifier = Specification<'decisionTreeClassifier', ClassifierValues>;
export type DecisionTreeRegressor = Specification<'decisionTreeRegressor', RegressorValues>;

/**
 * A tree of splits that lower the gini impurity or the entropy most (Breiman et al. 1984), on columns in
 * at most 255 bins: where a column has no more distinct values, its splits are the exact ones. A threshold
 * lies in the middle of the bins between the two values it parts. Missing numbers go to the side that they
 * lower the impurity more on. The fact `importances` says what share each column had in that.
 *
 * @example
 * const model = await fit(decisionTreeClassifier({ depth: 5, pruning: 0.001 }), { features, target });
 */
export function decisionTreeClassifier(
  parameters: Partial<ClassifierValues> = {},
): DecisionTreeClassifier {
  return specify('decisionTreeClassifier', constraints, parameters);
}

/**
 * A tree of splits that lower the squared error most; otherwise as `decisionTreeClassifier`.
 *
 * @example
 * const model = await fit(decisionTreeRegressor({ leaves: 40, minRows: 5 }), { features, target });
 */
export function decisionTreeRegressor(
  parameters: Partial<RegressorValues> = {},
): DecisionTreeRegressor {
  return specify('decisionTreeRegressor', numberConstraints, parameters);
}

export const decisionTreeClassifierKind: TabularKind<ClassifierValues> = {
  ...classVerbs,
  kind: 'decisionTreeClassifier',
  summary: 'Splits of binned columns, one after the other, to classes.',
  constraints,
  memory: (size, values) => forestMemory(size, values, 1),
  fit: ({ parameters: values }, examples, options) => {
    const { criterion, pruning } = values;
    const balanced = values.classWeights === 'balanced';
    return growForest({ ...oneTree, values, criterion, balanced, pruning }, examples, options);
  },
};

export const decisionTreeRegressorKind: TabularKind<RegressorValues> = {
  ...numberVerbs,
  kind: 'decisionTreeRegressor',
  summary: 'Splits of binned columns, one after the other, to means.',
  constraints: numberConstraints,
  memory: (size, values) => forestMemory({ ...size, classes: 0 }, values, 1),
  fit: ({ parameters: values }, examples, options) => {
    const { pruning } = values;
    const growth = { ...oneTree, values, criterion: 'squared', balanced: false, pruning } as const;
    return growForest(growth, examples, options);
  },
};
