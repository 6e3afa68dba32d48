import { assert, type Clock } from '@backlot/core';
import { type BoundValue, boundValue } from './bound-value.ts';
import { appendToLedger, type LedgerAppend } from './ledger.ts';
import type { LedgerDraft, Row, SqlValue, Transaction } from './metadata.ts';

/** Where a transaction stands, told to the observer before the next move. */
export type TransactionStep = 'begin' | 'statement' | 'commit' | 'committed';

/** Called at each step of each transaction; it may throw, as a crash would. */
export type OnTransactionStep = (step: TransactionStep) => void;

/** A database inside a transaction. Statements run in the order they are given. */
export interface Statements {
  all(sql: string, values: readonly BoundValue[]): Promise<readonly object[]>;
  /** Answers how many rows it changed. */
  run(sql: string, values: readonly BoundValue[]): Promise<number>;
}

/** What every metadata asks of a transaction, over the statements of one database. */
export class LedgeredTransaction implements Transaction {
  readonly #statements: Statements;
  readonly #clock: Clock;
  readonly #onStep: OnTransactionStep | undefined;
  #recorded = false;
  #recording: Promise<void> = Promise.resolve();
  #lastEntry: LedgerAppend | undefined;
  #failure: { readonly error: unknown } | undefined;
  #changes = 0;
  #ended = false;

  constructor(statements: Statements, clock: Clock, onStep: OnTransactionStep | undefined) {
    this.#statements = statements;
    this.#clock = clock;
    this.#onStep = onStep;
  }

  async all<R extends object = Row>(
    sql: string,
    ...values: readonly SqlValue[]
  ): Promise<readonly R[]> {
    return (await this.#tried(() => this.#statements.all(sql, values.map(boundValue)))) as R[];
  }

  async get<R extends object = Row>(
    sql: string,
    ...values: readonly SqlValue[]
  ): Promise<R | undefined> {
    return (await this.all<R>(sql, ...values))[0];
  }

  async run(sql: string, ...values: readonly SqlValue[]): Promise<number> {
    const changes = await this.#tried(() => {
      this.#onStep?.('statement');
      return this.#statements.run(sql, values.map(boundValue));
    });
    this.#changes += changes;
    return changes;
  }

  /** One entry after the other, also when the work does not wait; one that fails fails all after it. */
  record(draft: LedgerDraft): Promise<void> {
    this.#recorded = true;
    this.#recording = this.#recording.then(async () => {
      this.#lastEntry = await appendToLedger(this, draft, this.#clock.now());
    });
    return this.#recording;
  }

  /**
   * The work is done. A change without a ledger entry is a bug; a failed entry is no entry; and a
   * failed statement has failed them all, since PostgreSQL ends a transaction at its first error.
   */
  async end(): Promise<void> {
    await this.#recording;
    if (this.#failure) throw this.#failure.error;
    assert(this.#recorded || this.#changes === 0, 'a mutation without a ledger entry');
    this.stop();
  }

  stop(): void {
    this.#ended = true;
  }

  get changes(): number {
    return this.#changes;
  }

  /** The newest entry of this transaction: what shows later whether it was committed. */
  get lastEntry(): LedgerAppend | undefined {
    return this.#lastEntry;
  }

  async #tried<T>(statement: () => Promise<T>): Promise<T> {
    assert(!this.#ended, 'a transaction is not used after its end');
    try {
      return await statement();
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }
}
