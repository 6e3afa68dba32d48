import { AsyncLocalStorage } from 'node:async_hooks';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { assert, BacklotError, type Clock, DurabilityLost } from '@backlot/core';
import { StorageFull } from './durable-files.ts';
import { appendToLedger, ledgerSchema } from './ledger.ts';
import type {
  LedgerDraft,
  Metadata,
  Reader,
  Row,
  Schema,
  SqlValue,
  Transaction,
} from './metadata.ts';

/** Where a transaction stands, told to the observer before the next move. */
export type TransactionStep = 'begin' | 'statement' | 'commit' | 'committed';

export interface SqliteMetadataOptions {
  /** The database file. */
  readonly path: string;
  readonly clock: Clock;
  readonly schemas: readonly Schema[];
  /** Called at each step of each transaction; it may throw, as a crash would. */
  readonly onStep?: (step: TransactionStep) => void;
}

/**
 * Opens the metadata in SQLite (write-ahead log, `synchronous=FULL`) and migrates it forward. When a
 * commit fails on the disk, it and every later write throw `DurabilityLost`: the process stops.
 */
export async function openSqliteMetadata(options: SqliteMetadataOptions): Promise<Metadata> {
  const writer = openDatabase(options.path);
  const metadata = new SqliteMetadata(writer, openDatabase(options.path), options);
  migrate(writer, [ledgerSchema, ...options.schemas], options.clock);
  return metadata;
}

/** The state folder was written by a newer Backlot. */
export class SchemaTooNew extends BacklotError {
  constructor(name: string, found: number, known: number) {
    super({
      code: 'E-STORE-001',
      kind: 'conflict',
      reason: `the ${name} tables have version ${found}, this Backlot knows up to ${known}`,
      mend: 'run the Backlot that wrote this state folder, or a newer one',
    });
  }
}

/** Reads a database that nobody writes to, such as a backup's; nothing in it is changed. */
export function readSqlite(path: string): { readonly reader: Reader; readonly close: () => void } {
  const database = new DatabaseSync(path, { readOnly: true });
  const reader = {
    all: async (sql: string, ...values: readonly SqlValue[]) =>
      database.prepare(sql).all(...values.map(bind)),
    get: async (sql: string, ...values: readonly SqlValue[]) =>
      database.prepare(sql).get(...values.map(bind)),
  };
  return { reader: reader as Reader, close: () => database.close() };
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 10_000, enableForeignKeyConstraints: true });
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;' +
      // A destroyed key must not live on in a free page.
      'PRAGMA secure_delete = ON;' +
      // SQLite's own checkpoint after a commit ignores a failed sync and would try again later.
      'PRAGMA wal_autocheckpoint = 0',
  );
  return database;
}

function migrate(database: DatabaseSync, schemas: readonly Schema[], clock: Clock): void {
  database.exec(
    `CREATE TABLE IF NOT EXISTS schema_versions
       (name TEXT PRIMARY KEY, version INTEGER NOT NULL, migrated_at INTEGER NOT NULL)`,
  );
  for (const schema of schemas) migrateSchema(database, schema, clock);
}

