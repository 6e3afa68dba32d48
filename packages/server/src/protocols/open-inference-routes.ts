import { ServerError } from '../error.ts';
import type { Scope } from '../principal.ts';
import { type Route, route } from '../route.ts';
import {
  type InferRequest,
  type InferResponse,
  type ModelMetadata,
  openInference,
  type ReceivedRequest,
  type Tensor,
} from './open-inference.ts';

/** What serving implements. Each throws a `notFound` error for a model that the scope lacks. */
export interface InferenceServer {
  metadata(scope: Scope, model: string, version?: string): Promise<ModelMetadata>;
  /** Without a model: whether all can answer. */
  ready(scope: Scope, model?: string, version?: string): Promise<boolean>;
  /** The inputs' data is flat and its length fits the shape. */
  infer(
    scope: Scope,
    request: InferRequest & { readonly model: string; readonly version?: string },
    options: { readonly signal: AbortSignal; readonly principal: string },
  ): Promise<InferResponse>;
}

/** The protocol's routes over an implementation. */
export function openInferenceRoutes(server: InferenceServer, version: string): readonly Route[] {
  return [
    route(openInference.server, () => ({ name: 'backlot', version, extensions: [] })),
    route(openInference.live, () => ({ live: true })),
    route(openInference.ready, async ({ scope }) => {
      if (await server.ready(scope)) return { ready: true };
      throw new ServerError('overloaded', 'not every model is ready', { retryAfterSeconds: 1 });
    }),
    route(openInference.model, ({ scope, params }) => server.metadata(scope, params.model)),
    route(openInference.modelVersion, ({ scope, params }) =>
      server.metadata(scope, params.model, params.version),
    ),
    route(openInference.modelReady, ({ scope, params }) => ready(server, scope, params.model)),
    route(openInference.modelVersionReady, ({ scope, params }) =>
      ready(server, scope, params.model, params.version),
    ),
    route(openInference.infer, (call) => infer(server, call)),
    route(openInference.inferVersion, (call) => infer(server, call)),
  ];
}

/** Clients read the status alone: a model that is there but not ready is a 503. */
async function ready(server: InferenceServer, scope: Scope, model: string, version?: string) {
  if (await server.ready(scope, model, version)) return { name: model, ready: true };
  throw new ServerError('overloaded', 'the model is not ready', { retryAfterSeconds: 1 });
}

async function infer(
  server: InferenceServer,
  call: {
    readonly scope: Scope;
    readonly principal: { readonly id: string };
    readonly params: { readonly model: string; readonly version?: string };
    readonly body: ReceivedRequest;
    readonly request: { readonly signal: AbortSignal };
  },
): Promise<InferResponse> {
  const { scope, params, body, request, principal } = call;
  const inputs = body.inputs.map((input, at) => flatten(input, at));
  const options = { signal: request.signal, principal: principal.id };
  const answer = await server.infer(scope, { ...body, ...params, inputs }, options);
  // A client finds its answer by the id that it sent.
  return body.id === undefined ? answer : { ...answer, id: body.id };
}

/** Nested data becomes flat, row-major; what does not fit shape and type is refused. */
function flatten(input: ReceivedRequest['inputs'][number], at: number): Tensor {
  const place = `body.inputs.${at}`;
  const elements = input.shape.reduce((product, size) => product * size, 1);
  const flat = [...leaves(input.data)];
  if (flat.length !== elements) {
    const reason = `${place}.data holds ${flat.length} elements, its shape ${elements}`;
    throw new ServerError('invalidInput', reason, { place: `${place}.data` });
  }
  const wrong = flat.findIndex((value) => !fits(input.datatype, value));
  if (wrong >= 0) {
    const reason = `${place}.data holds a value at ${wrong} that is no ${input.datatype}`;
    throw new ServerError('invalidInput', reason, { place: `${place}.data` });
  }
  return { ...input, data: flat as Tensor['data'] };
}

/** As deep as JSON may nest, which is bounded. */
function* leaves(data: readonly unknown[]): Generator<unknown> {
  for (const item of data) {
    if (Array.isArray(item)) yield* leaves(item);
    else yield item;
  }
}

function fits(datatype: Tensor['datatype'], value: unknown): boolean {
  if (datatype === 'BOOL') return typeof value === 'boolean';
  if (datatype === 'BYTES') return typeof value === 'string';
  if (typeof value !== 'number') return false;
  if (datatype.startsWith('FP')) return true;
  if (!Number.isSafeInteger(value)) return false;
  const bits = Number(datatype.replace(/\D/g, ''));
  const signed = datatype.startsWith('INT');
  const least = signed ? -(2 ** (bits - 1)) : 0;
  return value >= least && value < 2 ** (signed ? bits - 1 : bits);
}
