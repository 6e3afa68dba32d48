import { type Io, throwIfCancelled } from '@backlot/core';
import type { RecordBatch } from 'apache-arrow';
import { literalOf, type SparkArgument } from './arguments.ts';
import { decodeBatches } from './arrow-batches.ts';
import {
  type CommonName,
  Connection,
  type ConnectionOptions,
  type SessionIds,
} from './connection.ts';
import { type Decoded, execute, interrupt, type Plan } from './execution.ts';
import {
  analyzePlanRequest,
  analyzePlanResponse,
  configRequest,
  configResponse,
  type DataType,
  errorIfExists,
  releaseSessionRequest,
  releaseSessionResponse,
} from './protocol.ts';

/** All that a process needs to find an operation of another that ended. Plain JSON data. */
export interface SparkOperation extends SessionIds {
  readonly operationId: string;
  /** Only a write is worth taking up again: what it made outlives the stream. */
  readonly kind: 'query' | 'view' | 'write';
}

/** Where operations are written down before they are sent, so that a crash leaves none unknown. */
export interface SparkJournal {
  /** Resolves once the record is durable; only then is the operation sent. */
  record(operation: SparkOperation): Promise<void>;
}

export interface SessionOptions extends ConnectionOptions {
  /** Whom the server's own logs name. Default `backlot`. */
  readonly userId?: string;
  readonly journal?: SparkJournal;
}

/** SQL text with values for its places: `:name` from a record, `?` from a list. */
export interface SparkSql {
  readonly sql: string;
  readonly args?: Readonly<Record<string, SparkArgument>> | readonly SparkArgument[];
}

interface ParquetSource {
  /** As Hadoop paths, each a file; nothing in them is a pattern. */
  readonly paths: readonly string[];
  /** Columns as in `CREATE TABLE`; nothing is inferred. */
  readonly schema: string;
}

interface StepOptions {
  /** Completes "Spark failed to". */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

type SparkRelation = NonNullable<Plan['root']>;

/**
 * What every session is set to, whatever the server's defaults: the SQL standard's errors, UTC, and
 * times in Parquet files that other engines read as what they are.
 */
const settings: Readonly<Record<string, string>> = {
  'spark.sql.ansi.enabled': 'true',
  'spark.sql.session.timeZone': 'UTC',
  'spark.sql.caseSensitive': 'true',
  'spark.sql.timestampType': 'TIMESTAMP_LTZ',
  'spark.sql.parquet.outputTimestampType': 'TIMESTAMP_MICROS',
  'spark.sql.parquet.compression.codec': 'zstd',
  'spark.sql.files.ignoreMissingFiles': 'false',
  'spark.sql.files.ignoreCorruptFiles': 'false',
  'spark.sql.execution.arrow.compression.codec': 'zstd',
  'mapreduce.fileoutputcommitter.marksuccessfuljobs': 'false',
};

/** A session on a Spark Connect server: temporary views and settings of its own. */
export class SparkSession {
  readonly #connection: Connection;
  readonly #io: Io;
  readonly #journal: SparkJournal | undefined;

  private constructor(options: SessionOptions, ids: SessionIds) {
    this.#connection = new Connection(options, ids);
    this.#io = options.io;
    this.#journal = options.journal;
  }

  /** Opens a session under a fresh id and sets it up. */
  static async open(options: SessionOptions): Promise<SparkSession> {
    const sessionId = createUuid(options.io);
    const session = new SparkSession(options, { sessionId, userId: userOf(options) });
    try {
      await session.setConfig(settings);
      return session;
    } catch (error) {
      session.#connection.close();
      throw error;
    }
  }

  /** The session of an operation that was recorded; nothing is sent yet. */
  static resume(options: SessionOptions, operation: SparkOperation): SparkSession {
    const { sessionId, userId, serverSession } = operation;
    return new SparkSession(options, {
      sessionId,
      userId,
      ...(serverSession !== undefined && { serverSession }),
    });
  }

  get ids(): SessionIds {
    return this.#connection.ids;
  }

