/**
 * What a browser, a worker or the command line may load: contracts, their types and the client. No
 * file reachable from here imports Node or Fastify.
 */
export {
  type AnswerView,
  type AuditVerdict,
  contracts,
  type EstimatorsView,
  type FeaturesView,
  type HomeView,
  type LineageView,
  type RunView,
  type TableView,
  type VersionView,
} from './api/contracts.ts';
export {
  type AnyContract,
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
export {
  ApiError,
  type ApiFailure,
  type Client,
  type ClientOptions,
  client,
} from './typed-client.ts';
