export { type Admission, sessionCookie } from './admission.ts';
export {
  type AnyContract,
  BadContract,
  type CliVerb,
  type Contract,
  contract,
  type Limits,
  type Method,
  openRoutes,
  type Permission,
  type StreamEvent,
  type StreamKind,
} from './contract.ts';
export { type Cause, type ErrorBody, Forbidden, ServerError } from './error.ts';
export { exportLineage, type LineageExportOptions } from './handlers/lineage-export.ts';
export { authenticateWith, authorizeWith } from './handlers/resource-facts.ts';
export { apiRoutes } from './handlers/routes.ts';
export type {
  BackupReport,
  CollectionReport,
  DeliveredFile,
  DeploymentWish,
  FeatureBuildWish,
  ProjectFacts,
  Services,
} from './handlers/services.ts';
export {
  createListener,
  type Listener,
  type ListenerOptions,
  type RegisteredRoute,
  startListener,
} from './listener.ts';
export { type Counter, type Histogram, type Labels, Metrics } from './metrics.ts';
export { metricsContract, metricsRoute } from './metrics-route.ts';
export { openApi, openApiContract, openApiRoute } from './openapi.ts';
export type { Authenticate, Authorize, Credential, Log, ServerEvent } from './ports.ts';
export type { Resource, Scope } from './principal.ts';
export {
  type InferRequest,
  type InferResponse,
  type ModelMetadata,
  openInference,
  type Tensor,
} from './protocols/open-inference.ts';
export { type InferenceServer, openInferenceRoutes } from './protocols/open-inference-routes.ts';
export {
  type ByteReply,
  type Reply,
  type RequestFacts,
  type Route,
  type RouteContext,
  route,
  type SessionCookie,
} from './route.ts';
export { readStaticFiles, type StaticFile, type StaticFiles } from './static-files.ts';
export { parseStrictJson } from './strict-json.ts';
export { assertSwept, type SweepReport, sweep, type WrongCredential } from './sweep.ts';
export {
  ApiError,
  type ApiFailure,
  type Client,
  type ClientOptions,
  client,
} from './typed-client.ts';
