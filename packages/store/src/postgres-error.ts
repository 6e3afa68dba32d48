import { AssertionFailed, BacklotError } from '@backlot/core';
import { StorageFull } from './durable-files.ts';
import { PostgresRefused } from './postgres-address.ts';

/** The database did not answer, and nothing of what was asked was committed: ask again. */
export class MetadataUnreachable extends BacklotError {
  constructor(place: string, reason: string, cause?: unknown) {
    super({
      ...{ code: 'E-STORE-012', kind: 'unreachable', place, cause },
      reason: `${reason}; nothing was changed, and it may be asked again`,
      mend: 'backlot doctor',
    });
  }
}

/** The connection broke during a commit and the database could not be asked what came of it. */
export class CommitUnknown extends BacklotError {
  constructor(place: string, cause: unknown) {
    super({
      ...{ code: 'E-STORE-013', kind: 'unreachable', place, cause },
      reason: 'the connection broke during a commit: the change may have been made or not',
      mend: 'look whether it was made before it is asked for again: backlot audit verify',
    });
  }
}

/** PostgreSQL refused a statement: it breaks a constraint, or is no SQL that both databases share. */
export class StatementRefused extends BacklotError {
  /** The five characters of the SQL standard, such as `23505` for a key that is taken. */
  readonly sqlState: string;

  constructor(place: string, sqlState: string, constraint: string | undefined) {
    super({
      ...{ code: 'E-STORE-015', kind: 'failed', place },
      reason: `PostgreSQL refused a statement: SQLSTATE ${sqlState}${constraint ? `, constraint ${constraint}` : ''}`,
    });
    this.sqlState = sqlState;
  }
}

/** What the driver says of an error of the server; its detail can hold values and is never shown. */
interface ServerError {
  readonly code?: unknown;
  readonly constraint?: unknown;
}

/** Whether the connection is gone, so that what it was asked last may be unanswered. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as ServerError;
  if (typeof code === 'string' && (lostCodes.test(code) || socketCodes.has(code))) return true;
  return lostMessages.test(error.message);
}

const lostCodes = /^(?:08...|57P0[1-5]|25P0[34])$/;
const socketCodes: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'ENOENT'],
]);
/** The driver has no codes for these. */
const lostMessages = new RegExp(
  `^(?:${[
    'Connection terminated',
    'Client has encountered a connection error',
    'timeout exceeded when',
    'Client was closed',
    'Query read timeout',
  ].join('|')})`,
);

/** An error of the driver or the server as one of ours; one that is ours already stays. */
export function postgresError(error: unknown, place: string): unknown {
  if (error instanceof BacklotError || error instanceof AssertionFailed) return error;
  if (isConnectionLost(error)) {
    return new MetadataUnreachable(place, 'the connection to PostgreSQL broke', redacted(error));
  }
  const { code, constraint } = (error ?? {}) as ServerError;
  if (error instanceof Error && isTlsError(error)) {
    return new PostgresRefused(place, `TLS failed: ${error.message}`);
  }
  if (!(error instanceof Error) || typeof code !== 'string') return error;
  if (code === '53100') return new StorageFull(redacted(error));
  const busy = busyReasons[code];
  if (busy) return new MetadataUnreachable(place, busy, redacted(error));
  // Its text names the user and the database, never the password.
  if (/^(?:28...|3D000|42501)$/.test(code)) return new PostgresRefused(place, error.message);
  if (!/^[0-9A-Z]{5}$/.test(code)) return error;
  return new StatementRefused(place, code, typeof constraint === 'string' ? constraint : undefined);
}

/** What OpenSSL, Node.js and the driver say of certificates and of servers without TLS. */
function isTlsError(error: Error & ServerError): boolean {
  const { code, message } = error;
  if (/^The server does not support SSL/.test(message)) return true;
  return typeof code === 'string' && /^ERR_(?:TLS|SSL)_|CERT|SELF_SIGNED|UNABLE_TO_/.test(code);
}

const busyReasons: Readonly<Record<string, string>> = {
  '57014': 'a statement took longer than its limit',
  '55P03': 'another writer held the metadata for longer than the limit',
  '53300': 'PostgreSQL has no connection left',
  '40001': 'another transaction was in the way',
  '40P01': 'two transactions waited for each other',
};

/** The error without the fields in which the server repeats rows and statements. */
function redacted(error: unknown): Error {
  const { message, code } = error as Error & ServerError;
  const plain = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
  return Object.assign(new Error(plain ? `SQLSTATE ${code}` : message), { code });
}
