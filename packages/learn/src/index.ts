export { type Constant, constant } from './baseline/constant.ts';
export type { Constraint, Constraints, Parameters, ParameterValue } from './constraint.ts';
export { describeConstraint } from './constraint.ts';
export { decodeModel, decodeRecommender, encodeModel, type ModelLimits } from './encode-model.ts';
export {
  EmptyInput,
  InvalidArgument,
  InvalidExamples,
  InvalidInteractions,
  InvalidModel,
  InvalidParameter,
  LearnError,
  NotConverged,
  UnknownEstimator,
  UnsupportedVerb,
} from './error.ts';
export { describeEstimators, type EstimatorDescription } from './estimators.ts';
export { type Examples, takeExamples } from './examples.ts';
export { type Features, type Field, type Frame, type Texts, takeRows } from './features.ts';
export { fit } from './fit.ts';
export type { FitOptions, Progress } from './fit-options.ts';
export {
  type FittedModel,
  isRecommender,
  type RecommenderModel,
  type TabularModel,
  type Tensor,
  type TensorType,
} from './fitted-model.ts';
export { densify, type Matrix, matrixFromRows, type SparseMatrix } from './matrix.ts';
export {
  type EvaluateOptions,
  evaluateUsers,
  measureLists,
  type UserMetrics,
} from './recommenders/evaluate.ts';
export { type ImplicitALS, implicitALS } from './recommenders/implicit-als.ts';
export {
  checkInteractions,
  type Interactions,
  interactionsFromPairs,
  itemsOf,
  type Pairs,
  transpose,
} from './recommenders/interactions.ts';
export { type ItemKnn, itemKnn } from './recommenders/item-knn.ts';
export { popularity } from './recommenders/popularity.ts';
export {
  foldIn,
  type RecommendOneOptions,
  recommend,
  recommendOne,
  score,
} from './recommenders/recommend.ts';
export type {
  Recommendations,
  RecommendOptions,
  Subject,
} from './recommenders/recommender-kind.ts';
export {
  activityOf,
  comparePaired,
  type Estimate,
  type EvaluationSummary,
  type MetricSummary,
  type PairedDifference,
  type SummariseOptions,
  summarise,
} from './recommenders/summarise.ts';
export type { Specification } from './specification.ts';
export {
  fitMemory,
  predict,
  predictProbabilities,
  scoreRows,
  transform,
} from './tabular-verbs.ts';
