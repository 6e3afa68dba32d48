import type { Json } from '@backlot/core';
import * as z from 'zod';
import { type AnyContract, contract } from './contract.ts';
import { causes } from './error.ts';
import { type Route, route } from './route.ts';

type Document = { readonly [key: string]: Json };

/**
 * The OpenAPI 3.1 document of the contracts: what is sent is described as it is accepted (before
 * defaults and coercion), what is answered as it arrives.
 */
export function openApi(contracts: readonly AnyContract[], version: string): Document {
  const paths: Record<string, Record<string, Json>> = {};
  const shared: Record<string, Json> = { Error: errorSchema };
  for (const one of contracts) {
    const path = one.path.replace(/:([a-zA-Z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [one.method.toLowerCase()]: operation(one, shared) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Backlot', version },
    paths,
    components: {
      schemas: shared,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'backlot_session' },
      },
    },
    security: [{ token: [] }, { session: [] }],
  };
}

/** The document as a route, for those who may see the workspace. */
export function openApiRoute(contracts: readonly AnyContract[], version: string): Route {
  const text = JSON.stringify(openApi([...contracts, openApiContract], version));
  return route(openApiContract, () => text);
}

export const openApiContract = contract({
  id: 'openapi.read',
  method: 'GET',
  path: '/openapi.json',
  summary: 'This document',
  permission: { action: 'workspace.read' },
  stream: 'text',
  mediaType: 'application/json',
  result: z.string(),
  limits: { bodyBytes: 0, timeoutMs: 5_000 },
});

const errorSchema: Json = {
  type: 'object',
  required: ['error'],
  additionalProperties: false,
  properties: {
    error: {
      type: 'object',
      required: ['code', 'kind', 'reason', 'requestId'],
      additionalProperties: false,
      properties: {
        code: { type: 'string', pattern: '^E-[A-Z]+-[0-9]{3}$' },
        kind: { type: 'string' },
        reason: { type: 'string' },
        place: { type: 'string' },
        mend: { type: 'string' },
        requestId: { type: 'string' },
      },
    },
  },
};
const openInferenceErrorSchema: Json = {
  type: 'object',
  required: ['error'],
  properties: { error: { type: 'string' } },
};

/** Schemas that refer to themselves, under names of the whole document. */
type Shared = Record<string, Json>;

function operation(one: AnyContract, shared: Shared): Json {
  const describe = describer(one.id, shared);
  return {
    operationId: one.id,
    summary: one.summary,
    ...(one.permission === 'open' ? { security: [] } : { 'x-action': one.permission.action }),
    ...(one.purpose !== undefined && { 'x-purpose': one.purpose }),
    'x-limits': { ...one.limits },
    parameters: [
      ...parameters(one.params, 'path', describe),
      ...parameters(one.query, 'query', describe),
    ],
    ...(one.body !== undefined && { requestBody: requestBody(one, describe) }),
    responses: responses(one, describe),
  };
}

function parameters(
  schema: z.ZodObject | undefined,
  place: 'path' | 'query',
  describe: Describe,
): readonly Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = describe(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: field,
  }));
}

function requestBody({ body }: AnyContract, describe: Describe): Json {
  const content: Json =
    body === 'bytes'
      ? { 'application/octet-stream': {} }
      : { 'application/json': { schema: describe(body, 'input') } };
  return { required: true, content };
}

function responses(one: AnyContract, describe: Describe): Json {
  const codes = new Set(Object.values(causes).map(({ status }) => status));
  const schema =
    one.errors === 'open-inference'
      ? openInferenceErrorSchema
      : { $ref: '#/components/schemas/Error' };
  const refused = { description: 'Refused', content: { 'application/json': { schema } } };
  const refusals = [...codes].sort((a, b) => a - b).map((code) => [String(code), refused]);
  const shown = one.stream === 'bytes' ? {} : { schema: describe(one.result, 'output') };
  const answer = { description: one.summary, content: { [mediaTypeOf(one)]: shown } };
  return { '200': answer, ...Object.fromEntries(refusals) };
}

function mediaTypeOf({ stream, mediaType }: AnyContract): string {
  if (stream === 'events') return 'text/event-stream';
  if (stream === 'text') return mediaType ?? 'text/plain';
  return stream === 'bytes' ? (mediaType ?? 'application/octet-stream') : 'application/json';
}

type Describe = (schema: z.ZodType, io: 'input' | 'output') => Json;

/** A recursive schema's own definitions move to the document's, since a reference starts there. */
function describer(id: string, shared: Shared): Describe {
  return (schema, io) => {
    const { $schema: _dialect, ...whole } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
    const prefix = `${id}.${io}.${Object.keys(shared).length}.`;
    const text = JSON.stringify(whole).replaceAll('"#/$defs/', `"#/components/schemas/${prefix}`);
    const { $defs = {}, ...rest } = JSON.parse(text) as { $defs?: Record<string, Json> };
    for (const [name, definition] of Object.entries($defs)) shared[prefix + name] = definition;
    return rest as Json;
  };
}
