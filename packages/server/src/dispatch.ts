import { Readable } from 'node:stream';
import type { Principal } from '@backlot/access';
import { assert, type Clock } from '@backlot/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Admission, secretPattern, sessionCookie } from './admission.ts';
import { readJsonBody, readUpload } from './body.ts';
import type { AnyContract, StreamEvent } from './contract.ts';
import { Forbidden, ServerError } from './error.ts';
import { eventStream } from './event-stream.ts';
import { parseParams, parseQuery, validateBody } from './input.ts';
import type { Authenticate, Authorize } from './ports.ts';
import type { Resource } from './principal.ts';
import type { RateLimiter } from './rate-limit.ts';
import type { ByteReply, Route, RouteContext, SessionCookie } from './route.ts';

/** What serving a route needs besides the request. */
export interface Dispatch {
  readonly authenticate: Authenticate;
  readonly authorize: Authorize;
  readonly clock: Clock;
  readonly rates: RateLimiter;
  readonly bodyTimeoutMs: number;
  readonly heartbeatMs: number;
  /** Fires when streams must end because the server closes. */
  readonly closing: AbortSignal;
  readonly onFailure: (requestId: string, error: unknown) => void;
}

interface Call {
  readonly route: Route;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly admission: Admission;
  /** Fires when the answer is no longer wanted. */
  readonly abort: AbortController;
}

/**
 * The life of an admitted request: place, rate, permission, body, handler, result. Each step refuses
 * before the next one costs anything, and the value that was validated is the one that the handler
 * gets.
 */
export async function dispatch(
  using: Dispatch,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  admission: Admission,
): Promise<unknown> {
  const { contract } = route;
  const call: Call = { route, request, reply, admission, abort: new AbortController() };
  const params = parseParams(contract, request.params as Record<string, string>);
  const query = parseQuery(contract, request.raw.url ?? '');
  limitRate(using, call);
  if (contract.permission !== 'open') {
    const resource = resourceOf(contract, admission.principal!, params, query);
    await authorize(using, call, contract.permission.action, resource);
  }
  reply.raw.once('close', () => call.abort.abort());
  const body = await readBody(using, call);
  const context = contextOf(using, call, { params, query, body });
  const timer = startTimer(using, call);
  try {
    const answer = await Promise.race([invoke(route, context), timer.expired]);
    return send(using, call, answer, timer.stop);
  } catch (error) {
    timer.stop();
    call.abort.abort();
    throw error;
  }
}

function limitRate({ rates }: Dispatch, { route, admission, request }: Call): void {
  const { id, limits } = route.contract;
  if (limits.ratePerMinute === undefined) return;
  const { principal } = admission;
  const holder = principal ? `${principal.workspace}/${principal.id}` : request.ip;
  rates.take(id, holder, limits.ratePerMinute);
}

function resourceOf(
  contract: AnyContract,
  principal: Principal,
  params: Record<string, unknown>,
  query: Record<string, unknown>,
): Resource {
  const { action, resource } = contract.permission;
  if (typeof resource === 'function') return resource({ principal, params, query });
  if (resource !== undefined) return resource;
  const ids = [...contract.path.matchAll(/:([a-zA-Z]+)/g)].map(([, name]) => String(params[name!]));
  const type = action.slice(0, action.indexOf('.'));
  return { type, id: ids.length > 0 ? ids.join('/') : principal.workspace };
}

async function authorize(
  using: Dispatch,
  { route, admission }: Call,
  action: string,
  resource: Resource,
): Promise<void> {
  const { principal } = admission;
  if (principal === undefined) throw new Forbidden(action, undefined);
  const { id, purpose } = route.contract;
  const context = { route: id, ...(purpose !== undefined && { purpose }) };
  const decision = await using.authorize(principal, action, resource, context);
  if (decision.allowed !== true) throw new Forbidden(action, decision.reason);
}

async function readBody(using: Dispatch, { route, request }: Call): Promise<unknown> {
  const { contract } = route;
  if (contract.body === undefined) return undefined;
  const { bodyBytes } = contract.limits;
  if (contract.body === 'bytes') return readUpload(request.raw, bodyBytes);
  const limits = { bodyBytes, bodyTimeoutMs: using.bodyTimeoutMs };
  return validateBody(contract, await readJsonBody(request.raw, limits, using.clock));
}

