import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Principal } from '@backlot/access';
import { BacklotError, realIo } from '@backlot/core';
import * as z from 'zod';
import { contract } from './contract.ts';
import { createListener, type Listener, type ListenerOptions } from './listener.ts';
import type { ServerEvent } from './ports.ts';
import { type Route, route } from './route.ts';

export const ann: Principal = {
  organisation: 'acme',
  workspace: 'main',
  project: 'shop',
  id: 'ann',
  kind: 'person',
  roles: ['author'],
};
/** The holders of each credential. `vic` may only look; `zoe` is of another workspace. */
export const holders: Readonly<Record<string, Principal>> = {
  'token-ann': ann,
  'session-ann': ann,
  'token-vic': { ...ann, id: 'vic', roles: ['viewer'] },
  'token-zoe': { ...ann, id: 'zoe', workspace: 'other' },
};

const limits = { bodyBytes: 0, timeoutMs: 2_000 } as const;
const name = z.string().max(63);
export const contracts = {
  readModel: contract({
    id: 'models.read',
    method: 'GET',
    path: '/api/v1/models/:model',
    summary: 'A model',
    params: z.strictObject({ model: name }),
    query: z.strictObject({ limit: z.coerce.number<number>().int().min(1).max(9).default(3) }),
    permission: { action: 'model.read' },
    result: z.strictObject({ name, limit: z.int(), by: z.string() }),
    limits,
  }),
  readVersion: contract({
    id: 'versions.read',
    method: 'GET',
    path: '/api/v1/models/:model/versions/:version',
    summary: 'A version',
    params: z.strictObject({ model: name, version: name }),
    permission: { action: 'model.read' },
    result: z.strictObject({ id: z.string() }),
    limits,
  }),
  createModel: contract({
    id: 'models.create',
    method: 'POST',
    path: '/api/v1/models',
    summary: 'A new model',
    permission: { action: 'model.register' },
    body: z.strictObject({ name, tags: z.record(z.string(), z.json()).default({}) }),
    result: z.strictObject({ name, tags: z.number() }),
    limits: { bodyBytes: 1_000, timeoutMs: 2_000 },
  }),
  approve: contract({
    id: 'models.approve',
    method: 'POST',
    path: '/api/v1/models/:model/approvals',
    summary: 'Approve, with a nested id',
    params: z.strictObject({ model: name }),
    permission: { action: 'model.approve' },
    body: z.strictObject({ run: name }),
    result: z.strictObject({ ok: z.boolean() }),
    limits: { bodyBytes: 1_000, timeoutMs: 2_000 },
  }),
  upload: contract({
    id: 'deliveries.create',
    method: 'POST',
    path: '/api/v1/deliveries',
    summary: 'Rows',
    permission: { action: 'table.deliver' },
    body: 'bytes',
    result: z.strictObject({ bytes: z.int() }),
    limits: { bodyBytes: 200_000, timeoutMs: 2_000 },
  }),
  watch: contract({
    id: 'runs.watch',
    method: 'GET',
    path: '/api/v1/runs/:run/events',
    summary: 'A run, live',
    params: z.strictObject({ run: name }),
    permission: { action: 'run.read' },
    stream: 'events',
    result: z.strictObject({ done: z.int() }),
    limits: { bodyBytes: 0, timeoutMs: 20_000 },
  }),
  download: contract({
    id: 'artifacts.read',
    method: 'GET',
    path: '/api/v1/artifacts/:digest',
    summary: 'Bytes',
    params: z.strictObject({ digest: z.string() }),
    permission: { action: 'artifact.read' },
    stream: 'bytes',
    result: z.unknown(),
    limits,
  }),
  slow: contract({
    id: 'tests.slow',
    method: 'GET',
    path: '/api/v1/slow/:ms',
    summary: 'Takes its time',
    params: z.strictObject({ ms: z.coerce.number<number>().int() }),
    permission: { action: 'workspace.read' },
    result: z.strictObject({ waited: z.int() }),
    limits: { bodyBytes: 0, timeoutMs: 1_000 },
  }),
  fail: contract({
    id: 'tests.fail',
    method: 'GET',
    path: '/api/v1/fail/:how',
    summary: 'Fails',
    params: z.strictObject({ how: name }),
    permission: { action: 'workspace.read' },
    result: z.strictObject({ ok: z.boolean() }),
    limits,
  }),
  seldom: contract({
    id: 'tests.seldom',
    method: 'GET',
    path: '/api/v1/seldom',
    summary: 'Twice a minute',
    permission: { action: 'workspace.read' },
    result: z.strictObject({ ok: z.boolean() }),
    limits: { ...limits, ratePerMinute: 2 },
  }),
  openSession: contract({
    id: 'session.open',
    method: 'POST',
    path: '/api/v1/session',
    summary: 'A session for a code',
    permission: 'open',
    body: z.strictObject({ code: z.string() }),
    result: z.strictObject({ ok: z.boolean() }),
    limits: { bodyBytes: 200, timeoutMs: 2_000 },
  }),
  closeSession: contract({
    id: 'session.close',
    method: 'DELETE',
    path: '/api/v1/session',
    summary: 'The end of a session',
    permission: { action: 'session.close' },
    result: z.strictObject({ ok: z.boolean() }),
    limits,
  }),
} as const;

