import { BacklotError, httpStatuses } from '@backlot/core';

/** Every refusal of the listener itself: its stable code, its kind and its HTTP status. */
export const causes = {
  unauthenticated: { code: 'E-SERVER-001', kind: 'auth', status: 401 },
  forbidden: { code: 'E-SERVER-002', kind: 'auth', status: 403 },
  unknownRoute: { code: 'E-SERVER-003', kind: 'notFound', status: 404 },
  wrongHost: { code: 'E-SERVER-004', kind: 'refused', status: 421 },
  badRequest: { code: 'E-SERVER-005', kind: 'usage', status: 400 },
  tooLarge: { code: 'E-SERVER-006', kind: 'usage', status: 413 },
  mediaType: { code: 'E-SERVER-007', kind: 'usage', status: 415 },
  badJson: { code: 'E-SERVER-008', kind: 'usage', status: 400 },
  invalidInput: { code: 'E-SERVER-009', kind: 'usage', status: 400 },
  crossSite: { code: 'E-SERVER-010', kind: 'auth', status: 403 },
  tooOften: { code: 'E-SERVER-011', kind: 'refused', status: 429 },
  overloaded: { code: 'E-SERVER-012', kind: 'unreachable', status: 503 },
  slowBody: { code: 'E-SERVER-013', kind: 'usage', status: 408 },
  tookTooLong: { code: 'E-SERVER-014', kind: 'failed', status: 504 },
  internal: { code: 'E-SERVER-015', kind: 'failed', status: 500 },
  noPort: { code: 'E-SERVER-016', kind: 'config', status: 500 },
  openRoute: { code: 'E-SERVER-017', kind: 'config', status: 500 },
} as const;

export type Cause = keyof typeof causes;

/** A refusal of the listener. */
export class ServerError extends BacklotError {
  readonly status: number;
  /** Seconds after which the same request may succeed. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    cause: Cause,
    reason: string,
    more: {
      readonly place?: string;
      readonly mend?: string;
      readonly retryAfterSeconds?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    const { code, kind, status } = causes[cause];
    super({
      code,
      kind,
      reason,
      ...(more.place !== undefined && { place: more.place }),
      ...(more.mend !== undefined && { mend: more.mend }),
      cause: more.cause,
    });
    this.status = status;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}

/** The policies said no. */
export class Forbidden extends ServerError {
  constructor(action: string, reason: string | undefined) {
    super('forbidden', reason ?? `${action} is not allowed for this principal`);
  }
}

/** The one shape of every error answer. */
export interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly kind: string;
    readonly reason: string;
    readonly place?: string;
    readonly mend?: string;
    readonly requestId: string;
  };
}

/**
 * What a client may know of a failure. Anything but an expected error becomes one fixed sentence: a
 * message of the database, of the file system or of a bug could name paths, SQL or people.
 */
export function describeFailure(thrown: unknown): BacklotError {
  if (thrown instanceof ServerError) return thrown;
  const known = thrown instanceof BacklotError;
  if (known && httpStatuses[thrown.kind] !== 500) return thrown;
  const reason = 'the server failed; its log names this request id';
  if (!known) return new ServerError('internal', reason, { cause: thrown });
  // The state's own troubles can name places on its disk: the stable code is enough to look them up.
  return new BacklotError({ code: thrown.code, kind: thrown.kind, reason, cause: thrown });
}

export function statusOf(error: BacklotError): number {
  return error instanceof ServerError ? error.status : httpStatuses[error.kind];
}

export function errorBody(error: BacklotError, requestId: string): ErrorBody {
  const { code, kind, reason, place, mend } = error.toJSON();
  return {
    error: {
      code,
      kind,
      reason,
      ...(place !== undefined && { place }),
      ...(mend !== undefined && { mend }),
      requestId,
    },
  };
}