function contextOf(
  using: Dispatch,
  call: Call,
  input: { readonly params: unknown; readonly query: unknown; readonly body: unknown },
): RouteContext {
  const { route, request, reply, admission, abort } = call;
  const { principal } = admission;
  const lastEventId = request.raw.headers['last-event-id'];
  const scope = principal && {
    organisation: principal.organisation,
    workspace: principal.workspace,
    project: principal.project,
  };
  return {
    ...(input as { params: object; query: object; body: never }),
    principal: principal as Principal,
    scope: scope as NonNullable<typeof scope>,
    request: {
      id: request.id,
      signal: abort.signal,
      ip: request.ip,
      ...(typeof lastEventId === 'string' &&
        /^[\x21-\x7e]{1,128}$/.test(lastEventId) && { lastEventId }),
      session: sessionOf(reply),
    },
    authorize: (resource, action) =>
      authorize(using, call, action ?? route.contract.permission.action, resource),
  };
}

function sessionOf(reply: FastifyReply): SessionCookie {
  const write = (value: string, maxAge: number): void => {
    const attributes = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAge}`;
    void reply.header('set-cookie', `${sessionCookie}=${value}; ${attributes}`);
  };
  return {
    set: (secret, maxAgeSeconds) => {
      assert(secretPattern.test(secret), 'a session secret can stand in a cookie');
      write(secret, Math.floor(maxAgeSeconds));
    },
    clear: () => write('', 0),
  };
}

/** An answer within the contract's time, or 504; for a stream the time is its longest life. */
function startTimer(
  { clock }: Dispatch,
  { route, abort }: Call,
): { readonly expired: Promise<never>; readonly stop: () => void } {
  const timer = new AbortController();
  const { timeoutMs } = route.contract.limits;
  const expired = clock.sleep(timeoutMs, timer.signal).then(() => {
    if (timer.signal.aborted) return new Promise<never>(() => undefined);
    abort.abort();
    throw new ServerError('tookTooLong', `no answer within ${timeoutMs} ms`);
  });
  expired.catch(() => undefined);
  return { expired, stop: () => timer.abort() };
}

/** In a promise even where the handler throws at once. */
async function invoke(route: Route, context: RouteContext): Promise<unknown> {
  return route.handle(context);
}

function send(using: Dispatch, call: Call, answer: unknown, stop: () => void): unknown {
  const { contract } = call.route;
  const { reply } = call;
  if (contract.stream === 'events') return sendEvents(using, call, answer, stop);
  if (contract.stream === 'bytes') return sendBytes(using, call, answer as ByteReply, stop);
  stop();
  const checked = checkResult(contract, answer);
  if (contract.stream === 'text') {
    return reply.type(contract.mediaType ?? 'text/plain; charset=utf-8').send(checked);
  }
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(checked));
}

/**
 * Every result is held against its schema, in production too: it is the last door through which a
 * column that somebody added to a row could leave, and it costs microseconds.
 */
function checkResult(contract: AnyContract, answer: unknown): unknown {
  const checked = contract.result.safeParse(answer);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const place = ['result', ...(issue?.path ?? [])].map(String).join('.');
  throw new Error(`${contract.id} broke its contract at ${place}: ${issue?.message}`);
}

function sendEvents(using: Dispatch, call: Call, answer: unknown, stop: () => void): unknown {
  const { route, request, reply, admission, abort } = call;
  const { credential } = admission;
  const text = eventStream({
    events: answer as AsyncIterable<StreamEvent<unknown>>,
    check: (data) => checkResult(route.contract, data),
    clock: using.clock,
    heartbeatMs: using.heartbeatMs,
    stillAllowed: async () =>
      credential !== undefined && (await using.authenticate(credential)) !== undefined,
    signal: AbortSignal.any([abort.signal, using.closing]),
    onFailure: (error) => using.onFailure(request.id, error),
  });
  reply.raw.once('close', stop);
  return reply
    .headers({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
    .send(Readable.from(text, { objectMode: false }));
}

function sendBytes(using: Dispatch, call: Call, answer: ByteReply, stop: () => void): unknown {
  const { route, request, reply, abort } = call;
  const stream = Readable.from(answer.bytes, { objectMode: false });
  stream.once('error', (error) => using.onFailure(request.id, error));
  // Its longest life is over; the client sees the connection break off, never a short file as whole.
  abort.signal.addEventListener('abort', () => stream.destroy());
  reply.raw.once('close', stop);
  const name = /^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/.test(answer.fileName ?? '')
    ? `; filename="${answer.fileName}"`
    : '';
  void reply.headers({
    'content-type': route.contract.mediaType ?? 'application/octet-stream',
    'content-disposition': `attachment${name}`,
  });
  if (answer.length !== undefined) void reply.header('content-length', answer.length);
  return reply.send(stream);
}
