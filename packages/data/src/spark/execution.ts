import { throwIfCancelled } from '@backlot/core';
import type { Connection } from './connection.ts';
import type { Message } from './message.ts';
import {
  executePlanRequest,
  executePlanResponse,
  interruptOperation,
  interruptRequest,
  interruptResponse,
  type plan,
  reattachExecuteRequest,
  releaseExecuteRequest,
  releaseExecuteResponse,
} from './protocol.ts';
import { SparkOperationLost } from './spark-error.ts';
import { CallFailed } from './transport.ts';

/** What a message type's values look like. */
export type Decoded<M> = M extends Message<infer T> ? T : never;
export type Plan = Decoded<typeof plan>;
type ExecuteResponse = Decoded<typeof executePlanResponse>;

interface ExecutionOptions {
  readonly operationId: string;
  /** What to run; absent when an operation that was sent before is to be taken up again. */
  readonly plan?: Plan;
  /** Completes "Spark failed to". */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/** The server ends a stream after two minutes by itself, so one that lasts longer is dead. */
const streamTimeoutMs = 150_000;
/** How long an interrupted operation may take to end before we stop listening to it. */
const interruptTimeoutMs = 5_000;
const chunkBytes = 4n * 2n ** 20n;

/**
 * Runs an operation to its end and yields what the server answers, across cut streams: a stream that
 * ends without the mark of completeness is taken up after the last response seen. The operation is
 * released at the end, and interrupted when the caller leaves early or its signal fires.
 */
export async function* execute(
  connection: Connection,
  options: ExecutionOptions,
): AsyncGenerator<ExecuteResponse> {
  const execution = new Execution(connection, options);
  yield* execution.run();
}

class Execution {
  readonly #connection: Connection;
  readonly #options: ExecutionOptions;
  /** Ends the stream when an interrupt did not. */
  readonly #stop = new AbortController();
  /** Whether the next request asks for what the server already has. */
  #sent: boolean;
  #lastResponseId: string | undefined;
  #complete = false;
  /** Whether the operation is no longer ours to release. */
  #lost = false;

  constructor(connection: Connection, options: ExecutionOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#sent = options.plan === undefined;
  }

  async *run(): AsyncGenerator<ExecuteResponse> {
    const { signal } = this.#options;
    const patience = this.#connection.patience();
    const onAbort = (): void => void this.#interrupt();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      while (!this.#complete) {
        throwIfCancelled(signal, 'the query');
        try {
          for await (const response of this.#attach()) {
            patience.progress();
            this.#observe(response);
            yield response;
          }
        } catch (error) {
          await this.#mend(error, () => patience.wait(signal));
        }
      }
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#stop.abort();
      if (!this.#lost) await this.#release();
    }
  }

  #observe({ serverSession, responseId, resultComplete }: ExecuteResponse): void {
    this.#connection.observe(serverSession);
    this.#lastResponseId = responseId ?? this.#lastResponseId;
    if (resultComplete) this.#complete = true;
  }

  #attach(): AsyncGenerator<ExecuteResponse> {
    const { operationId, plan } = this.#options;
    const { transport } = this.#connection;
    const common = { ...this.#connection.common(), operationId };
    if (this.#sent || plan === undefined) {
      const lastResponseId = this.#lastResponseId;
      return transport.stream(
        'ReattachExecute',
        reattachExecuteRequest,
        executePlanResponse,
        { ...common, ...(lastResponseId !== undefined && { lastResponseId }) },
        streamTimeoutMs,
        this.#stop.signal,
      );
    }
    this.#sent = true;
    const requestOptions = [
      { reattach: { reattachable: true } },
      { chunking: { allowed: true, preferredBytes: chunkBytes } },
    ];
    return transport.stream(
      'ExecutePlan',
      executePlanRequest,
      executePlanResponse,
      { ...common, plan, requestOptions },
      streamTimeoutMs,
      this.#stop.signal,
    );
  }

  /** Returns when the operation may be asked for again; throws the typed error otherwise. */
  async #mend(error: unknown, wait: () => Promise<boolean>): Promise<void> {
    throwIfCancelled(this.#options.signal, 'the query');
    if (error instanceof CallFailed && error.cut && (await wait())) return;
    const errorClass = error instanceof CallFailed ? error.info?.errorClass : undefined;
    if (errorClass === 'INVALID_HANDLE.OPERATION_ALREADY_EXISTS') return;
    // The request was lost on its way: nothing ran, so it is sent again under the same id.
    const unseen = this.#lastResponseId === undefined && this.#options.plan !== undefined;
    if (unseen && errorClass === 'INVALID_HANDLE.OPERATION_NOT_FOUND') {
      this.#sent = false;
      return;
    }
    const typed = await this.#connection.typed(this.#options.what, error);
    // Another attachment may have taken it over; releasing it would kill what is not ours. An
    // operation whose past responses are gone is still ours.
    this.#lost =
      typed instanceof SparkOperationLost &&
      !typed.errorClass.startsWith('INVALID_CURSOR.POSITION');
    throw typed;
  }

  /** Asks the server to stop the operation, which ends the stream; else ends the stream itself. */
  async #interrupt(): Promise<void> {
    const { operationId } = this.#options;
    // A server that cannot be reached cannot be asked; the stream ends all the same.
    await interrupt(this.#connection, operationId).catch(() => undefined);
    await this.#connection.clock.sleep(interruptTimeoutMs, this.#stop.signal);
    this.#stop.abort();
  }

  /** The server forgets the operation, and stops it where it still runs. */
  async #release(): Promise<void> {
    const released = this.#connection.transport.call(
      'ReleaseExecute',
      releaseExecuteRequest,
      releaseExecuteResponse,
      { ...this.#connection.common(), operationId: this.#options.operationId, releaseAll: {} },
      interruptTimeoutMs,
    );
    // What is not released the server drops by itself after a while, so a failure changes nothing.
    await released.catch(() => undefined);
  }
}

/** Stops an operation of the session; answers whether the server had it. */
export async function interrupt(connection: Connection, operationId: string): Promise<boolean> {
  const { interruptedIds = [] } = await connection.call(
    'interrupt an operation',
    'Interrupt',
    interruptRequest,
    interruptResponse,
    { interruptType: interruptOperation, operationId },
  );
  return interruptedIds.includes(operationId);
}
