import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { assert, type Clock, hasErrno, type Randomness } from '@backlot/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Gate } from './admission.ts';
import type { AnyContract } from './contract.ts';
import { type Dispatch, dispatch } from './dispatch.ts';
import { ServerError } from './error.ts';
import { Flight } from './flight.ts';
import { injectFetch } from './inject-fetch.ts';
import { Metrics } from './metrics.ts';
import { type Answered, createPipeline } from './pipeline.ts';
import type { Authenticate, Authorize, Log } from './ports.ts';
import { RateLimiter } from './rate-limit.ts';
import type { Route } from './route.ts';
import { consolePolicy } from './security-headers.ts';
import type { StaticFile, StaticFiles } from './static-files.ts';

export interface ListenerOptions {
  readonly routes: readonly Route[];
  readonly authenticate: Authenticate;
  readonly authorize: Authorize;
  readonly staticFiles?: StaticFiles;
  /** The workspaces that this server holds; a verified principal of another gets 403. */
  readonly workspaces?: readonly string[];
  readonly host?: '127.0.0.1' | '::1';
  /** A taken port moves on to the next; 0 takes any free one. */
  readonly port?: number;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly log: Log;
  readonly metrics?: Metrics;
  /** Milliseconds for a request's headers; 5,000. */
  readonly headersTimeoutMs?: number;
  /** Milliseconds for a JSON body; 30,000. */
  readonly bodyTimeoutMs?: number;
  /** Milliseconds between signs of life of a stream of events; 5,000. Revocation ends it by then. */
  readonly heartbeatMs?: number;
  /** Requests in work at once, beyond which 503 is answered; 256. Streams of events have their own. */
  readonly maxInFlight?: number;
}

/** A registered handler as the sweep sees it. */
export interface RegisteredRoute {
  readonly method: string;
  readonly path: string;
  /** Absent for the console's files, and for a handler that went around the builder. */
  readonly contract?: AnyContract;
}

/** The one listener. */
export interface Listener {
  /** Opens the port and answers the address, such as `http://127.0.0.1:4321`. */
  listen(): Promise<string>;
  /** The address; before `listen` with the port that was asked for. */
  readonly address: string;
  /** False from the moment that closing begins. */
  readonly ready: boolean;
  /** Every handler that can be reached. */
  readonly registered: readonly RegisteredRoute[];
  /** Requests without a socket, through the same choke point, for a command that owns the state. */
  readonly fetch: typeof globalThis.fetch;
  /** Stops accepting, ends streams, waits for requests in work, then cuts what is left. */
  close(options?: { readonly graceMs?: number }): Promise<{ readonly drained: boolean }>;
  /** The server inside. For tests of the listener itself. */
  readonly inner: FastifyInstance;
}

const portAttempts = 50;

