import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Principal, Problem, Run, Token } from '../api-types.ts';
import { ledger } from './fixture-audit.ts';
import { dayMs } from './fixture-basics.ts';
import { deliveries, plays, quarantineRows, tables } from './fixture-data.ts';
import { estimators } from './fixture-estimators.ts';
import { featureView, featureViews } from './fixture-features.ts';
import { emptyHome, home } from './fixture-home.ts';
import { largeLineage, lineage } from './fixture-lineage.ts';
import { endpoint, items, models, summary, version14 } from './fixture-models.ts';
import {
  advanced,
  failedRun,
  liveRun,
  pipelines,
  run,
  runs,
  summaryOf,
  taskLog,
} from './fixture-runs.ts';

export interface FixtureOptions {
  /** The author of the model sees why the button is absent; the reviewer may sign. */
  readonly person?: 'nadia' | 'imke';
  readonly empty?: boolean;
  /** A graph of lineage of ten thousand nodes. */
  readonly large?: boolean;
  /** Paths that answer with a failure, to see how a panel fails alone. */
  readonly failing?: ReadonlySet<string>;
}

export interface Fixture {
  readonly origin: string;
  /** The address that signs a person in, good once. */
  readonly signIn: string;
  /** Tells the live run's followers that one more shard is done. */
  advance(): void;
  /** What was posted, newest last. */
  readonly posted: {
    readonly path: string;
    readonly body: unknown;
    readonly header: string | undefined;
  }[];
  close(): Promise<void>;
}

const dist = join(import.meta.dirname, '../../dist');
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** The policy that the real listener sends: no inline script and no inline style sheet. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

class Answer {
  readonly status: number;
  readonly body: unknown;
  constructor(status: number, body: unknown) {
    this.status = status;
    this.body = body;
  }
}

const refusal = (status: number, code: string, reason: string, mend?: string): Answer =>
  new Answer(status, { error: { code, reason, ...(mend && { mend }) } satisfies Problem });

/** A server that tells the story of the pictures, with a session, a ledger and a live run. */
export async function startFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const story = createStory(options);
  const server = createServer((request, response) => void story.answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    signIn: `${origin}/#code=one-time`,
    advance: story.advance,
    posted: story.posted,
    close: () => closeServer(server, story.followers),
  };
}