export const secretPath = '/srv/state/metadata.sqlite';

function failures(how: string): never {
  if (how === 'sql')
    throw new Error('SQLITE_ERROR: no such column: secret in SELECT * FROM people');
  if (how === 'path') throw Object.assign(new Error(`ENOENT: ${secretPath}`), { code: 'ENOENT' });
  if (how === 'type') throw new TypeError('Cannot read properties of undefined (reading "key")');
  if (how === 'status') throw Object.assign(new Error('leak-me'), { statusCode: 418 });
  if (how === 'state') {
    const reason = `the state at ${secretPath} is damaged`;
    throw new BacklotError({ code: 'E-STORE-001', kind: 'config', reason, place: secretPath });
  }
  if (how === 'null') throw null;
  throw 'a thrown text with leak-me';
}

/** What reached the handlers of the fixture. */
export interface Seen {
  readonly bodies: unknown[];
  readonly params: unknown[];
  streamsEnded: number;
}

/** Routes that show each feature of the builder. */
export function fixtureRoutes(seen: Seen): readonly Route[] {
  return [
    route(contracts.readModel, ({ params, query, principal }) => {
      seen.params.push(params);
      return { name: params.model, limit: query.limit, by: principal.id };
    }),
    route(contracts.readVersion, ({ params }) => {
      seen.params.push(params);
      return { id: `${params.model}/${params.version}` };
    }),
    route(contracts.createModel, ({ body }) => {
      seen.bodies.push(body);
      return { name: body.name, tags: Object.keys(body.tags).length };
    }),
    route(contracts.approve, async ({ body, authorize }) => {
      await authorize({ type: 'run', id: body.run }, 'run.read');
      return { ok: true };
    }),
    route(contracts.upload, async ({ body }) => {
      let bytes = 0;
      for await (const chunk of body) bytes += chunk.byteLength;
      return { bytes };
    }),
    route(contracts.watch, async function* ({ params, request }) {
      try {
        const from = Number(request.lastEventId ?? 0);
        for (let done = from + 1; done <= 3; done++) yield { id: String(done), data: { done } };
        if (params.run === 'broken') throw new Error(`broke at ${secretPath}`);
        if (params.run === 'endless') await waitFor(request.signal);
      } finally {
        seen.streamsEnded++;
      }
    }),
    route(contracts.download, async () => ({ bytes: pieces(), length: 6, fileName: 'a.bin' })),
    route(contracts.slow, async ({ params }) => {
      await delay(params.ms);
      return { waited: params.ms };
    }),
    route(contracts.fail, async ({ params }) => {
      if (params.how === 'result') return { ok: true, secret: secretPath } as { ok: boolean };
      return failures(params.how);
    }),
    route(contracts.seldom, () => ({ ok: true })),
    route(contracts.openSession, ({ body, request }) => {
      request.session.set('session-ann', 60);
      return { ok: body.code === 'once' };
    }),
    route(contracts.closeSession, ({ request }) => {
      request.session.clear();
      return { ok: true };
    }),
  ];
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array([1, 2, 3]);
  yield new Uint8Array([4, 5, 6]);
}

async function waitFor(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

export interface Fixture {
  readonly listener: Listener;
  readonly seen: Seen;
  readonly events: ServerEvent[];
  /** Credentials that were revoked since. */
  readonly revoked: Set<string>;
}

/** A listener over the fixture's routes; `token-vic` is refused all but reads of models. */
export function fixture(options: Partial<ListenerOptions> = {}): Fixture {
  const { clock, random } = realIo();
  const seen: Seen = { bodies: [], params: [], streamsEnded: 0 };
  const events: ServerEvent[] = [];
  const revoked = new Set<string>();
  const listener = createListener({
    routes: fixtureRoutes(seen),
    authenticate: async ({ kind, secret }) =>
      secret.startsWith(kind === 'bearer' ? 'token-' : 'session-') && !revoked.has(secret)
        ? holders[secret]
        : undefined,
    authorize: async (principal, action, resource) => ({
      allowed: resource.id !== 'hidden' && (principal.id !== 'vic' || action === 'model.read'),
    }),
    workspaces: ['main'],
    port: 4_000,
    clock,
    random,
    log: (event) => void events.push(event),
    ...options,
  });
  // A test that fails before it closes must not keep its process alive.
  listener.inner.server.unref();
  return { listener, seen, events, revoked };
}

export const asAnn = { host: '127.0.0.1:4000', authorization: 'Bearer token-ann' } as const;

/** Sends bytes as they are to a real socket and answers all that comes until it closes. */
export async function rawRequest(
  address: string,
  chunks: readonly string[],
  pauseMs = 0,
): Promise<string> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const answer = text(socket).catch(() => '');
  for (const chunk of chunks) {
    if (socket.destroyed) break;
    socket.write(chunk);
    if (pauseMs > 0) await delay(pauseMs);
  }
  return answer;
}
