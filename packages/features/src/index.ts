export type { FeatureValue } from './aggregates/aggregate.ts';
export {
  BadEvent,
  BadFeatureView,
  BuildUnderWay,
  FeatureVersionRefused,
  OnlineStoreFailed,
  UnknownFeatureView,
} from './feature-error.ts';
export {
  buildTrainingSet,
  type TrainingColumns,
  type TrainingOptions,
  trainingSet,
} from './offline/training-set.ts';
export type { OfflineEngine } from './offline/view-events.ts';
export type { Build, BuildOptions } from './online/build-view.ts';
export {
  type ConsistencyOptions,
  type ConsistencyReport,
  checkConsistency,
  type Mismatch,
} from './online/consistency.ts';
export { MemoryStore } from './online/memory-store.ts';
export {
  OnlineFeatures,
  type OnlineFeaturesOptions,
  type PushOutcome,
} from './online/online-features.ts';
export type { KeyPage, OnlineStore, RowChange } from './online/online-store.ts';
export type { PushedRow } from './online/pushed-rows.ts';
export { openRedisStore, type RedisOptions } from './online/redis-store.ts';
export { SqliteStore } from './online/sqlite-store.ts';
export type { BuildProgress, ViewFacts } from './online/view-facts.ts';
export { type Entity, entity } from './views/entity.ts';
export type {
  Feature,
  FeatureBuilder,
  FeatureData,
  Features,
  ValueOf,
  Window,
} from './views/feature.ts';
export {
  type FeaturesOf,
  type FeatureView,
  type FeatureViewOptions,
  featureDescriptions,
  featurePins,
  featureView,
  tablesOf,
} from './views/feature-view.ts';
