import type { Clock } from '@backlot/core';
import {
  type ChannelCredentials,
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type { Message } from './message.ts';
import { errorInfo, rpcStatus } from './protocol.ts';
import { SparkRefused } from './spark-error.ts';

/** Where a Spark Connect server is. */
export interface SparkServer {
  /** `host:port`. */
  readonly address: string;
  /** What the server was given as `SPARK_CONNECT_AUTHENTICATE_TOKEN`. */
  readonly token?: string;
  /** Whether the server speaks TLS. A token goes to another machine by TLS alone. */
  readonly tls?: boolean;
}

/** A call that failed, as gRPC tells it. */
export class CallFailed extends Error {
  /** The connection broke or the call ran out of time: whether the server did it is not known. */
  readonly cut: boolean;
  readonly unauthenticated: boolean;
  /** From the trailer, where the server itself tells of an error of its own. */
  readonly info: Readonly<Record<string, string>> | undefined;

  constructor(error: ServiceError) {
    super(`${error.code} ${error.details}`, { cause: error });
    this.info = infoOf(error.metadata);
    this.unauthenticated = error.code === status.UNAUTHENTICATED;
    this.cut =
      error.code === status.UNAVAILABLE ||
      error.code === status.DEADLINE_EXCEEDED ||
      // Spark marks each error of its own; what is internal without a mark is of the channel.
      (error.code === status.INTERNAL && this.info === undefined);
  }
}

function infoOf(metadata: Metadata | undefined): Readonly<Record<string, string>> | undefined {
  const [bytes] = metadata?.get('grpc-status-details-bin') ?? [];
  if (!(bytes instanceof Uint8Array)) return undefined;
  const details = rpcStatus.decode(bytes).details ?? [];
  const info = details.find(({ typeUrl }) => typeUrl?.endsWith('/google.rpc.ErrorInfo'));
  return info?.value && (errorInfo.decode(info.value).metadata ?? {});
}

/** Calls of Spark Connect's service over one HTTP/2 channel. */
export class Transport {
  readonly #client: Client;
  readonly #metadata = new Metadata();
  readonly #clock: Clock;

  constructor(server: SparkServer, clock: Clock) {
    this.#clock = clock;
    const tls = server.tls ?? false;
    if (server.token !== undefined) {
      if (!tls && !isLoopback(server.address)) {
        throw new SparkRefused('a Spark server on another machine has a token but no TLS');
      }
      this.#metadata.set('authorization', `Bearer ${server.token}`);
    }
    const secured: ChannelCredentials = tls
      ? credentials.createSsl()
      : credentials.createInsecure();
    this.#client = new Client(server.address, secured, {
      // A batch of Arrow may be larger than gRPC's 4 MiB; the server bounds it.
      'grpc.max_receive_message_length': -1,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1000,
      'grpc.enable_retries': 0,
      // A proxy of the environment would be told the token in the clear.
      ...(!tls && { 'grpc.enable_http_proxy': 0 }),
      // Channels to the same server are otherwise shared across clients, broken ones too.
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  /** One request, one response. Fails with `CallFailed`. */
  call<Q, R>(
    method: string,
    request: Message<Q>,
    response: Message<R>,
    value: Q,
    timeoutMs: number,
  ): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        `/spark.connect.SparkConnectService/${method}`,
        (held: Q) => Buffer.from(request.encode(held)),
        (bytes: Buffer) => response.decode(bytes),
        value,
        this.#metadata,
        { deadline: this.#clock.now() + timeoutMs },
        (error, answer) => (error ? reject(new CallFailed(error)) : resolve(answer as R)),
      );
    });
  }

  /**
   * One request, many responses; iterating fails with `CallFailed`. Leaving it early cancels the
   * call, and so does the signal.
   */
  async *stream<Q, R>(
    method: string,
    request: Message<Q>,
    response: Message<R>,
    value: Q,
    timeoutMs: number,
    signal: AbortSignal,
  ): AsyncGenerator<R> {
    const stream: ClientReadableStream<R> = this.#client.makeServerStreamRequest(
      `/spark.connect.SparkConnectService/${method}`,
      (held: Q) => Buffer.from(request.encode(held)),
      (bytes: Buffer) => response.decode(bytes),
      value,
      this.#metadata,
      { deadline: this.#clock.now() + timeoutMs },
    );
    const cancel = (): void => stream.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      for await (const found of stream) yield found as R;
    } catch (error) {
      throw isServiceError(error) ? new CallFailed(error) : error;
    } finally {
      signal.removeEventListener('abort', cancel);
      // A cancelled call reports itself as an error, which nobody waits for any more.
      stream.on('error', () => undefined);
      stream.cancel();
    }
  }

  close(): void {
    this.#client.close();
  }
}

function isLoopback(address: string): boolean {
  const host = address.replace(/:\d+$/, '');
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error;
}
