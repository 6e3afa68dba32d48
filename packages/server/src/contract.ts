import type { Principal } from '@backlot/access';
import * as z from 'zod';
import type { Resource } from './principal.ts';
import { findLooseObject } from './strict-schema.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * How a result travels: one JSON value, server-sent events (each event's data is one result), a
 * text, or bytes in pieces.
 */
export type StreamKind = 'json' | 'events' | 'text' | 'bytes';

/** The whole list of routes that need no credential (the first two are the console's files). */
export const openRoutes = ['GET /', 'GET /assets/*', 'POST /api/v1/session'] as const;

export interface Limits {
  /** Most bytes of the body; 0 where a route takes none. */
  readonly bodyBytes: number;
  /** Longest time to answer, in milliseconds; for a stream, its longest life. */
  readonly timeoutMs: number;
  /** Most requests a minute of one principal (of one address on an open route). */
  readonly ratePerMinute?: number;
}

/** How the command line offers a route. */
export interface CliVerb {
  /** The words after `backlot`, such as `models approve`. */
  readonly command: string;
  /** Fields of params, query or body that are given by position, in order. */
  readonly positional?: readonly string[];
  readonly example: string;
}

// Schemas never compile code, so that a page's policy need not allow it and none runs on the server.
z.config({ jitless: true });

type NoFields = z.ZodObject<Record<never, never>, z.core.$strict>;

/** What a route asks of the policies before its handler runs. */
export interface Permission<
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
> {
  /** `noun.verb`, such as `model.approve`; the noun is the kind of the resource. */
  readonly action: string;
  /**
   * The thing acted on: fixed, or a pure function of the request's place. By default its id is the
   * params in the order of the path joined by `/`, and the workspace's own id where there are none.
   */
  readonly resource?:
    | Resource
    | ((input: {
        readonly principal: Principal;
        readonly params: z.output<P>;
        readonly query: z.output<Q>;
      }) => Resource);
}

/** A route as frozen data: handler types, OpenAPI, the typed client and the sweep come from it. */
export interface Contract<
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodType | 'bytes' = z.ZodType | 'bytes',
  R extends z.ZodType = z.ZodType,
  S extends StreamKind = StreamKind,
  A extends 'open' | Permission<P, Q> = 'open' | Permission<P, Q>,
> {
  /** `nouns.verb`, unique among the routes. */
  readonly id: string;
  readonly method: Method;
  /** Fixed parts and `:params`, under `/api/v1/` or of a protocol that others define. */
  readonly path: string;
  readonly summary: string;
  readonly permission: A;
  /** The purpose that a read of a table states. */
  readonly purpose?: string;
  readonly params?: P;
  readonly query?: Q;
  /** A strict schema of the JSON body, or `'bytes'` for an upload as application/octet-stream. */
  readonly body?: B;
  readonly result: R;
  readonly stream?: S;
  /** The media type of a text or of bytes. */
  readonly mediaType?: string;
  /** The shape of errors where another protocol defines one. */
  readonly errors?: 'open-inference';
  readonly limits: Limits;
  readonly cli?: CliVerb;
}

/** Any contract, whatever its types. */
// biome-ignore lint/suspicious/noExplicitAny: a function of unknown parameters has no other supertype
export type AnyContract = Contract<any, any, any, any, any, any>;

/** A mistake in a contract, which is a bug of whoever wrote it. */
export class BadContract extends TypeError {
  override readonly name = 'BadContract';
}

/**
 * Makes a contract, frozen, or throws `BadContract` naming what is missing or loose.
 *
 * @example
 * const readModel = contract({
 *   id: 'models.read', method: 'GET', path: '/api/v1/models/:model', summary: 'One model',
 *   params: z.strictObject({ model: nameText }),
 *   permission: { action: 'model.read', resource: ({ params }) => ({ type: 'Model', id: params.model }) },
 *   result: z.strictObject({ name: z.string() }),
 *   limits: { bodyBytes: 0, timeoutMs: 2_000 },
 * });
 */
