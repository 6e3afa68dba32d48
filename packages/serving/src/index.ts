export {
  type BundleContent,
  decodeBundle,
  encodeBundle,
  type RecommenderBundle,
} from './bundle.ts';
export type { Catalogue, CatalogueHeader, ItemFacts } from './catalogue.ts';
export {
  type Answer,
  Endpoint,
  type EndpointOptions,
  type EndpointState,
  type LoadedModel,
  type RecommendedItem,
  type Replay,
} from './endpoint.ts';
export type { EndpointFigures, LatencyBucket, MinuteFigures } from './endpoint-metrics.ts';
export { Endpoints } from './endpoints.ts';
export {
  AnswerRefused,
  BadRequest,
  BundleRefused,
  LogUnavailable,
  NotServing,
  PredictionDamaged,
  PredictionMissing,
  ServingError,
  UnknownEndpoint,
} from './error.ts';
export { type InferenceOptions, type InferencePort, openInferencePort } from './inference-port.ts';
export {
  type InferenceRequest,
  type InferenceResponse,
  type InferenceTensor,
  infer,
  isReady,
  type ModelMetadata,
  modelMetadata,
  type OutputTensor,
  type TensorMetadata,
} from './open-inference.ts';
export {
  type LogRecovery,
  openPredictionLog,
  type PredictionDraft,
  type PredictionLog,
  type PredictionLogOptions,
} from './prediction-log.ts';
export type { AnswerBasis, PredictionRecord, PredictionRequest } from './prediction-record.ts';
export type { RecommendRequest } from './recommend.ts';
export { type OpenScorer, openFittedModel, type Ranking, type Scorer } from './scorer.ts';
