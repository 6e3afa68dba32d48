import { assert, type Clock } from '@backlot/core';
import pg from 'pg';
import type { BoundValue } from './bound-value.ts';
import { boundValue } from './bound-value.ts';
import { ledgerSchema } from './ledger.ts';
import {
  LedgeredTransaction,
  type OnTransactionStep,
  type Statements,
} from './ledgered-transaction.ts';
import type { Metadata, Row, Schema, SqlValue, Transaction } from './metadata.ts';
import { type PostgresAddress, PostgresRefused, parsePostgresAddress } from './postgres-address.ts';
import { numberPlaceholders, postgresMigration } from './postgres-dialect.ts';
import {
  CommitUnknown,
  isConnectionLost,
  MetadataUnreachable,
  postgresError,
} from './postgres-error.ts';
import { ownerTable, PostgresOwner } from './postgres-owner.ts';
import { postgresTypes } from './postgres-types.ts';
import { noteSchemaVersion, pendingMigrations, schemaVersionsTable } from './schema-versions.ts';
import { WriteQueue } from './write-queue.ts';

export interface PostgresMetadataOptions {
  /** `postgres://user:password@host:port/database`, with `sslmode` and `options` if need be. */
  readonly url: string;
  readonly clock: Clock;
  readonly schemas: readonly Schema[];
  /** The certificate authority of the server, PEM; by default those that Node.js trusts. */
  readonly certificateAuthority?: string;
  /** Connections at most, at least 2; 8 by default. One writes, the others read. */
  readonly connections?: number;
  /** A statement may take this long; one minute by default. */
  readonly statementTimeoutMs?: number;
  /** A transaction waits this long for other processes' writers; one minute by default. */
  readonly lockTimeoutMs?: number;
  /** A connection may take this long to open; ten seconds by default. */
  readonly connectTimeoutMs?: number;
  /** Refuses to open, and later to write, where another process is the owner; off by default. */
  readonly owner?: boolean;
  readonly onStep?: OnTransactionStep;
}

/**
 * Opens the metadata in PostgreSQL and migrates it forward. Writers of all processes take turns by an
 * advisory lock: what reads, decides and writes in one transaction is right as it is, and the ledger
 * has one order. The server drops the lock with the transaction or the connection, so that no dead
 * process holds it. A commit is answered after the server has synced it.
 *
 * @throws PostgresRefused when the address or the database's setting will not do
 * @throws MetadataOwned when `owner` is asked for and another process has it
 */
export async function openPostgresMetadata(options: PostgresMetadataOptions): Promise<Metadata> {
  const metadata = new PostgresMetadata(parsePostgresAddress(options.url), options);
  try {
    await metadata.open();
  } catch (error) {
    await metadata.close();
    throw error;
  }
  return metadata;
}

/**
 * Asks a server what it is, and changes nothing: its version, and whether a commit is safe on it.
 *
 * @example
 * await describePostgres({ url }); // { version: '15.18', syncs: true }
 */
export async function describePostgres(
  options: Pick<PostgresMetadataOptions, 'url' | 'certificateAuthority' | 'connectTimeoutMs'>,
): Promise<{ readonly version: string; readonly syncs: boolean }> {
  const address = parsePostgresAddress(options.url);
  const pool = new pg.Pool({ ...poolConfig(address, options), max: 1 });
  pool.on('error', () => undefined);
  try {
    const { rows } = await pool.query(
      `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
         current_setting('full_page_writes') AS pages`,
    );
    const { version, fsync, pages } = rows[0];
    return { version, syncs: fsync === 'on' && pages === 'on' };
  } catch (error) {
    throw postgresError(error, address.place);
  } finally {
    await pool.end();
  }
}

class PostgresMetadata implements Metadata {
  readonly #address: PostgresAddress;
  readonly #options: PostgresMetadataOptions;
  readonly #pool: pg.Pool;
  readonly #owner: PostgresOwner | undefined;
  readonly #queue = new WriteQueue();
  /** Connections that are closed when they are given back. */
  readonly #broken = new WeakSet<pg.PoolClient>();

  constructor(address: PostgresAddress, options: PostgresMetadataOptions) {
    this.#address = address;
    this.#options = options;
    const config = poolConfig(address, options);
    this.#pool = new pg.Pool(config);
    this.#owner = options.owner ? new PostgresOwner(config, address.place) : undefined;
    // An idle connection that broke is already out of the pool; the next use opens another.
    this.#pool.on('error', () => undefined);
  }