export function contract<
  R extends z.ZodType,
  P extends z.ZodObject = NoFields,
  Q extends z.ZodObject = NoFields,
  B extends z.ZodType | 'bytes' = z.ZodUndefined,
  S extends StreamKind = 'json',
  A extends 'open' | Permission<P, Q> = 'open' | Permission<P, Q>,
>(fields: Contract<P, Q, B, R, S, A>): Contract<P, Q, B, R, S, A> {
  const wrong = findMistake(fields as AnyContract);
  if (wrong !== undefined) throw new BadContract(`contract ${fields.id}: ${wrong}`);
  Object.freeze(fields.limits);
  if (typeof fields.permission === 'object') Object.freeze(fields.permission);
  return Object.freeze(fields);
}

/** Paths that other tools ask for at the root; Feast's clients take no prefix. */
const rootPaths: ReadonlySet<string> = new Set([
  ...['/metrics', '/openapi.json'],
  ...['/get-online-features', '/push', '/write-to-online-store'],
]);
const pathPattern = /^(?:\/api\/v1|\/v2)(?:\/(?:[a-z0-9][a-z0-9.-]*|:[a-zA-Z]+))*$/;

function findMistake(fields: AnyContract): string | undefined {
  if (!/^[a-z][a-zA-Z0-9]*(\.[a-z][a-zA-Z0-9]*)+$/.test(fields.id)) return 'id is nouns.verb';
  if (!rootPaths.has(fields.path) && !pathPattern.test(fields.path))
    return `path ${fields.path} is under /api/v1/ or of a protocol`;
  return findPermissionMistake(fields) ?? findLimitsMistake(fields) ?? findSchemaMistake(fields);
}

function findPermissionMistake({ permission, method, path }: AnyContract): string | undefined {
  if (permission === 'open') {
    const known = (openRoutes as readonly string[]).includes(`${method} ${path}`);
    return known ? undefined : `open routes are ${openRoutes.join(', ')}, no other`;
  }
  if (typeof permission !== 'object' || permission === null) return 'it has no permission';
  if (!/^[a-z][a-zA-Z-]*(\.[a-z][a-zA-Z-]*)+$/.test(permission.action))
    return 'action is noun.verb';
  return undefined;
}

function findLimitsMistake({ limits, body }: AnyContract): string | undefined {
  if (typeof limits !== 'object' || limits === null) return 'it has no limits';
  if (!isCount(limits.bodyBytes, 0)) return 'limits.bodyBytes is 0 or a positive integer';
  if (!isCount(limits.timeoutMs, 1)) return 'limits.timeoutMs is a positive integer';
  if (limits.ratePerMinute !== undefined && !isCount(limits.ratePerMinute, 1)) {
    return 'limits.ratePerMinute is a positive integer';
  }
  return body !== undefined && limits.bodyBytes === 0 ? 'it takes a body of 0 bytes' : undefined;
}

function isCount(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

function findSchemaMistake(fields: AnyContract): string | undefined {
  const { method, body, params, result } = fields;
  if (!(result instanceof z.ZodType)) return 'it has no result schema';
  if (body !== undefined && (method === 'GET' || method === 'DELETE')) {
    return `a ${method} takes no body`;
  }
  const named = [...fields.path.matchAll(/:([a-zA-Z]+)/g)].map(([, name]) => name);
  const described = Object.keys(params?.shape ?? {});
  if ([...named].sort().join() !== [...described].sort().join()) {
    return `path names params [${named}], the schema [${described}]`;
  }
  for (const part of ['params', 'query', 'body', 'result'] as const) {
    const schema = fields[part];
    if (schema === undefined || schema === 'bytes') continue;
    const loose = findLooseObject(schema, part);
    if (loose !== undefined) return `${loose} is not a strict object`;
  }
  return undefined;
}

/** One event of a stream. */
export interface StreamEvent<T> {
  /** A position that a client sends back as Last-Event-ID to go on from. */
  readonly id?: string;
  readonly event?: string;
  readonly data: T;
}