function closeServer(server: Server, followers: ReadonlySet<ServerResponse>): Promise<void> {
  for (const follower of followers) follower.end();
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

function createStory(options: FixtureOptions) {
  const now = Date.now();
  const person = options.person ?? 'nadia';
  const book = ledger(now);
  const followers = new Set<ServerResponse>();
  const posted: { path: string; body: unknown; header: string | undefined }[] = [];
  let codeLeft = true;
  let live: Run = run(now, true);
  let decided: { decision: 'approved' | 'refused'; reason: string } | undefined;
  const principal: Principal = {
    id: person,
    title: person === 'nadia' ? 'Nadia' : 'Imke',
    kind: 'person',
    roles:
      person === 'nadia' ? ['viewer', 'approver', 'operator', 'auditor'] : ['author', 'operator'],
    organisation: 'lumen',
    workspace: 'lumen-media',
    project: 'film-recommend',
  };
  const approval = () => decided?.decision ?? 'proposed';

  const get = (path: string, query: URLSearchParams): unknown => {
    const [kind, name, sub, third] = path.split('/').filter(Boolean).map(decodeURIComponent);
    const empty = options.empty;
    if (kind === 'me') return { principal, version: '0.1.0' };
    if (kind === 'home') return empty ? emptyHome(now) : home(now, decided !== undefined);
    if (kind === 'tables' && sub === 'quarantine') return { rows: quarantineRows() };
    if (kind === 'tables')
      return name === undefined
        ? { tables: empty ? [] : tables(now) }
        : name === 'plays'
          ? plays(now)
          : undefined;
    if (kind === 'deliveries') return { deliveries: empty ? [] : deliveries(now) };
    if (kind === 'lineage')
      return empty
        ? { nodes: [], edges: [], truncated: false }
        : options.large
          ? largeLineage(now)
          : lineage(now, query);
    if (kind === 'features')
      return name === undefined
        ? { views: empty ? [] : featureViews(now) }
        : featureView(now, name);
    if (kind === 'pipelines') return { pipelines: empty ? [] : pipelines(now) };
    if (kind === 'runs') return runAnswer(name, sub, third, query, empty);
    if (kind === 'models') return modelAnswer(name, third, empty);
    if (kind === 'estimators') return estimators(query);
    if (kind === 'endpoints')
      return name === undefined
        ? { endpoints: empty ? [] : [endpointSummary(now)] }
        : endpoint(now);
    if (kind === 'audit') return name === undefined ? book.list(query) : book.entry(Number(name));
    if (kind === 'tokens') return { tokens: tokens(now) };
    return undefined;
  };

  const runAnswer = (
    name: string | undefined,
    sub: string | undefined,
    task: string | undefined,
    query: URLSearchParams,
    empty: boolean | undefined,
  ): unknown => {
    if (name === undefined) {
      const found = empty ? [] : runs(now);
      const state = query.get('state');
      const pipeline = query.get('pipeline');
      return {
        runs: found.filter(
          (each) => (!state || each.state === state) && (!pipeline || each.pipeline === pipeline),
        ),
      };
    }
    const found = liveRun.startsWith(name)
      ? live
      : failedRun.startsWith(name)
        ? run(now, false)
        : otherRun(now, name);
    if (sub !== 'tasks') return found;
    const view = found?.taskViews.find(({ id }) => id === task);
    if (view === undefined) return undefined;
    const attempt = Number(query.get('attempt') ?? view.attempt);
    const text = taskLog(view.attempts[attempt - 1]?.startedAt ?? now, attempt);
    const from = Number(query.get('from') ?? 0);
    return { attempt, text: text.slice(from), next: text.length, ended: view.state !== 'running' };
  };

  const modelAnswer = (
    name: string | undefined,
    version: string | undefined,
    empty: boolean | undefined,
  ): unknown => {
    if (name === undefined) return { models: empty ? [] : models(now, approval()) };
    if (version === undefined) {
      return {
        model: name,
        versions: [14, 13, 12, 11].map((each) =>
          summary(now, each, each === 14 ? approval() : 'consumed'),
        ),
      };
    }
    const found = version14(now, person === 'imke', decided);
    return version === '14' ? found : { ...found, ...summary(now, Number(version), 'consumed') };
  };

  const post = (path: string, body: Readonly<Record<string, unknown>>): unknown => {
    const [kind, name, sub, , act] = path.split('/').filter(Boolean).map(decodeURIComponent);
    if (kind === 'runs' && sub === 'resume') return summaryOf(run(now, false));
    if (kind === 'runs' && sub === 'cancel') {
      live = { ...live, state: 'cancelled', endedAt: Date.now() };
      return summaryOf(live);
    }
    if (kind === 'pipelines') return { run: liveRun };
    if (kind === 'models' && act === 'decisions') {
      if (person === 'imke')
        return refusal(403, 'E-REGISTRY-009', 'an author cannot approve', 'ask someone else');
      decided = {
        decision: body.decision === 'approve' ? 'approved' : 'refused',
        reason: String(body.reason),
      };
      return { approval: decided.decision };
    }
    if (kind === 'endpoints') {
      return {
        prediction: 'pred-4be19c22d1',
        model: 'als-film',
        version: 13,
        digest: endpoint(now).deployment!.digest,
        items: items(Number(body.k ?? 10)),
        ms: 7.1,
      };
    }
    if (kind === 'predictions')
      return {
        prediction: name,
        at: now,
        digest: endpoint(now).deployment!.digest,
        same: true,
        items: items(10),
      };
    if (kind === 'audit') return book.verification;
    return undefined;
  };

  const follow = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`data: ${JSON.stringify(live)}\n\n`);
    followers.add(response);
    response.on('close', () => followers.delete(response));
  };

  const api = async (
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<void> => {
    const path = url.pathname.slice('/api/v1'.length);
    const body = await bodyOf(request);
    const header = request.headers['x-backlot'];
    if (request.method !== 'GET') posted.push({ path, body, header: header?.toString() });
    const signedIn = request.headers.cookie?.includes('backlot-session=yes');
    if (path === '/session' && request.method === 'POST') {
      const good = codeLeft && body.code === 'one-time';
      codeLeft = false;
      if (!good)
        return send(
          response,
          refusal(
            401,
            'E-ACCESS-004',
            'the code was used before or is unknown',
            'backlot serve --open',
          ),
        );
      response.setHeader('set-cookie', 'backlot-session=yes; HttpOnly; SameSite=Strict; Path=/');
      return send(response, new Answer(200, { principal, expiresAt: now + dayMs }));
    }
    if (!signedIn) return send(response, refusal(401, 'E-ACCESS-001', 'no session'));
    if (request.method !== 'GET' && header !== '1')
      return send(response, refusal(403, 'E-SERVER-003', 'the header x-backlot is missing'));
    if (options.failing?.has(path))
      return send(
        response,
        refusal(
          500,
          'E-SERVE-031',
          'checksum differs, the segment was cut by a full disk',
          'backlot doctor',
        ),
      );
    if (path.endsWith('/events')) return follow(response);
    const found = request.method === 'GET' ? get(path, url.searchParams) : post(path, body);
    send(
      response,
      found instanceof Answer
        ? found
        : found === undefined
          ? refusal(404, 'E-SERVER-404', 'there is no such thing')
          : new Answer(200, found),
    );
  };

  return {
    posted,
    followers,
    advance: (): void => {
      live = advanced(live, Date.now());
      for (const follower of followers) follower.write(`data: ${JSON.stringify(live)}\n\n`);
    },
    answer: async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const url = new URL(request.url ?? '/', 'http://fixture');
      if (url.pathname.startsWith('/api/')) await api(request, response, url);
      else sendFile(response, url.pathname);
    },
  };
}

function endpointSummary(now: number) {
  const { name, state, deployment, latency } = endpoint(now);
  return { name, state, ...(deployment && { deployment }), latency };
}

/** A run of the day's list: short and without a story of its own. */
function otherRun(now: number, name: string): Run | undefined {
  const found = runs(now).find(({ id }) => id.startsWith(name));
  return (
    found && { ...run(now, false), ...found, taskViews: run(now, false).taskViews.slice(0, 6) }
  );
}

function tokens(now: number): readonly Token[] {
  return [
    {
      id: 'tok-81c0aa1',
      title: 'notebook',
      principal: 'nadia',
      actions: ['table.read', 'run.read', 'model.read'],
      createdAt: now - 3 * dayMs,
      expiresAt: now + 27 * dayMs,
    },
    {
      id: 'tok-2290bce',
      title: 'old laptop',
      principal: 'nadia',
      actions: ['run.read'],
      createdAt: now - 90 * dayMs,
      expiresAt: now - 60 * dayMs,
    },
  ];
}

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(answer.body));
}

/** Files as they are; every other path is a page of the console. */
function sendFile(response: ServerResponse, pathname: string): void {
  const type = types[extname(pathname)];
  const path = pathname.startsWith('/assets/') && type ? pathname : '/index.html';
  const content = readFileSync(join(dist, path));
  response.writeHead(200, {
    'content-type': types[extname(path)]!,
    'content-security-policy': policy,
  });
  response.end(content);
}
