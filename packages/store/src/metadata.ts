import type { Json } from '@backlot/core';

/**
 * The metadata port: rows in the SQL that SQLite and PostgreSQL share (`?` placeholders, text,
 * integers, reals and blobs; no upsert beyond `ON CONFLICT ... DO`, no engine functions); the README
 * has all of it. Implementations: `openSqliteMetadata`, `openPostgresMetadata`.
 */
export interface Metadata extends Reader {
  /**
   * Runs work in one transaction, alone: it commits wholly or leaves nothing. Work that changes rows
   * must `record` at least one ledger entry, else it is a bug and nothing is committed. Neither is it
   * after a statement that failed, whatever the work does with the error. Transactions do not nest.
   * Resolves after the commit is durable.
   */
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Reads committed rows: each statement sees what was committed before it began. */
export interface Reader {
  all<R extends object = Row>(sql: string, ...values: readonly SqlValue[]): Promise<readonly R[]>;
  get<R extends object = Row>(sql: string, ...values: readonly SqlValue[]): Promise<R | undefined>;
}

export interface Transaction extends Reader {
  /** Runs a statement and answers how many rows it changed. */
  run(sql: string, ...values: readonly SqlValue[]): Promise<number>;
  /** Appends to the ledger, in this transaction. */
  record(entry: LedgerDraft): Promise<void>;
}

/**
 * A value that is bound to a statement. Numbers are finite, and -0 becomes 0; booleans become 0 and 1;
 * integers have 64 bits, and reading one that a number would round is a `RangeError`; text has no NUL.
 */
export type SqlValue = string | number | bigint | boolean | Uint8Array | null;
export type Row = Record<string, string | number | Uint8Array | null>;

/** What a mutation says of itself. Never personal data: pseudonyms, digests, counts, names. */
export interface LedgerDraft {
  readonly workspace: string;
  /** The principal's id. */
  readonly actor: string;
  /** `noun.verb`, such as `model.approve`. */
  readonly action: string;
  /** `noun/id`, such as `model/als-film/3`. */
  readonly resource: string;
  readonly facts?: Json;
}

/** The tables of one component and how they came to be; migration `i` leads to version `i + 1`. */
export interface Schema {
  readonly name: string;
  readonly migrations: readonly (readonly string[])[];
}
