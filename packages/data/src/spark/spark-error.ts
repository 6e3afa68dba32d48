import { BacklotError } from '@backlot/core';

/** The server does not answer, or the connection broke for longer than our patience: retryable. */
export class SparkUnreachable extends BacklotError {
  constructor(what: string, cause: unknown) {
    super({
      code: 'E-DATA-016',
      kind: 'unreachable',
      reason: `the Spark server did not answer to ${what}`,
      mend: 'look whether the server runs, and at its address',
      cause,
    });
  }
}

/** Where in the SQL text an error arose; the text holds no values, for those are bound. */
export interface QueryContext {
  readonly fragment: string;
  /** Of the fragment in the text, from 0, both inclusive. */
  readonly startIndex: number;
  readonly stopIndex: number;
}

/** What Spark says of its error, beside the message, which may quote data. */
export interface SparkErrorDetails {
  /** Such as `DIVIDE_BY_ZERO`; `UNKNOWN` where Spark gives none. */
  readonly errorClass: string;
  /** Five characters, by the SQL standard and Spark's own list. */
  readonly sqlState?: string;
  readonly contexts: readonly QueryContext[];
}

/** Spark could not do what it was asked; its text stays in `cause`, for it may quote data. */
export class SparkFailed extends BacklotError {
  readonly errorClass: string;
  readonly sqlState: string | undefined;
  readonly contexts: readonly QueryContext[];

  constructor(what: string, details: SparkErrorDetails, cause: unknown) {
    const state = details.sqlState === undefined ? '' : ` (${details.sqlState})`;
    super({
      code: 'E-DATA-017',
      kind: 'failed',
      reason: `Spark failed to ${what}: ${details.errorClass}${state}`,
      cause,
    });
    this.errorClass = details.errorClass;
    this.sqlState = details.sqlState;
    this.contexts = details.contexts;
  }
}

/** The server does not accept our token, or we do not send it one in the clear. */
export class SparkRefused extends BacklotError {
  constructor(reason: string, cause?: unknown) {
    super({
      code: 'E-DATA-018',
      kind: 'auth',
      reason,
      mend: "give the server's token, and TLS where it is not on this machine",
      ...(cause !== undefined && { cause }),
    });
  }
}

/**
 * The server no longer knows our session or operation: it was started again, or it was let go, or
 * another took it over. Nothing of the operation is visible, so running it again is safe: retryable.
 */
export class SparkOperationLost extends BacklotError {
  readonly errorClass: string;

  constructor(what: string, errorClass: string, cause: unknown) {
    super({
      code: 'E-DATA-019',
      kind: 'unreachable',
      reason: `the Spark server no longer holds what was to ${what}: ${errorClass}`,
      cause,
    });
    this.errorClass = errorClass;
  }
}
