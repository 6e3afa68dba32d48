/** What a failure means to whoever asked: it decides the exit code and the HTTP status. */
export type ErrorKind = keyof typeof exitCodes;

/** The exit codes of the command line, documented in `docs/errors.md`. */
export const exitCodes = {
  failed: 1,
  usage: 2,
  config: 3,
  auth: 4,
  unreachable: 5,
  notFound: 6,
  refused: 7,
  budget: 8,
  conflict: 9,
} as const;

/** The HTTP status that answers each kind of failure. */
export const httpStatuses: Readonly<Record<ErrorKind, number>> = {
  failed: 500,
  usage: 400,
  config: 500,
  auth: 403,
  unreachable: 503,
  notFound: 404,
  refused: 422,
  budget: 422,
  conflict: 409,
};

/** The parts of an error that a person or a program may read. */
export interface ErrorFields {
  /** Stable and documented, `E-<PACKAGE>-<NUMBER>`. */
  readonly code: string;
  readonly kind: ErrorKind;
  /** What was wrong, what was given, what is allowed. One line; never a secret or personal data. */
  readonly reason: string;
  /** Where: a file and line, a column, an entity. */
  readonly place?: string;
  /** A command or an edit that mends it. */
  readonly mend?: string;
  readonly cause?: unknown;
}

/**
 * An expected failure with a stable code. Each package has one subclass, and a class for each cause
 * that callers tell apart.
 *
 * @example
 * const error = new BacklotError({ code: 'E-CORE-001', kind: 'usage', reason: 'k is 0, at least 1 is allowed' });
 * error.message; // 'E-CORE-001 k is 0, at least 1 is allowed'
 */
export class BacklotError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly reason: string;
  readonly place: string | undefined;
  readonly mend: string | undefined;

  constructor(fields: ErrorFields) {
    super(`${fields.code} ${fields.reason}`, { cause: fields.cause });
    this.name = new.target.name;
    this.code = fields.code;
    this.kind = fields.kind;
    this.reason = fields.reason;
    this.place = fields.place;
    this.mend = fields.mend;
  }

  /** The object that `--json` and the API show: no stack, no cause. */
  toJSON(): { code: string; kind: ErrorKind; reason: string; place?: string; mend?: string } {
    return {
      code: this.code,
      kind: this.kind,
      reason: this.reason,
      ...(this.place !== undefined && { place: this.place }),
      ...(this.mend !== undefined && { mend: this.mend }),
    };
  }
}

/** An abort's error, thrown where work stops because its signal asked for it. */
export class Cancelled extends BacklotError {
  constructor(what: string) {
    super({ code: 'E-CORE-002', kind: 'failed', reason: `${what} was cancelled` });
  }
}

/** Throws `Cancelled` when the signal has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw new Cancelled(what);
}