  async open(): Promise<void> {
    await this.#owner?.hold();
    await this.#connected(async (client) => {
      const { rows } = await client.query(
        `SELECT current_setting('server_encoding') AS encoding, current_schema() AS schema,
           current_setting('standard_conforming_strings') AS strings`,
      );
      const { encoding, schema, strings } = rows[0];
      const { place } = this.#address;
      if (encoding !== 'UTF8') throw new PostgresRefused(place, `its encoding is ${encoding}`);
      if (schema === null) throw new PostgresRefused(place, 'its search_path names no schema');
      if (strings !== 'on') throw new PostgresRefused(place, 'standard_conforming_strings is off');
      await this.#migrate(client);
      if (this.#owner) await inWriterLock(client, () => this.#owner!.begin(client));
    });
  }

  async all<R extends object = Row>(
    sql: string,
    ...values: readonly SqlValue[]
  ): Promise<readonly R[]> {
    this.#queue.assertOpen();
    const bound = values.map(boundValue);
    const read = () => this.#connected((client) => new PostgresStatements(client).all(sql, bound));
    try {
      return (await read()) as R[];
    } catch (error) {
      // The server was restarted, or a firewall forgot the connection: reading twice does no harm.
      if (!(error instanceof MetadataUnreachable) || !isConnectionLost(error.cause)) throw error;
      return (await read()) as R[];
    }
  }

  async get<R extends object = Row>(
    sql: string,
    ...values: readonly SqlValue[]
  ): Promise<R | undefined> {
    return (await this.all<R>(sql, ...values))[0];
  }

  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#queue.run(() => this.#transact(work));
  }

  async close(): Promise<void> {
    await this.#queue.close();
    if (!this.#pool.ended) await this.#pool.end();
    await this.#owner?.release();
  }

  async #transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { clock, onStep } = this.#options;
    onStep?.('begin');
    await this.#owner?.hold();
    const { result, committed } = await this.#connected(async (client) => {
      const statements = new PostgresStatements(client);
      const tx = new LedgeredTransaction(statements, clock, onStep);
      let answer: T;
      try {
        await client.query(begin);
        await this.#owner?.check(client);
        answer = await work(tx);
        await tx.end();
        onStep?.('commit');
      } catch (error) {
        tx.stop();
        await statements.idle();
        const undo = client.query('ROLLBACK');
        // Closing the connection undoes the rest when the server could not be told.
        await undo.catch(() => this.#broken.add(client));
        throw error;
      }
      return { result: answer, committed: await this.#commit(client, tx) };
    });
    await committed();
    onStep?.('committed');
    return result;
  }

  /**
   * Commits, and answers what is still to be awaited: nothing, or what became of a commit whose
   * answer did not come. That is asked over another connection, once this one is given back.
   */
  async #commit(client: pg.PoolClient, tx: LedgeredTransaction): Promise<() => Promise<void>> {
    try {
      const { command } = await client.query('COMMIT');
      assert(command === 'COMMIT', 'PostgreSQL committed what it was asked to');
      return async () => undefined;
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      return () => this.#settle(tx, error);
    }
  }

  /**
   * Finds out whether a commit was made. Whoever gets the writers' lock knows that the transaction
   * has ended, and then the ledger holds its last entry or does not.
   */
  async #settle(tx: LedgeredTransaction, cause: unknown): Promise<void> {
    const { place } = this.#address;
    const entry = tx.lastEntry;
    if (entry) {
      for (let attempt = 0; ; attempt++) {
        try {
          const leaf = await this.#connected((client) => leafAt(client, entry.position));
          if (leaf && Buffer.compare(leaf, entry.leaf) === 0) return;
          break;
        } catch (error) {
          const again = error instanceof MetadataUnreachable && attempt < settleAttempts;
          if (!again) throw new CommitUnknown(place, error);
          await this.#options.clock.sleep(settlePauseMs);
        }
      }
    }
    throw new MetadataUnreachable(place, 'the connection to PostgreSQL broke at a commit', cause);
  }

  /** Runs work with a connection of its own; a broken one is not used again. */
  async #connected<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const { place } = this.#address;
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw postgresError(error, place);
    }
    // The query that waits gets this error too; without a listener it would end the process.
    const onError = () => void this.#broken.add(client);
    client.on('error', onError);
    try {
      return await work(client);
    } catch (error) {
      if (isConnectionLost(error)) this.#broken.add(client);
      throw postgresError(error, place);
    } finally {
      client.removeListener('error', onError);
      client.release(this.#broken.has(client));
    }
  }

  async #migrate(client: pg.PoolClient): Promise<void> {
    const { schemas, clock } = this.#options;
    await inWriterLock(client, async () => {
      await client.query(postgresMigration(schemaVersionsTable));
      await client.query(ownerTable);
    });
    for (const schema of [ledgerSchema, ...schemas]) {
      const found = await versionOf(client, schema.name);
      for (const { version } of pendingMigrations(schema, found)) {
        await inWriterLock(client, async () => {
          // Another process may have come first while this one waited for the lock.
          const now = await versionOf(client, schema.name);
          const migration = pendingMigrations(schema, now)[0];
          if (migration?.version !== version) return;
          for (const statement of migration.statements) {
            await client.query(postgresMigration(statement));
          }
          const values = [schema.name, version, clock.now()];
          await client.query(numberPlaceholders(noteSchemaVersion), values);
        });
      }
    }
  }
}

