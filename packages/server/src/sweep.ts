import { openRoutes } from './contract.ts';
import { ServerError } from './error.ts';
import type { Listener, RegisteredRoute } from './listener.ts';

/** A credential that must open nothing, and what it is. */
export interface WrongCredential {
  /** Such as `expired` or `foreign`. */
  readonly name: string;
  readonly secret: string;
}

export interface SweepReport {
  readonly routes: number;
  readonly calls: number;
  /** Calls of the routes on the frozen open list, which are answered otherwise. */
  readonly open: number;
  readonly refused: number;
  /** Each call that was let in: method, path, credential and status. */
  readonly breaches: readonly string[];
}

const unknownPaths = [
  '/api/v1/nothing-here',
  '/api/v1/%2e%2e/metadata.sqlite',
  '/api/v1/%',
  '/v2/repository/index',
  '/docs',
  '/.git/config',
];

/**
 * Calls every registered handler, and some paths that have none, without a token, with garbage and
 * with each credential given: 401 or 403, except on the frozen open list. It runs inside the process
 * before the port opens, and again in a test.
 */
export async function sweep(
  listener: Listener,
  wrong: readonly WrongCredential[] = [],
): Promise<SweepReport> {
  const credentials = [
    { name: 'none', headers: {} },
    { name: 'garbage', headers: { authorization: 'Bearer garbage' } },
    { name: 'empty', headers: { authorization: 'Bearer ' } },
    { name: 'basic', headers: { authorization: 'Basic YWRtaW46YWRtaW4=' } },
    { name: 'cookie', headers: { cookie: 'backlot_session=garbage', 'x-backlot': '1' } },
    ...wrong.map(({ name, secret }) => ({ name, headers: { authorization: `Bearer ${secret}` } })),
  ];
  const absent = unknownPaths.map((path) => ({ method: 'GET', path }));
  const targets: readonly RegisteredRoute[] = [...listener.registered, ...absent];
  const counts = { open: 0, refused: 0 };
  const breaches: string[] = [];
  for (const target of targets) {
    const isOpen = (openRoutes as readonly string[]).includes(`${target.method} ${target.path}`);
    for (const { name, headers } of credentials) {
      const status = await call(listener, target, headers);
      if (isOpen) counts.open++;
      else if (status === 401 || status === 403) counts.refused++;
      else breaches.push(`${target.method} ${target.path} with ${name}: ${status}`);
    }
  }
  const calls = targets.length * credentials.length;
  return { routes: listener.registered.length, calls, ...counts, breaches };
}

async function call(
  { inner, address }: Listener,
  { method, path }: RegisteredRoute,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const response = await inner.inject({
    method: method as 'GET',
    url: path.replace(/:[a-zA-Z]+/g, 'a').replace('*', 'a'),
    headers: { host: new URL(address).host, ...headers },
  });
  return response.statusCode;
}

/** Throws when the sweep found a way in, so that a server with an unprotected route never starts. */
export function assertSwept({ breaches }: SweepReport): void {
  const [first] = breaches;
  if (first === undefined) return;
  throw new ServerError('openRoute', `${breaches.length} calls were let in; the first: ${first}`);
}
