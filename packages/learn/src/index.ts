export type { Constraint, Constraints, Parameters } from './constraint.ts';
export { describeConstraint } from './constraint.ts';
export { decodeModel, encodeModel, type ModelLimits } from './encode-model.ts';
export {
  EmptyInput,
  InvalidArgument,
  InvalidInteractions,
  InvalidModel,
  InvalidParameter,
  LearnError,
  UnknownEstimator,
} from './error.ts';
export type {
  FitOptions,
  Progress,
  Recommendations,
  RecommendOptions,
  Subject,
} from './estimator-kind.ts';
export { describeEstimators, type EstimatorDescription } from './estimators.ts';
export { type EvaluateOptions, evaluateUsers, measureLists, type UserMetrics } from './evaluate.ts';
export type { FittedModel, Tensor, TensorType } from './fitted-model.ts';
export { type ImplicitALS, implicitALS } from './implicit-als.ts';
export {
  checkInteractions,
  type Interactions,
  interactionsFromPairs,
  itemsOf,
  type Pairs,
  transpose,
} from './interactions.ts';
export { type ItemKnn, itemKnn } from './item-knn.ts';
export { popularity } from './popularity.ts';
export type { Specification } from './specification.ts';
export {
  activityOf,
  comparePaired,
  type Estimate,
  type EvaluationSummary,
  type MetricSummary,
  type PairedDifference,
  type SummariseOptions,
  summarise,
} from './summarise.ts';
export {
  fit,
  foldIn,
  type RecommendOneOptions,
  recommend,
  recommendOne,
  score,
} from './verbs.ts';
