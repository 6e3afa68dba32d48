import type { IncomingMessage } from 'node:http';
import type { Principal } from '@backlot/access';
import { BacklotError } from '@backlot/core';
import { ServerError } from './error.ts';
import type { Authenticate, Credential } from './ports.ts';

export const sessionCookie = 'backlot_session';

/** Who a request is from, and by which credential. */
export interface Admission {
  readonly principal: Principal | undefined;
  readonly credential: Credential | undefined;
}

export interface Gate {
  readonly authenticate: Authenticate;
  /** The `Host` headers that are ours. */
  readonly hosts: () => readonly string[];
  /** The workspaces that this server holds; a principal of another is refused. All when absent. */
  readonly workspaces: readonly string[] | undefined;
}

/** Headers that two readers could take a different copy of. */
const singular = new Set([
  'host',
  'authorization',
  'cookie',
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'origin',
  'x-backlot',
]);
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/**
 * The one choke point: it runs for every request, known route or not, before anything is answered.
 * `open` says that the matched route is on the frozen list; everything else needs a principal.
 */
export async function admit(gate: Gate, raw: IncomingMessage, open: boolean): Promise<Admission> {
  checkHeaders(gate, raw);
  const credential = findCredential(raw);
  const principal = credential && (await authenticate(gate, credential));
  if (principal === undefined && !open) {
    throw new ServerError('unauthenticated', 'a valid token or session is needed', {
      mend: 'open the address that `backlot start` printed',
    });
  }
  if (principal && gate.workspaces && !gate.workspaces.includes(principal.workspace)) {
    throw new ServerError('forbidden', 'this credential is of another workspace');
  }
  if (credential?.kind !== 'bearer') checkOrigin(gate, raw, credential !== undefined);
  return { principal, credential };
}

function checkHeaders(gate: Gate, raw: IncomingMessage): void {
  const seen = new Set<string>();
  for (let at = 0; at < raw.rawHeaders.length; at += 2) {
    const name = raw.rawHeaders[at]!.toLowerCase();
    if (singular.has(name) && seen.has(name)) {
      throw new ServerError('badRequest', `the header ${name} stands twice`, { place: name });
    }
    seen.add(name);
  }
  if (!gate.hosts().includes(raw.headers.host?.toLowerCase() ?? '')) {
    throw new ServerError('wrongHost', 'the Host header names no address of this server', {
      place: 'host',
    });
  }
}

/** A refused credential is no credential; any other failure to find out is a failure, not a pass. */
async function authenticate(gate: Gate, credential: Credential): Promise<Principal | undefined> {
  try {
    return await gate.authenticate(credential);
  } catch (error) {
    if (error instanceof BacklotError && error.kind === 'auth') return undefined;
    throw error;
  }
}

/** What a secret may hold; all of it may stand in a cookie as it is. */
export const secretPattern = /^[A-Za-z0-9._~+/=:-]{1,1024}$/;

function findCredential(raw: IncomingMessage): Credential | undefined {
  const { authorization, cookie } = raw.headers;
  if (authorization !== undefined) {
    const secret = /^Bearer ([^ ]+)$/.exec(authorization)?.[1];
    return asCredential('bearer', secret);
  }
  const sessions = (cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${sessionCookie}=`));
  if (sessions.length > 1) {
    throw new ServerError('badRequest', 'two session cookies were sent', { place: 'cookie' });
  }
  return asCredential('session', sessions[0]?.slice(sessionCookie.length + 1));
}

function asCredential(kind: Credential['kind'], secret?: string): Credential | undefined {
  return secret !== undefined && secretPattern.test(secret) ? { kind, secret } : undefined;
}

/**
 * What a browser sends by itself proves nothing about who asked. A cookie travels from any port of
 * this machine (a site has no port), so that fetch metadata, Origin and our own header, which another
 * origin cannot set without a preflight that we never grant, must all fit.
 */
function checkOrigin(gate: Gate, raw: IncomingMessage, bySession: boolean): void {
  const safe = safeMethods.has(raw.method ?? '');
  const { origin, 'sec-fetch-site': site, 'x-backlot': mark } = raw.headers;
  // A link followed by a person: the answer is shown, never handed to the page it came from.
  if (safe && (!bySession || raw.headers['sec-fetch-mode'] === 'navigate')) return;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new ServerError('crossSite', 'the request comes from another site');
  }
  if (safe) return;
  if (mark !== '1') {
    throw new ServerError('crossSite', 'the header x-backlot: 1 is needed', { place: 'x-backlot' });
  }
  if (origin !== undefined && !gate.hosts().some((host) => origin === `http://${host}`)) {
    throw new ServerError('crossSite', 'the Origin header is of another site', { place: 'origin' });
  }
}