function migrateSchema(database: DatabaseSync, schema: Schema, clock: Clock): void {
  const row = database
    .prepare('SELECT version FROM schema_versions WHERE name = ?')
    .get(schema.name);
  const found = Number(row?.version ?? 0);
  if (found > schema.migrations.length) {
    throw new SchemaTooNew(schema.name, found, schema.migrations.length);
  }
  for (let version = found; version < schema.migrations.length; version++) {
    database.exec('BEGIN IMMEDIATE');
    try {
      for (const statement of schema.migrations[version]!) database.exec(statement);
      database
        .prepare(
          `INSERT INTO schema_versions (name, version, migrated_at) VALUES (?, ?, ?)
           ON CONFLICT (name) DO UPDATE SET version = excluded.version, migrated_at = excluded.migrated_at`,
        )
        .run(schema.name, version + 1, clock.now());
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}

class SqliteMetadata implements Metadata {
  readonly #writer: DatabaseSync;
  readonly #reader: DatabaseSync;
  readonly #options: SqliteMetadataOptions;
  readonly #writerStatements = new Map<string, StatementSync>();
  readonly #readerStatements = new Map<string, StatementSync>();
  readonly #inTransaction = new AsyncLocalStorage<true>();
  #queue: Promise<unknown> = Promise.resolve();
  #lost: DurabilityLost | undefined;
  /** Commits and changed rows since the log was last moved into the database. */
  #logged = 0;

  constructor(writer: DatabaseSync, reader: DatabaseSync, options: SqliteMetadataOptions) {
    this.#writer = writer;
    this.#reader = reader;
    this.#options = options;
  }

  async all<R extends object = Row>(
    sql: string,
    ...values: readonly SqlValue[]
  ): Promise<readonly R[]> {
    return prepared(this.#reader, this.#readerStatements, sql).all(...values.map(bind)) as R[];
  }

  async get<R extends object = Row>(
    sql: string,
    ...values: readonly SqlValue[]
  ): Promise<R | undefined> {
    return prepared(this.#reader, this.#readerStatements, sql).get(...values.map(bind)) as
      | R
      | undefined;
  }

  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    assert(!this.#inTransaction.getStore(), 'transactions do not nest');
    const result = this.#queue.then(() =>
      this.#inTransaction.run(true, () => this.#transact(work)),
    );
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    await this.#queue;
    this.#reader.close();
    try {
      if (!this.#lost) this.#moveLog('TRUNCATE');
    } finally {
      this.#writer.close();
    }
  }

  async #transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (this.#lost) throw this.#lost;
    this.#options.onStep?.('begin');
    this.#writer.exec('BEGIN IMMEDIATE');
    const tx = new SqliteTransaction(
      (sql) => prepared(this.#writer, this.#writerStatements, sql),
      this.#options,
    );
    let result: T;
    try {
      result = await work(tx);
      await tx.end();
      this.#options.onStep?.('commit');
      this.#commit();
    } catch (error) {
      tx.stop();
      if (this.#writer.isTransaction) this.#writer.exec('ROLLBACK');
      throw sqliteError(error) === sqliteFull ? new StorageFull(error) : error;
    }
    this.#options.onStep?.('committed');
    this.#logged += 1 + tx.changes;
    if (this.#logged >= logLimit) this.#moveLog('PASSIVE');
    return result;
  }

  #commit(): void {
    this.#durably(() => this.#writer.exec('COMMIT'));
  }

  /** Moves the log into the database. On a full disk it stays, whole, and is tried again later. */
  #moveLog(mode: 'PASSIVE' | 'TRUNCATE'): void {
    try {
      this.#durably(() => this.#writer.exec(`PRAGMA wal_checkpoint(${mode})`));
    } catch (error) {
      if (sqliteError(error) !== sqliteFull) throw error;
    }
    this.#logged = 0;
  }

  #durably(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (sqliteError(error) !== sqliteIoError) throw error;
      this.#lost = new DurabilityLost(error);
      throw this.#lost;
    }
  }
}

class SqliteTransaction implements Transaction {
  readonly #statement: (sql: string) => StatementSync;
  readonly #options: SqliteMetadataOptions;
  #recorded = false;
  #recording: Promise<void> = Promise.resolve();
  #changes = 0;
  #ended = false;

  constructor(statement: (sql: string) => StatementSync, options: SqliteMetadataOptions) {
    this.#statement = statement;
    this.#options = options;
  }

  async all<R extends object = Row>(
    sql: string,
    ...values: readonly SqlValue[]
  ): Promise<readonly R[]> {
    return this.#open(sql).all(...values.map(bind)) as R[];
  }

  async get<R extends object = Row>(
    sql: string,
    ...values: readonly SqlValue[]
  ): Promise<R | undefined> {
    return this.#open(sql).get(...values.map(bind)) as R | undefined;
  }

  async run(sql: string, ...values: readonly SqlValue[]): Promise<number> {
    const statement = this.#open(sql);
    this.#options.onStep?.('statement');
    const changes = Number(statement.run(...values.map(bind)).changes);
    this.#changes += changes;
    return changes;
  }

  /** One entry after the other, also when the work does not wait; one that fails fails all after it. */
  record(draft: LedgerDraft): Promise<void> {
    this.#recorded = true;
    const { clock } = this.#options;
    this.#recording = this.#recording.then(() => appendToLedger(this, draft, clock.now()));
    return this.#recording;
  }

  /** The work is done: a change without a ledger entry is a bug, and a failed entry is no entry. */
  async end(): Promise<void> {
    await this.#recording;
    assert(this.#recorded || this.#changes === 0, 'a mutation without a ledger entry');
    this.stop();
  }

  stop(): void {
    this.#ended = true;
  }

  get changes(): number {
    return this.#changes;
  }

  #open(sql: string): StatementSync {
    assert(!this.#ended, 'a transaction is not used after its end');
    return this.#statement(sql);
  }
}

/** Rows and commits after which the log is moved: about SQLite's own thousand pages. */
const logLimit = 1000;
const sqliteIoError = 10;
const sqliteFull = 13;

/** SQLite's primary result code, when the error is SQLite's. */
function sqliteError(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}

function prepared(
  database: DatabaseSync,
  cache: Map<string, StatementSync>,
  sql: string,
): StatementSync {
  const known = cache.get(sql);
  if (known) return known;
  const statement = database.prepare(sql);
  cache.set(sql, statement);
  return statement;
}

function bind(value: SqlValue): string | number | bigint | Uint8Array | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') assert(Number.isFinite(value), 'a number bound to SQL is finite');
  return value;
}
