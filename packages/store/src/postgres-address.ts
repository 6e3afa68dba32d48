import { BacklotError } from '@backlot/core';

/** PostgreSQL cannot be used as it was named or as it is set up. */
export class PostgresRefused extends BacklotError {
  constructor(place: string, reason: string, cause?: unknown) {
    super({
      ...{ code: 'E-STORE-014', kind: 'config', place, cause },
      reason: `PostgreSQL cannot hold the metadata: ${reason}`,
      mend: 'give postgres://USER:PASSWORD@HOST:5432/DATABASE of a UTF-8 database',
    });
  }
}

/** Where a database is, and how to get in. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly tls: PostgresTls;
  /** What the server gets as command-line options, such as `-c search_path=media`. */
  readonly options: string | undefined;
  /** The address for people: without user and password. */
  readonly place: string;
}

/** `off`; `unverified`, which hides the traffic from listeners alone; `verified` by certificate. */
type PostgresTls = 'off' | 'unverified' | 'verified';

const tlsModes: Readonly<Record<string, PostgresTls>> = {
  disable: 'off',
  require: 'unverified',
  'verify-full': 'verified',
};

/**
 * Reads `postgres://user:password@host:port/database?sslmode=...&options=...`. Without `sslmode` the
 * server's certificate is verified, except on this machine. A password is never in an error.
 *
 * @throws PostgresRefused for anything else
 */
export function parsePostgresAddress(url: string): PostgresAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^postgres(?:ql)?:$/.test(parsed.protocol)) {
    throw new PostgresRefused('the address', 'the address is no postgres:// URL');
  }
  const host = decodeURIComponent(parsed.hostname).replace(/^\[|\]$/g, '') || 'localhost';
  const database = decodeURIComponent(parsed.pathname.slice(1));
  const port = Number(parsed.port || 5432);
  const place = `postgres://${parsed.hostname}:${port}/${database}`;
  if (!database) throw new PostgresRefused(place, 'the address names no database');
  if (!parsed.username) throw new PostgresRefused(place, 'the address names no user');
  for (const name of parsed.searchParams.keys()) {
    if (name !== 'sslmode' && name !== 'options') {
      throw new PostgresRefused(place, `the address has ${name}; sslmode and options are allowed`);
    }
  }
  return {
    ...{ host, port, database, place },
    user: decodeURIComponent(parsed.username),
    password: parsed.password ? decodeURIComponent(parsed.password) : undefined,
    tls: tlsOf(parsed.searchParams.get('sslmode'), host, place),
    options: parsed.searchParams.get('options') ?? undefined,
  };
}

const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|\/.*)$/;

function tlsOf(mode: string | null, host: string, place: string): PostgresTls {
  if (mode === null) return loopback.test(host) ? 'off' : 'verified';
  const tls = tlsModes[mode];
  if (tls) return tls;
  const allowed = Object.keys(tlsModes).join(', ');
  throw new PostgresRefused(place, `sslmode is ${mode}, allowed are ${allowed}`);
}
