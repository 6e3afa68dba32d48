import assert from 'node:assert/strict';
import { execFileSync, type StdioOptions } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

const binaries = '/usr/lib/postgresql/15/bin';

/** Why tests cannot start PostgreSQL here; CI must have it, so there this is a failure. */
export function noPostgres(): string | false {
  if (existsSync(join(binaries, 'initdb'))) return false;
  const reason = `PostgreSQL is not installed at ${binaries}`;
  assert.notEqual(process.env.CI, 'true', `${reason}, and CI must have it`);
  return reason;
}

/** A PostgreSQL of a test file's own, on loopback, in a temporary folder. */
export interface PostgresServer {
  readonly port: number;
  /** The address of a schema of its own in the one database, which is made when it is absent. */
  url(schema: string): string;
  /** Runs SQL by the server's own client and answers what it prints. */
  sql(text: string): string;
  /** Makes the server take TLS, and answers its certificate for `localhost`, PEM. */
  useTls(): string;
  /** Stops the server as a power cut would. */
  kill(): void;
  start(): void;
  /** Stops the server and removes all it wrote. */
  stop(): void;
}

/** Starts a server; about a second. The one who starts it stops it. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'backlot-postgres-'));
  const port = await freePort();
  const asRoot = process.getuid?.() === 0;
  if (asRoot) execFileSync('chown', ['postgres', folder]);
  chmodSync(folder, 0o700);
  // The server refuses to run as root.
  const run = (program: string, ...args: readonly string[]): string => {
    const command = [join(binaries, program), ...args];
    const [file, ...rest] = asRoot ? ['runuser', '-u', 'postgres', '--', ...command] : command;
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
    return execFileSync(file!, rest, { cwd: folder, stdio }).toString();
  };
  const data = join(folder, 'data');
  const start = (): void => {
    const flags = [
      `-p ${port}`,
      '-c listen_addresses=127.0.0.1',
      `-c unix_socket_directories=${folder}`,
      // Tests end processes, never the machine: what the system holds is as good as synced.
      '-c fsync=off',
    ];
    run('pg_ctl', '-D', data, '-w', '-l', join(folder, 'log'), '-o', flags.join(' '), 'start');
  };
  // A language of its own, so that nothing sorts by bytes by chance.
  const locale = ['--locale-provider=icu', '--icu-locale=en-US', '--locale=C.UTF-8'];
  run('initdb', '-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--no-sync', ...locale);
  start();
  const sql = (text: string): string =>
    run('psql', '-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-Atc', text);
  return {
    ...{ port, sql, start },
    url: (schema) => {
      sql(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
      const options = encodeURIComponent(`-c search_path=${schema}`);
      return `postgres://postgres@127.0.0.1:${port}/postgres?options=${options}`;
    },
    useTls: () => {
      const [key, certificate] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
      const made = ['-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=localhost'];
      const name = ['-addext', 'subjectAltName=DNS:localhost'];
      const kind = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes'];
      execFileSync('openssl', [...kind, ...made, ...name], { stdio: 'ignore' });
      chmodSync(key, 0o600);
      if (asRoot) execFileSync('chown', ['postgres', key, certificate]);
      sql(`ALTER SYSTEM SET ssl_key_file = '${key}'`);
      sql(`ALTER SYSTEM SET ssl_cert_file = '${certificate}'`);
      sql('ALTER SYSTEM SET ssl = on');
      sql('SELECT pg_reload_conf()');
      return readFileSync(certificate, 'utf8');
    },
    kill: () => void run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop'),
    stop: () => {
      try {
        run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop');
      } catch {
        // A test may have stopped it already.
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      assert.ok(address && typeof address === 'object');
      server.close(() => resolve(address.port));
    });
  });
}
