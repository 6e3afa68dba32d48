export {
  deliver,
  deliveredFile,
  deliveryEffectKind,
  deliverySummaryArtifact,
} from './deliver.ts';
export { builtInEffects, type EffectPorts } from './effects.ts';
export { NoSnapshot, TasksError, TooLittleData, UnknownTable } from './error.ts';
export {
  estimatorArtifact,
  evaluateEstimator,
  fitEstimator,
  fitFound,
  rowsEvaluationArtifact,
  searchArtifact,
  searchEstimator,
  specificationArtifact,
} from './estimator-tasks.ts';
export {
  type Evaluation,
  evaluatedModels,
  evaluateRecommenders,
  evaluation,
  evaluationArtifact,
} from './evaluation.ts';
export { examplesArtifact } from './examples-set.ts';
export { fitRecommender, modelArtifact } from './fit-recommender.ts';
export { type InteractionSet, interactionSetArtifact } from './interaction-set.ts';
export {
  bundleArtifact,
  cardArtifact,
  type ItemFactsByKey,
  itemFactsArtifact,
  proposeEffectKind,
  proposeRecommender,
} from './propose.ts';
export type { TaskServices } from './services.ts';
export { absentSnapshot, openInput, snapshotArtifact } from './snapshot-artifact.ts';
export { splitByTime, type TimedPairs, type TimeSplit } from './time-split.ts';
