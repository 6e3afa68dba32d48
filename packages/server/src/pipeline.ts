import type { ServerResponse } from 'node:http';
import { createId } from '@backlot/core';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Admission, admit, type Gate } from './admission.ts';
import { checkBodyHeaders, hasBody } from './body.ts';
import { describeFailure, errorBody, ServerError, statusOf } from './error.ts';
import type { Flight } from './flight.ts';
import type { ListenerOptions } from './listener.ts';
import type { Log } from './ports.ts';
import type { Route } from './route.ts';
import { dataPolicy, securityHeaders } from './security-headers.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set by the listener alone: what stands behind a path. */
    backlot?: Route | 'static';
  }
  interface FastifyRequest {
    /** Set by the choke point; nothing is dispatched without it. */
    backlot: { admission?: Admission; startedAt: number; code?: string };
  }
}

interface Pipeline {
  readonly gate: Gate;
  readonly flight: Flight;
  readonly onAnswer: (answer: Answered) => void;
  /** Answers a page's address that is no route: the console's index, where there is a console. */
  readonly sendIndex: ((request: FastifyRequest, reply: FastifyReply) => unknown) | undefined;
}

export interface Answered {
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly ms: number;
}

/**
 * Fastify with our hooks and nothing of its own that reads a body: no schema compiler runs, the
 * parsers are removed, and each way to an answer passes `choke` first.
 */
export function createPipeline(options: ListenerOptions, pipeline: Pipeline): FastifyInstance {
  const { random, clock, headersTimeoutMs = 5_000 } = options;
  const server = fastify({
    logger: false,
    trustProxy: false,
    requestIdHeader: false,
    genReqId: () => createId(random),
    // A JSON body has its own clock in `readJsonBody`, an upload its contract's time.
    requestTimeout: 0,
    keepAliveTimeout: 5_000,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    http: {
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
      maxHeaderSize: 16 * 1024,
    },
    routerOptions: { caseSensitive: true, ignoreTrailingSlash: false, maxParamLength: 256 },
    frameworkErrors: (_error, request, reply) =>
      void refuseUnroutable(pipeline, request as FastifyRequest, reply.raw as ServerResponse),
  });
  server.server.maxHeadersCount = 100;
  server.server.maxConnections = 2_048;
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));
  server.decorateRequest('backlot', null as never);
  server.addHook('onRequest', async (request, reply) => {
    request.backlot = { startedAt: clock.monotonic() };
    return choke(pipeline, request, reply);
  });
  server.addHook('onSend', async (request, reply) => addHeaders(pipeline, request, reply));
  server.addHook('onResponse', async (request, reply) => report(options, pipeline, request, reply));
  server.setErrorHandler((error, request, reply) =>
    answerError(options.log, error, request, reply),
  );
  server.setNotFoundHandler((request, reply) => {
    if (pipeline.sendIndex && isPage(request)) return pipeline.sendIndex(request, reply);
    throw unknownRoute();
  });
  return server;
}

/** Every request comes through here before anything else looks at it. */
async function choke(
  { gate, flight, sendIndex }: Pipeline,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const behind = request.routeOptions.config?.backlot;
  const route = typeof behind === 'object' ? behind : undefined;
  flight.enter(reply.raw, route?.contract.stream === 'events' ? 'stream' : 'request');
  const open = behind === 'static' || route?.contract.permission === 'open';
  try {
    request.backlot.admission = await admit(gate, request.raw, open);
  } catch (error) {
    const lead = sendIndex && error instanceof ServerError && error.status === 401;
    if (lead && request.is404 && isPage(request)) return redirectToIndex(request, reply);
    throw error;
  }
  // A path that went around the builder has nothing behind it here and is as good as absent.
  if (behind === undefined && !request.is404) throw unknownRoute();
  if (route) checkBodyHeaders(route.contract, request.raw);
  return undefined;
}

function unknownRoute(): ServerError {
  return new ServerError('unknownRoute', 'there is no such route');
}

const pagePattern =
  /^\/(?!api(?:\/|$)|v2(?:\/|$)|assets(?:\/|$)|metrics$|openapi\.json$)[A-Za-z0-9/_.~@:=&,+-]*$/;

/** A browser that asks for a page of the console by its address. */
function isPage(request: FastifyRequest): boolean {
  const url = request.raw.url ?? '';
  const path = url.split('?', 1)[0]!;
  const wantsPage = (request.raw.headers.accept ?? '').includes('text/html');
  const plain = pagePattern.test(path) && !path.includes('//') && url.length <= 1_024;
  return request.method === 'GET' && wantsPage && plain;
}

/**
 * Without a credential a page's address leads to the one open page, which goes on from `to` once it
 * has a session. It is the same answer for every address, so that it tells nothing of what exists;
 * and a link from elsewhere works, since the strict cookie is sent again from our own page.
 */
function redirectToIndex(request: FastifyRequest, reply: FastifyReply): unknown {
  return reply.redirect(`/?to=${encodeURIComponent(request.raw.url ?? '/')}`, 302);
}

async function addHeaders(
  { flight }: Pipeline,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  void reply.headers(securityHeaders);
  void reply.header('x-request-id', request.id);
  if (!reply.hasHeader('content-security-policy')) {
    void reply.header('content-security-policy', dataPolicy);
  }
  if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
  // What is left of an unread body must not be taken for the next request.
  const unread = hasBody(request.raw) && !request.raw.complete;
  if (unread || flight.closing) void reply.header('connection', 'close');
}

function report(
  options: ListenerOptions,
  { onAnswer }: Pipeline,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const behind = request.routeOptions.config?.backlot;
  const { startedAt, admission, code } = request.backlot;
  const { principal } = admission ?? {};
  const answered = {
    route: typeof behind === 'object' ? behind.contract.id : (behind ?? 'none'),
    method: request.method,
    status: reply.statusCode,
    ms: options.clock.monotonic() - startedAt,
  };
  onAnswer(answered);
  options.log({
    event: 'answered',
    requestId: request.id,
    ...answered,
    ...(principal && { principal: `${principal.workspace}/${principal.id}` }),
    ...(code !== undefined && { code }),
  });
}

function answerError(
  log: Log,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): unknown {
  const error = describeFailure(thrown);
  const status = statusOf(error);
  request.backlot.code = error.code;
  if (status >= 500) log({ event: 'failed', requestId: request.id, error: thrown });
  const behind = request.routeOptions.config?.backlot;
  const style = typeof behind === 'object' ? behind.contract.errors : undefined;
  const body = errorBody(error, request.id);
  const shown = style === 'open-inference' ? { error: error.message } : body;
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  if (error instanceof ServerError && error.retryAfterSeconds !== undefined) {
    void reply.header('retry-after', String(error.retryAfterSeconds));
  }
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(shown));
}

/** A path that cannot be decoded reaches no hook; the same choke point stands before its refusal. */
async function refuseUnroutable(
  { gate }: Pipeline,
  request: FastifyRequest,
  response: ServerResponse,
): Promise<void> {
  let error: unknown = unknownRoute();
  try {
    await admit(gate, request.raw, false);
  } catch (refusal) {
    error = refusal;
  }
  const shown = describeFailure(error);
  response.writeHead(statusOf(shown), {
    ...securityHeaders,
    'content-security-policy': dataPolicy,
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(JSON.stringify(errorBody(shown, request.id)));
}
