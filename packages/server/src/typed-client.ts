import type { ErrorKind } from '@backlot/core';
import type * as z from 'zod';
import type { AnyContract, Contract, StreamEvent, StreamKind } from './contract.ts';

/** What an error answer says. */
export interface ApiFailure {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly reason: string;
  readonly place?: string;
  readonly mend?: string;
  readonly requestId?: string;
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
}

/** A failed call, with the fields of core's `BacklotError`; core itself needs Node. */
export class ApiError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly reason: string;
  readonly place: string | undefined;
  readonly mend: string | undefined;
  readonly requestId: string | undefined;
  readonly status: number;

  constructor(failure: ApiFailure, cause?: unknown) {
    super(`${failure.code} ${failure.reason}`, { cause });
    this.name = 'ApiError';
    this.code = failure.code;
    this.kind = failure.kind;
    this.reason = failure.reason;
    this.place = failure.place;
    this.mend = failure.mend;
    this.requestId = failure.requestId;
    this.status = failure.status;
  }
}

export interface ClientOptions {
  /** Such as `http://127.0.0.1:4321`; empty for the page's own origin. */
  readonly baseUrl: string;
  /** A bearer token; without one a browser sends its session cookie. */
  readonly token?: string;
  readonly fetch: typeof globalThis.fetch;
  /** Makes the error that is thrown, where `ApiError` is not the wanted class. */
  readonly failure?: (failure: ApiFailure, cause?: unknown) => Error;
}

type Fields<T> = T extends z.ZodObject
  ? [keyof z.input<T>] extends [never]
    ? unknown
    : z.input<T>
  : unknown;
type Part<Name extends string, T> = unknown extends T
  ? unknown
  : Record<never, never> extends T
    ? { readonly [K in Name]?: T }
    : { readonly [K in Name]: T };
type BodyOf<B> = B extends 'bytes'
  ? Uint8Array
  : B extends z.ZodUndefined
    ? unknown
    : B extends z.ZodType
      ? z.input<B>
      : unknown;
type CallOptions = { readonly signal?: AbortSignal; readonly lastEventId?: string };

type AnswerOf<R extends z.ZodType, S extends StreamKind> = S extends 'events'
  ? AsyncIterable<StreamEvent<z.output<R>>>
  : S extends 'text'
    ? Promise<string>
    : S extends 'bytes'
      ? Promise<Uint8Array>
      : Promise<z.output<R>>;

type CallOf<C> =
  C extends Contract<infer P, infer Q, infer B, infer R, infer S, infer _A>
    ? Record<never, never> extends Part<'params', Fields<P>> &
        Part<'query', Fields<Q>> &
        Part<'body', BodyOf<B>>
      ? (
          input?: Part<'query', Fields<Q>> & Part<'body', BodyOf<B>>,
          options?: CallOptions,
        ) => AnswerOf<R, S>
      : (
          input: Part<'params', Fields<P>> & Part<'query', Fields<Q>> & Part<'body', BodyOf<B>>,
          options?: CallOptions,
        ) => AnswerOf<R, S>
    : never;

/** One function for each contract, under the contract's own name in the record. */
export type Client<T extends Readonly<Record<string, AnyContract>>> = {
  readonly [K in keyof T]: CallOf<T[K]>;
};

