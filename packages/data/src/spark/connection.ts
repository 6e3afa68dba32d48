import type { Clock, Io } from '@backlot/core';
import type { Message } from './message.ts';
import { fetchErrorDetailsRequest, fetchErrorDetailsResponse } from './protocol.ts';
import {
  type SparkErrorDetails,
  SparkFailed,
  SparkOperationLost,
  SparkRefused,
  SparkUnreachable,
} from './spark-error.ts';
import { CallFailed, type SparkServer, Transport } from './transport.ts';

/** What names a session to the server. */
export interface SessionIds {
  readonly sessionId: string;
  readonly userId: string;
  /**
   * The server's own id of the session, once it has answered. It is sent with every request, for
   * without it a server that was started again opens an empty session under the same id in silence.
   */
  readonly serverSession?: string;
}

export interface ConnectionOptions {
  readonly io: Io;
  readonly server: SparkServer;
  /** How long a server that does not answer is asked again, in milliseconds. Default 10 seconds. */
  readonly patienceMs?: number;
}

/** What stands in every request. */
interface Common {
  readonly sessionId?: string | undefined;
  readonly userContext?: { readonly userId?: string | undefined } | undefined;
  readonly observedServerSession?: string | undefined;
  readonly clientType?: string | undefined;
}

/** The fields that every request has, which the connection fills in. */
export type CommonName = keyof Common;

const clientType = 'backlot';
const callTimeoutMs = 60_000;
const defaultPatienceMs = 10_000;

/** A session's requests, repeated while the connection is broken; errors come out typed. */
export class Connection {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly #patienceMs: number;
  #ids: SessionIds;

  constructor(options: ConnectionOptions, ids: SessionIds) {
    this.clock = options.io.clock;
    this.transport = new Transport(options.server, this.clock);
    this.#patienceMs = options.patienceMs ?? defaultPatienceMs;
    this.#ids = ids;
  }

  get ids(): SessionIds {
    return this.#ids;
  }

  /** What every request of this session begins with. */
  common(): Common {
    const { sessionId, userId, serverSession } = this.#ids;
    return {
      sessionId,
      userContext: { userId },
      clientType,
      ...(serverSession !== undefined && { observedServerSession: serverSession }),
    };
  }

  /** Remembers the server's id of the session as it first names it. */
  observe(serverSession: string | undefined): void {
    if (serverSession && this.#ids.serverSession === undefined) {
      this.#ids = { ...this.#ids, serverSession };
    }
  }

  /** A call that may be made twice, for all that we make may. `what` completes "Spark failed to". */
  async call<Q extends Common, R extends { readonly serverSession?: string | undefined }>(
    what: string,
    method: string,
    request: Message<Q>,
    response: Message<R>,
    value: Omit<Q, CommonName>,
  ): Promise<R> {
    const patience = this.patience();
    for (;;) {
      try {
        const full = { ...this.common(), ...value } as Q;
        const answer = await this.transport.call(method, request, response, full, callTimeoutMs);
        this.observe(answer.serverSession);
        return answer;
      } catch (error) {
        if (!(error instanceof CallFailed && error.cut && (await patience.wait()))) {
          throw await this.typed(what, error);
        }
      }
    }
  }

  /** Waits between attempts, longer each time, until there was no progress for too long. */
  patience(): Patience {
    return new Patience(this.clock, this.#patienceMs);
  }

  /** The error that a failed call stands for, with what the server tells of it when asked. */
  async typed(what: string, error: unknown): Promise<unknown> {
    if (!(error instanceof CallFailed)) return error;
    if (error.unauthenticated) {
      return new SparkRefused('the Spark server does not accept the token', error);
    }
    if (error.cut) return new SparkUnreachable(what, error);
    const { cause, ...details } = await this.#details(error);
    if (isLost(details.errorClass)) return new SparkOperationLost(what, details.errorClass, cause);
    // Spark has no class for an operation whose thread is gone, as when its client went while it began.
    return cause instanceof Error && cause.message.startsWith('Operation was orphaned')
      ? new SparkOperationLost(what, 'ORPHANED', cause)
      : new SparkFailed(what, details, cause);
  }

  async #details(error: CallFailed): Promise<SparkErrorDetails & { readonly cause: unknown }> {
    const { errorClass = 'UNKNOWN', sqlState, errorId } = error.info ?? {};
    const known = {
      errorClass,
      ...(sqlState && { sqlState }),
      contexts: [],
      cause: error,
    };
    // Of a session that is gone there is nobody to ask.
    if (!errorId || isLost(errorClass)) return known;
    try {
      return { ...known, ...(await this.#fetchDetails(errorId)) };
    } catch (failed) {
      // What the trailer said is still true; that the rest could not be had must not hide it.
      if (failed instanceof CallFailed) return known;
      throw failed;
    }
  }

  async #fetchDetails(errorId: string): Promise<Partial<SparkErrorDetails> & { cause: Error }> {
    const value = { ...this.common(), errorId };
    const { errors = [], rootErrorIndex = 0 } = await this.transport.call(
      'FetchErrorDetails',
      fetchErrorDetailsRequest,
      fetchErrorDetailsResponse,
      value,
      callTimeoutMs,
    );
    // The error that has a class may stand behind others that only wrap it.
    let index: number | undefined = rootErrorIndex;
    let found = errors[index];
    for (let hops = 0; found && !found.throwable?.errorClass && hops < errors.length; hops++) {
      index = found.causeIndex;
      found = index === undefined ? undefined : errors[index];
    }
    const throwable = found?.throwable;
    const cause = new Error(found?.message ?? errors[rootErrorIndex]?.message ?? 'no message');
    if (!throwable?.errorClass) return { cause };
    const contexts = (throwable.contexts ?? []).map(({ fragment, startIndex, stopIndex }) => ({
      fragment: fragment ?? '',
      startIndex: startIndex ?? 0,
      stopIndex: stopIndex ?? 0,
    }));
    const { errorClass, sqlState } = throwable;
    return { errorClass, ...(sqlState && { sqlState }), contexts, cause };
  }

  close(): void {
    this.transport.close();
  }
}

/** Errors that mean: the session or the operation is not there (any more). */
function isLost(errorClass: string): boolean {
  return errorClass.startsWith('INVALID_HANDLE.') || errorClass.startsWith('INVALID_CURSOR.');
}

const firstWaitMs = 50;
const longestWaitMs = 1000;

class Patience {
  readonly #clock: Clock;
  readonly #limitMs: number;
  #since: number;
  #waitMs = firstWaitMs;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#since = clock.monotonic();
  }

  /** To be told of all that the server answers. */
  progress(): void {
    this.#since = this.#clock.monotonic();
    this.#waitMs = firstWaitMs;
  }

  /** Waits before another attempt; answers false when it has lasted too long. */
  async wait(signal?: AbortSignal): Promise<boolean> {
    if (this.#clock.monotonic() - this.#since > this.#limitMs) return false;
    await this.#clock.sleep(this.#waitMs, signal);
    this.#waitMs = Math.min(2 * this.#waitMs, longestWaitMs);
    return true;
  }
}