  /** Runs a query and yields its rows; an empty answer is one batch without rows. */
  async *query(query: SparkSql, step: StepOptions): AsyncGenerator<RecordBatch> {
    yield* decodeBatches(await this.#execute('query', { root: sqlRelation(query) }, step));
  }

  /** The rows of an operation that was sent before, from its beginning. */
  async *reattach(operationId: string, step: StepOptions): AsyncGenerator<RecordBatch> {
    yield* decodeBatches(execute(this.#connection, { ...step, operationId }));
  }

  /** Makes a temporary view of Parquet files, or replaces it. */
  async viewOfParquet(name: string, source: ParquetSource, step: StepOptions): Promise<void> {
    const { paths, schema } = source;
    const dataSource = { format: 'parquet', schema, paths: paths.map(withoutPatterns) };
    await this.#createView(name, { read: { dataSource } }, step);
  }

  /** Makes a temporary view of a query, or replaces it. */
  async viewOfSql(name: string, query: SparkSql, step: StepOptions): Promise<void> {
    await this.#createView(name, sqlRelation(query), step);
  }

  /** Writes a query's rows as Parquet into a folder that must not exist. */
  async writeParquet(
    query: SparkSql,
    target: {
      readonly path: string;
      /** Their values name folders, and are in no file. */
      readonly partitionColumns?: readonly string[];
      readonly operationId: string;
    },
    step: StepOptions,
  ): Promise<void> {
    const write = {
      input: sqlRelation(query),
      source: 'parquet',
      path: target.path,
      mode: errorIfExists,
      partitioningColumns: target.partitionColumns ?? [],
    };
    await drain(await this.#execute('write', { command: { write } }, step, target.operationId));
  }

  /** The columns that a query would answer; nothing runs. */
  async schema(query: SparkSql): Promise<DataType> {
    const { schema } = await this.#analyze({ schema: { plan: { root: sqlRelation(query) } } });
    return schema?.schema ?? {};
  }

  /** Spark's plan of a query, in its own words; `formatted` lists each step with its details. */
  async explain(query: SparkSql, mode: 'simple' | 'formatted' = 'simple'): Promise<string> {
    const plan = { root: sqlRelation(query) };
    const { explain } = await this.#analyze({
      explain: { plan, mode: mode === 'formatted' ? 5 : 1 },
    });
    return explain?.text ?? '';
  }

  async sparkVersion(): Promise<string> {
    return (await this.#analyze({ sparkVersion: {} })).sparkVersion?.version ?? '';
  }

  async setConfig(values: Readonly<Record<string, string>>): Promise<void> {
    const pairs = Object.entries(values).map(([key, value]) => ({ key, value }));
    await this.#config({ set: { pairs } });
  }

  /** The session's value of each key; absent keys have none. */
  async config(keys: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const { pairs = [] } = await this.#config({ getOption: { keys } });
    return Object.fromEntries(
      pairs.flatMap(({ key = '', value }) => (value === undefined ? [] : [[key, value]])),
    );
  }

  /** Stops a running operation of this session; answers whether the server had it. */
  interrupt(operationId: string): Promise<boolean> {
    return interrupt(this.#connection, operationId);
  }

  /** Ends the session on the server with all that it holds, and closes the connection. */
  async release(): Promise<void> {
    const { clientType, ...common } = this.#connection.common();
    const { transport } = this.#connection;
    await transport
      .call(
        'ReleaseSession',
        releaseSessionRequest,
        releaseSessionResponse,
        { sessionId: common.sessionId, userContext: common.userContext, clientType },
        releaseTimeoutMs,
      )
      // The server drops idle sessions by itself, so a failure here changes nothing.
      .catch(() => undefined);
    this.close();
  }

  /** Closes the connection; the server keeps the session until it is idle for too long. */
  close(): void {
    this.#connection.close();
  }

  async #createView(name: string, input: SparkRelation, step: StepOptions): Promise<void> {
    const createView = { input, name, replace: true };
    await drain(await this.#execute('view', { command: { createView } }, step));
  }

  async #execute(
    kind: SparkOperation['kind'],
    plan: Plan,
    step: StepOptions,
    operationId: string = createUuid(this.#io),
  ): Promise<ReturnType<typeof execute>> {
    throwIfCancelled(step.signal, 'the query');
    await this.#journal?.record({ ...this.ids, operationId, kind });
    return execute(this.#connection, { ...step, operationId, plan });
  }

  #analyze(value: Omit<Decoded<typeof analyzePlanRequest>, CommonName>) {
    return this.#connection.call(
      'analyse a query',
      'AnalyzePlan',
      analyzePlanRequest,
      analyzePlanResponse,
      value,
    );
  }

  #config(operation: NonNullable<Decoded<typeof configRequest>['operation']>) {
    return this.#connection.call('set the session up', 'Config', configRequest, configResponse, {
      operation,
    });
  }
}

const releaseTimeoutMs = 5_000;

function userOf(options: SessionOptions): string {
  return options.userId ?? 'backlot';
}

/** A random UUID of version 4, which Spark demands of ids. */
export function createUuid(io: Io): string {
  const bytes = Buffer.from(io.random.bytes(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function sqlRelation({ sql, args = {} }: SparkSql): SparkRelation {
  const expression = (argument: SparkArgument) => ({ literal: literalOf(argument) });
  if (Array.isArray(args)) {
    return { sql: { query: sql, positionalArguments: args.map(expression) } };
  }
  const named = Object.entries(args).map(([name, argument]) => [name, expression(argument)]);
  return { sql: { query: sql, namedArguments: Object.fromEntries(named) } };
}

/** Hadoop takes paths to read as patterns, so what could be one is escaped. */
export function withoutPatterns(path: string): string {
  return path.replace(/[\\{}[\]*?^]/g, '\\$&');
}

async function drain(responses: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of responses);
}