interface Input {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/**
 * A typed client of the contracts given.
 *
 * @example
 * const api = client({ readModel }, { baseUrl: 'http://127.0.0.1:4321', token, fetch });
 * const model = await api.readModel({ params: { model: 'als-film' } });
 */
export function client<T extends Readonly<Record<string, AnyContract>>>(
  contracts: T,
  options: ClientOptions,
): Client<T> {
  const calls = Object.entries(contracts).map(([name, contract]) => [
    name,
    (input: Input = {}, more: CallOptions = {}) =>
      contract.stream === 'events'
        ? watch(options, contract, input, more)
        : ask(options, contract, input, more),
  ]);
  return Object.freeze(Object.fromEntries(calls));
}

async function ask(
  options: ClientOptions,
  contract: AnyContract,
  input: Input,
  more: CallOptions,
): Promise<unknown> {
  const response = await request(options, contract, input, more);
  if (contract.stream === 'bytes') return new Uint8Array(await response.arrayBuffer());
  return contract.stream === 'text' ? response.text() : response.json();
}

async function request(
  options: ClientOptions,
  contract: AnyContract,
  input: Input,
  more: CallOptions,
): Promise<Response> {
  const { method, body } = contract;
  const headers: Record<string, string> = { accept: acceptOf(contract) };
  if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`;
  if (method !== 'GET') headers['x-backlot'] = '1';
  if (body !== undefined) {
    headers['content-type'] = body === 'bytes' ? 'application/octet-stream' : 'application/json';
  }
  if (more.lastEventId !== undefined) headers['last-event-id'] = more.lastEventId;
  const response = await reach(options, `${options.baseUrl}${urlOf(contract, input)}`, {
    method,
    headers,
    credentials: 'same-origin',
    redirect: 'error',
    ...(body !== undefined && { body: bodyOf(contract, input) }),
    ...(more.signal && { signal: more.signal }),
  });
  if (response.ok) return response;
  throw fail(options, await readFailure(response));
}

function acceptOf({ stream }: AnyContract): string {
  return stream === 'events' ? 'text/event-stream' : '*/*';
}

function bodyOf({ body }: AnyContract, input: Input): string | Uint8Array<ArrayBuffer> {
  return body === 'bytes'
    ? (input.body as Uint8Array<ArrayBuffer>)
    : JSON.stringify(input.body ?? {});
}

function urlOf(contract: AnyContract, { params = {}, query = {} }: Input): string {
  const path = contract.path.replace(/:([a-zA-Z]+)/g, (_, name: string) =>
    encodeURIComponent(String(params[name])),
  );
  const fields = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return fields.length === 0 ? path : `${path}?${fields.join('&')}`;
}

async function reach(options: ClientOptions, url: string, init: RequestInit): Promise<Response> {
  try {
    return await options.fetch(url, init);
  } catch (error) {
    const aborted = init.signal?.aborted === true;
    const failure = {
      code: aborted ? 'E-CORE-002' : 'E-SERVER-018',
      kind: aborted ? ('failed' as const) : ('unreachable' as const),
      reason: aborted ? 'the call was cancelled' : 'the server does not answer',
      status: 0,
      ...(!aborted && { mend: 'backlot start' }),
    };
    throw fail(options, failure, error);
  }
}

function fail(options: ClientOptions, failure: ApiFailure, cause?: unknown): Error {
  return options.failure?.(failure, cause) ?? new ApiError(failure, cause);
}

async function readFailure(response: Response): Promise<ApiFailure> {
  const text = await response.text();
  const { status } = response;
  try {
    const { error } = JSON.parse(text) as { error: Omit<ApiFailure, 'status'> | string };
    if (typeof error === 'string') return { ...unknownFailure(status), reason: error };
    if (typeof error.code === 'string') return { ...error, status };
  } catch {
    // Not from our server: a proxy's page, or nothing. The status is all that is known.
  }
  return unknownFailure(status);
}

function unknownFailure(status: number): ApiFailure {
  const kind = status === 404 ? 'notFound' : status === 401 || status === 403 ? 'auth' : 'failed';
  return { code: 'E-SERVER-019', kind, reason: `the server answered ${status}`, status };
}

async function* watch(
  options: ClientOptions,
  contract: AnyContract,
  input: Input,
  more: CallOptions,
): AsyncGenerator<StreamEvent<unknown>> {
  const response = await request(options, contract, input, more);
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let held = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      held += decoder.decode(value, { stream: true });
      const blocks = held.split('\n\n');
      held = blocks.pop()!;
      for (const block of blocks) {
        const event = readEvent(block);
        if (event?.event === 'error') {
          throw fail(options, { ...unknownFailure(response.status), reason: 'the stream broke' });
        }
        if (event) yield event;
      }
    }
  } finally {
    await reader.cancel();
  }
}

function readEvent(block: string): StreamEvent<unknown> | undefined {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const at = line.indexOf(': ');
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 2));
  }
  const data = fields.get('data');
  if (data === undefined) return undefined;
  const id = fields.get('id');
  const event = fields.get('event');
  return {
    data: JSON.parse(data) as unknown,
    ...(id !== undefined && { id }),
    ...(event !== undefined && { event }),
  };
}
