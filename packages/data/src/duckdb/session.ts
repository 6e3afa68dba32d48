import { Cancelled, throwIfCancelled } from '@backlot/core';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { EngineFailed } from '../data-error.ts';

interface SessionOptions {
  readonly memoryMiB: number;
  readonly threads: number;
  /** A folder the engine may write to and spill into. */
  readonly scratch: string;
  /** The only files outside the scratch folder that it may read. */
  readonly readable?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * A DuckDB of its own, locked before it sees data: no files but those named, no network, no
 * extensions, UTC, bounded memory; its settings cannot be changed any more.
 */
export class DuckDbSession {
  readonly #instance: DuckDBInstance;
  readonly #signal: AbortSignal | undefined;
  readonly connection: DuckDBConnection;

  private constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    signal: AbortSignal | undefined,
  ) {
    this.#instance = instance;
    this.connection = connection;
    this.#signal = signal;
  }

  static async open(options: SessionOptions): Promise<DuckDbSession> {
    throwIfCancelled(options.signal, 'the query');
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(options.threads),
      memory_limit: `${options.memoryMiB}MiB`,
      temp_directory: `${options.scratch}/spill`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
    });
    const connection = await instance.connect();
    const readable = (options.readable ?? []).map(quoteText).join(', ');
    await connection.run(`SET GLOBAL TimeZone = 'UTC'`);
    await connection.run(`SET GLOBAL preserve_insertion_order = true`);
    await connection.run(`SET allowed_paths = [${readable}]`);
    await connection.run(`SET allowed_directories = [${quoteText(options.scratch)}]`);
    // A bucket is one file: beyond this many open ones DuckDB would begin a bucket's file anew.
    await connection.run('SET partitioned_write_max_open_files = 4096');
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    return new DuckDbSession(instance, connection, options.signal);
  }

  /** Another connection to the same data, to work beside this one. */
  async connect(): Promise<DuckDBConnection> {
    return this.#instance.connect();
  }

  /** Runs a statement; the signal interrupts it. `what` completes "DuckDB failed to". */
  async run(
    what: string,
    sql: string,
    values: DuckDBValue[] = [],
    connection: DuckDBConnection = this.connection,
  ): Promise<Awaited<ReturnType<DuckDBConnection['run']>>> {
    return this.guard(what, connection, () =>
      values.length > 0 ? connection.run(sql, values) : connection.run(sql),
    );
  }

  /** Runs one step of the engine's work; an abort interrupts it and becomes `Cancelled`. */
  async guard<T>(what: string, connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
    throwIfCancelled(this.#signal, 'the query');
    // An interrupt before the statement has begun is lost, so it is repeated until the work ends.
    let repeat: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      connection.interrupt();
      repeat = setInterval(() => connection.interrupt(), 20);
    };
    this.#signal?.addEventListener('abort', interrupt, { once: true });
    try {
      return await work();
    } catch (error) {
      if (this.#signal?.aborted) throw new Cancelled('the query');
      throw new EngineFailed(what, error);
    } finally {
      this.#signal?.removeEventListener('abort', interrupt);
      clearInterval(repeat);
    }
  }

  close(): void {
    this.connection.closeSync();
    this.#instance.closeSync();
  }
}

/** A text as an SQL literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