/** Builds the listener without opening a port. */
export function createListener(options: ListenerOptions): Listener {
  const { host = '127.0.0.1', staticFiles, metrics = new Metrics() } = options;
  const place = { port: options.port ?? 0 };
  const gate: Gate = {
    authenticate: options.authenticate,
    hosts: () => ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${place.port}`),
    workspaces: options.workspaces,
  };
  const flight = new Flight(options.maxInFlight ?? 256);
  const closing = new AbortController();
  const sendIndex =
    staticFiles &&
    ((request: FastifyRequest, reply: FastifyReply) =>
      sendFile(request, reply, staticFiles.index, 'no-cache'));
  const onAnswer = measure(metrics, flight);
  const inner = createPipeline(options, { gate, flight, onAnswer, sendIndex });
  const registered = watchRoutes(inner);
  if (staticFiles) addStaticRoutes(inner, staticFiles);
  addRoutes(inner, options, closing.signal);
  let closed: Promise<{ readonly drained: boolean }> | undefined;
  return {
    listen: () => listen(inner, options, host, place),
    get address() {
      return addressOf(host, place.port);
    },
    get ready() {
      return !flight.closing;
    },
    registered,
    fetch: injectFetch(
      (request) => inner.inject(request),
      () => gate.hosts()[0]!,
    ),
    close: ({ graceMs = 10_000 } = {}) => {
      closed ??= close(inner, options, { flight, closing, graceMs });
      return closed;
    },
    inner,
  };
}

/** Builds the listener and opens its port. */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const listener = createListener(options);
  await listener.listen();
  return listener;
}

function measure(metrics: Metrics, flight: Flight): (answer: Answered) => void {
  const labels = ['route', 'method', 'status'];
  const answers = metrics.counter('backlot_http_answers', 'Requests answered', labels);
  const seconds = metrics.histogram('backlot_http_seconds', 'Seconds to the whole answer', [
    'route',
  ]);
  metrics.gauge('backlot_http_in_work', 'Requests in work', () => flight.requests);
  metrics.gauge('backlot_http_streams', 'Open streams of events', () => flight.streams);
  return ({ route, method, status, ms }) => {
    answers.add({ route, method, status: String(status) });
    seconds.observe({ route }, ms / 1_000);
  };
}

/** What the sweep will call: seen where Fastify registers, so that nothing can be left out. */
function watchRoutes(inner: FastifyInstance): readonly RegisteredRoute[] {
  const registered: RegisteredRoute[] = [];
  inner.addHook('onRoute', ({ method, url, config }) => {
    const behind = config?.backlot;
    for (const one of [method].flat()) {
      const contract = typeof behind === 'object' && { contract: behind.contract };
      registered.push({ method: one, path: url, ...contract });
    }
  });
  return registered;
}

function addStaticRoutes(inner: FastifyInstance, { index, assets }: StaticFiles): void {
  const config = { backlot: 'static' } as const;
  inner.get('/', { config }, (request, reply) => sendFile(request, reply, index, 'no-cache'));
  inner.get('/assets/*', { config }, (request, reply) => {
    const found = assets.get(request.raw.url?.split('?', 1)[0] ?? '');
    if (found === undefined) throw new ServerError('unknownRoute', 'there is no such file');
    // Built files carry their content's hash in their names.
    return sendFile(request, reply, found, 'public, max-age=31536000, immutable');
  });
}

function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: StaticFile,
  cache: string,
): FastifyReply {
  void reply.headers({
    'content-security-policy': consolePolicy,
    'cache-control': cache,
    etag: file.tag,
  });
  if (request.raw.headers['if-none-match'] === file.tag) return reply.code(304).send();
  return reply.type(file.mediaType).send(file.bytes);
}

function addRoutes(inner: FastifyInstance, options: ListenerOptions, closing: AbortSignal): void {
  const { authenticate, authorize, clock, log } = options;
  const using: Dispatch = {
    authenticate,
    authorize,
    clock,
    rates: new RateLimiter(clock),
    bodyTimeoutMs: options.bodyTimeoutMs ?? 30_000,
    heartbeatMs: options.heartbeatMs ?? 5_000,
    closing,
    onFailure: (requestId, error) => log({ event: 'failed', requestId, error }),
  };
  const ids = new Set<string>();
  for (const route of options.routes) {
    const { id } = route.contract;
    assert(!ids.has(id), `the route id ${id} is there once`);
    ids.add(id);
    inner.route({
      method: route.contract.method,
      url: route.contract.path,
      config: { backlot: route },
      handler: (request, reply) => {
        const { admission } = request.backlot;
        if (admission === undefined) throw new Error('a request came around the choke point');
        return dispatch(using, route, request, reply, admission);
      },
    });
  }
}

async function listen(
  inner: FastifyInstance,
  { log, port: asked = 0 }: ListenerOptions,
  host: string,
  place: { port: number },
): Promise<string> {
  await inner.ready();
  for (let port = asked; ; port++) {
    if (await tryPort(inner, host, port)) {
      place.port = (inner.server.address() as AddressInfo).port;
      if (port !== asked) log({ event: 'port-taken', asked, port: place.port });
      const address = addressOf(host, place.port);
      log({ event: 'listening', address });
      return address;
    }
    if (port - asked >= portAttempts || port >= 65_535) {
      const reason = `the ports ${asked} to ${port} are all taken`;
      throw new ServerError('noPort', reason, { mend: 'backlot start --port 0' });
    }
  }
}

async function tryPort(inner: FastifyInstance, host: string, port: number): Promise<boolean> {
  try {
    inner.server.listen({ host, port });
    await once(inner.server, 'listening');
    return true;
  } catch (error) {
    if (hasErrno(error, 'EADDRINUSE')) return false;
    throw error;
  }
}

function addressOf(host: string, port: number): string {
  return `http://${host === '::1' ? '[::1]' : host}:${port}`;
}

async function close(
  inner: FastifyInstance,
  { clock, log }: ListenerOptions,
  {
    flight,
    closing,
    graceMs,
  }: { readonly flight: Flight; readonly closing: AbortController; readonly graceMs: number },
): Promise<{ readonly drained: boolean }> {
  const startedAt = clock.monotonic();
  const empty = flight.drain().then(() => true);
  closing.abort();
  const { server } = inner;
  const stopped = server.listening ? once(server, 'close') : undefined;
  // Idle connections end here; those in work end with their answer, which says `connection: close`.
  if (server.listening) server.close();
  const timer = new AbortController();
  const late = clock.sleep(graceMs, timer.signal).then(() => false);
  const drained = await Promise.race([empty, late]);
  timer.abort();
  server.closeAllConnections();
  await stopped;
  await inner.close();
  log({ event: 'closed', drained, ms: clock.monotonic() - startedAt });
  return { drained };
}
