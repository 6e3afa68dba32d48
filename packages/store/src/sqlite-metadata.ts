import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type Clock, DurabilityLost } from '@backlot/core';
import { type BoundValue, boundValue } from './bound-value.ts';
import { StorageFull } from './durable-files.ts';
import { ledgerSchema } from './ledger.ts';
import {
  LedgeredTransaction,
  type OnTransactionStep,
  type Statements,
} from './ledgered-transaction.ts';
import type { Metadata, Reader, Row, Schema, SqlValue, Transaction } from './metadata.ts';
import { noteSchemaVersion, pendingMigrations, schemaVersionsTable } from './schema-versions.ts';
import { WriteQueue } from './write-queue.ts';

export interface SqliteMetadataOptions {
  /** The database file. */
  readonly path: string;
  readonly clock: Clock;
  readonly schemas: readonly Schema[];
  readonly onStep?: OnTransactionStep;
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

/** Reads a database that nobody writes to, such as a backup's; nothing in it is changed. */
export function readSqlite(path: string): { readonly reader: Reader; readonly close: () => void } {
  const database = new DatabaseSync(path, { readOnly: true });
  const reader = {
    all: async (sql: string, ...values: readonly SqlValue[]) =>
      database.prepare(sql).all(...values.map(boundValue)),
    get: async (sql: string, ...values: readonly SqlValue[]) =>
      database.prepare(sql).get(...values.map(boundValue)),
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
  database.exec(schemaVersionsTable);
  for (const schema of schemas) {
    const versionOf = database.prepare('SELECT version FROM schema_versions WHERE name = ?');
    const found = Number(versionOf.get(schema.name)?.version ?? 0);
    for (const { version, statements } of pendingMigrations(schema, found)) {
      database.exec('BEGIN IMMEDIATE');
      try {
        for (const statement of statements) database.exec(statement);
        database.prepare(noteSchemaVersion).run(schema.name, version, clock.now());
        database.exec('COMMIT');
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    }
  }
}

class SqliteMetadata implements Metadata {
  readonly #writer: DatabaseSync;
  readonly #reader: DatabaseSync;
  readonly #options: SqliteMetadataOptions;
  readonly #writerStatements = new Map<string, StatementSync>();
  readonly #readerStatements = new Map<string, StatementSync>();
  readonly #queue = new WriteQueue();
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
    this.#queue.assertOpen();
    return prepared(this.#reader, this.#readerStatements, sql).all(
      ...values.map(boundValue),
    ) as R[];
  }

  async get<R extends object = Row>(
    sql: string,
    ...values: readonly SqlValue[]
  ): Promise<R | undefined> {
    this.#queue.assertOpen();
    return prepared(this.#reader, this.#readerStatements, sql).get(...values.map(boundValue)) as
      | R
      | undefined;
  }

  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#queue.run(() => this.#transact(work));
  }

  async close(): Promise<void> {
    await this.#queue.close();
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
    const statements = new SqliteStatements((sql) =>
      prepared(this.#writer, this.#writerStatements, sql),
    );
    const tx = new LedgeredTransaction(statements, this.#options.clock, this.#options.onStep);
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

/** SQLite is called in place: a statement has run when its call returns. */
class SqliteStatements implements Statements {
  readonly #statement: (sql: string) => StatementSync;

  constructor(statement: (sql: string) => StatementSync) {
    this.#statement = statement;
  }

  async all(sql: string, values: readonly BoundValue[]): Promise<readonly object[]> {
    return this.#statement(sql).all(...values);
  }

  async run(sql: string, values: readonly BoundValue[]): Promise<number> {
    return Number(this.#statement(sql).run(...values).changes);
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
