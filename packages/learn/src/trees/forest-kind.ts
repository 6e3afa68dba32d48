import type { TargetKind } from '../examples.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { forestGraph } from './forest-graph.ts';
import { forestMeans, largestShares } from './forest-means.ts';
import { checkForest, forestShapes, forestTrees } from './forest-model.ts';

/** What every tree and forest declares alike. */
const shared = {
  family: 'trees',
  accepts: ['dense', 'sparse'],
  missing: true,
  tensors: forestShapes,
  checkModel: checkForest,
  onnx: forestGraph,
  trees: forestTrees,
} as const;

/** What kinds spread into themselves; of it, none reads a parameter. */
type Declared<Names extends keyof TabularKind<object>> = Required<
  Pick<TabularKind<object>, Names>
> & { readonly target: TargetKind };

type Shared =
  | 'family'
  | 'accepts'
  | 'missing'
  | 'tensors'
  | 'checkModel'
  | 'onnx'
  | 'trees'
  | 'roles';

/** Of those that tell classes apart. */
export const classVerbs: Declared<Shared | 'predict' | 'predictProbabilities'> = {
  ...shared,
  roles: ['classifier'],
  target: 'classes',
  predict: async (model, features, options) =>
    largestShares(await forestMeans(model, features, options)),
  predictProbabilities: forestMeans,
};

/** Of those that foretell numbers. */
export const numberVerbs: Declared<Shared | 'predict'> = {
  ...shared,
  roles: ['regressor'],
  target: 'numbers',
  predict: async (model, features, options) => (await forestMeans(model, features, options)).values,
};
