import type { Endpoint } from './endpoint.ts';
import type { Endpoints } from './endpoints.ts';
import { UnknownEndpoint } from './error.ts';
import {
  type InferenceRequest,
  type InferenceResponse,
  infer,
  isReady,
  type ModelMetadata,
  modelMetadata,
} from './open-inference.ts';

/** What an HTTP front of the protocol asks for; a model is the endpoint that serves it. */
export interface InferencePort {
  metadata(scope: Tenant, model: string, version?: string): Promise<ModelMetadata>;
  /** Without a model: whether every endpoint of the workspace answers. */
  ready(scope: Tenant, model?: string, version?: string): Promise<boolean>;
  infer(scope: Tenant, request: NamedRequest): Promise<InferenceResponse>;
}

type Tenant = { readonly workspace: string };
type NamedRequest = InferenceRequest & { readonly model: string; readonly version?: string };

export interface InferenceOptions {
  readonly endpoints: Endpoints;
  /** Turns what callers call an account into the workspace's pseudonym. */
  readonly pseudonymiser: (
    workspace: string,
  ) => Promise<(account: string) => string> | ((account: string) => string);
}

/** The protocol over the endpoints of a process. */
export function openInferencePort({ endpoints, pseudonymiser }: InferenceOptions): InferencePort {
  return {
    metadata: async ({ workspace }, model, version) =>
      modelMetadata(ofVersion(endpoints.get(workspace, model), version)),
    ready: async ({ workspace }, model, version) =>
      model === undefined
        ? endpoints.list(workspace).every((endpoint) => isReady(endpoint))
        : isReady(endpoints.get(workspace, model), version),
    infer: async ({ workspace }, request) => {
      const endpoint = ofVersion(endpoints.get(workspace, request.model), request.version);
      return infer(endpoint, request, await pseudonymiser(workspace));
    },
  };
}

function ofVersion(endpoint: Endpoint, version: string | undefined): Endpoint {
  if (version === undefined || !endpoint.loaded || isReady(endpoint, version)) return endpoint;
  throw new UnknownEndpoint();
}