type ConnectionOptions = Omit<PostgresMetadataOptions, 'url' | 'clock' | 'schemas'>;

const settleAttempts = 20;
const settlePauseMs = 500;

/** The writers' lock: any two numbers that nobody else in the database uses, one for each schema. */
const lock = 'SELECT pg_advisory_xact_lock(1113680748, hashtext(current_schema()))';

/**
 * Each statement sees what was committed before it (READ COMMITTED): the lock comes first, so that is
 * everything. A snapshot of the whole transaction would be older than the lock.
 */
const begin = `BEGIN ISOLATION LEVEL READ COMMITTED; ${lock}`;

async function inWriterLock(client: pg.PoolClient, work: () => Promise<unknown>): Promise<void> {
  try {
    await client.query(begin);
    await work();
    await client.query('COMMIT');
  } catch (error) {
    if (!isConnectionLost(error)) await client.query('ROLLBACK');
    throw error;
  }
}

async function versionOf(client: pg.PoolClient, name: string): Promise<number> {
  const sql = 'SELECT version FROM schema_versions WHERE name = $1';
  return Number((await client.query(sql, [name])).rows[0]?.version ?? 0);
}

/** The leaf at a position once no other transaction writes. */
async function leafAt(client: pg.PoolClient, position: number): Promise<Uint8Array | undefined> {
  let leaf: Uint8Array | undefined;
  await inWriterLock(client, async () => {
    const sql = 'SELECT leaf FROM ledger_entries WHERE position = $1';
    leaf = (await client.query(sql, [position])).rows[0]?.leaf;
  });
  return leaf;
}

/** The statements of one connection, one after the other also when the caller does not wait. */
class PostgresStatements implements Statements {
  readonly #client: pg.PoolClient;
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  async all(sql: string, values: readonly BoundValue[]): Promise<readonly object[]> {
    return (await this.#query(sql, values)).rows;
  }

  async run(sql: string, values: readonly BoundValue[]): Promise<number> {
    return (await this.#query(sql, values)).rowCount ?? 0;
  }

  async idle(): Promise<void> {
    await this.#last;
  }

  #query(sql: string, values: readonly BoundValue[]): Promise<pg.QueryResult> {
    const text = numberPlaceholders(sql);
    const result = this.#last.then(() => this.#client.query({ text, values: [...values] }));
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function poolConfig(address: PostgresAddress, options: ConnectionOptions): pg.PoolConfig {
  const { connections = 8, statementTimeoutMs = 60_000, lockTimeoutMs = 60_000 } = options;
  assert(connections >= 2, 'a pool has a connection that writes and one that reads');
  const { host, port, user, password, database } = address;
  // A writer whose process hangs must not keep all others out: its transaction is ended.
  const idleMs = Math.max(statementTimeoutMs, lockTimeoutMs);
  const settings = [
    ...['-c synchronous_commit=on', '-c client_encoding=UTF8'],
    `-c lock_timeout=${lockTimeoutMs}`,
    // A machine that is gone lets go of its locks within a minute, not in the two hours of TCP.
    '-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3',
  ];
  return {
    ...{ host, port, user, database, max: connections, types: postgresTypes, keepAlive: true },
    ...(password !== undefined && { password }),
    ssl: tlsOptions(address, options),
    application_name: 'backlot',
    options: [address.options ?? '', ...settings].join(' ').trim(),
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: statementTimeoutMs,
    // Where the server is out of reach altogether, the client gives up by itself.
    query_timeout: Math.max(statementTimeoutMs, lockTimeoutMs) + 5_000,
    keepAliveInitialDelayMillis: 30_000,
    idle_in_transaction_session_timeout: idleMs,
  };
}

function tlsOptions(
  { tls, host }: PostgresAddress,
  { certificateAuthority }: ConnectionOptions,
): pg.PoolConfig['ssl'] {
  if (tls === 'off') return false;
  return {
    rejectUnauthorized: tls === 'verified',
    ...(!/^[\d.]+$|:/.test(host) && { servername: host }),
    ...(certificateAuthority !== undefined && { ca: certificateAuthority }),
  };
}
