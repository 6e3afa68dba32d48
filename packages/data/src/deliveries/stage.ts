import type { Digest } from '@backlot/core';
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBAppender,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  USMALLINT,
  VARCHAR,
} from '@duckdb/node-api';
import type { StoredType } from '../column.ts';
import { type ContractData, columnType, type NamedColumn } from '../contract.ts';
import { DuckDbSession, quoteName, quoteText } from '../duckdb/session.ts';
import { duckDbType, parquetOptions } from '../duckdb/types.ts';
import { parquetFiles, timeNumber } from '../snapshots/rewrite.ts';
import type { Subjects } from './subjects.ts';
import type { StageValue } from './value-reader.ts';

const chunkRows = 2048;
/** Rows of a part that comes row by row. */
const partRows = 500_000;
/** Parts are read once and then removed; small row groups let a bucket be found. */
const partOptions = '(FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE 16384)';
const goodRows = '(FROM staged WHERE row_number NOT IN (FROM doubles))';

/** How each type waits in the staging table: as what JavaScript hands over without loss or cost. */
const stageTypes: Readonly<
  Record<StoredType, { readonly type: DuckDBType; readonly sql: string }>
> = {
  text: { type: VARCHAR, sql: 'VARCHAR' },
  int: { type: BIGINT, sql: 'BIGINT' },
  int64: { type: BIGINT, sql: 'BIGINT' },
  float: { type: DOUBLE, sql: 'DOUBLE' },
  decimal: { type: BIGINT, sql: 'BIGINT' },
  bool: { type: BOOLEAN, sql: 'BOOLEAN' },
  date: { type: INTEGER, sql: 'INTEGER' },
  timestamp: { type: BIGINT, sql: 'BIGINT' },
  texts: { type: VARCHAR, sql: 'VARCHAR' },
  numbers: { type: VARCHAR, sql: 'VARCHAR' },
};

/** The stored value of a staged one. */
function storedValue(column: NamedColumn, staged: string): string {
  const type = columnType(column);
  const stored = duckDbType(type, column.scale);
  switch (type) {
    case 'date':
      return `DATE '1970-01-01' + ${staged}`;
    case 'timestamp':
      return `CAST(make_timestamp(${staged}) AS ${stored})`;
    case 'decimal':
      // A product of decimals adds their scales, so this only moves the point.
      return `CAST(CAST(${staged} AS DECIMAL(19,0)) * ${unitOf(column.scale ?? 0)} AS ${stored})`;
    case 'texts':
    case 'numbers':
      return `CAST(CAST(${staged} AS JSON) AS ${stored})`;
    default:
      return staged;
  }
}

/** The smallest decimal of a scale. */
function unitOf(scale: number): string {
  return `CAST('${(10 ** -scale).toFixed(scale)}' AS DECIMAL(10,${scale}))`;
}

/**
 * Good rows on their way to Parquet. They gather part by part, in the order of the source; each part
 * is written as a file of its own, ordered by bucket, so that memory does not grow with the source.
 */
export class Stage {
  readonly #session: DuckDbSession;
  readonly #contract: ContractData;
  readonly #subjects: Subjects | undefined;
  readonly #folder: string;
  readonly #rows: DuckDBAppender;
  readonly #names: DuckDBAppender;
  readonly #types: readonly DuckDBType[];
  /** Row number, bucket, then the columns; each filled up to `#filled`. */
  readonly #values: StageValue[][];
  #filled = 0;
  #waiting = 0;
  #parts = 0;
  #corrected: RowsAside['corrected'];
  #bucketRows: number[];

  private constructor(
    session: DuckDbSession,
    contract: ContractData,
    subjects: Subjects | undefined,
    folder: string,
    appenders: { readonly rows: DuckDBAppender; readonly names: DuckDBAppender },
  ) {
    this.#session = session;
    this.#contract = contract;
    this.#subjects = subjects;
    this.#folder = folder;
    this.#rows = appenders.rows;
    this.#names = appenders.names;
    this.#types = [BIGINT, USMALLINT, ...contract.columns.map((column) => stagedAs(column).type)];
    this.#values = this.#types.map(() => new Array<StageValue>(chunkRows).fill(null));
    this.#bucketRows = new Array<number>(contract.buckets).fill(0);
  }

  static async create(
    session: DuckDbSession,
    contract: ContractData,
    subjects: Subjects | undefined,
    folder: string,
  ): Promise<Stage> {
    const columns = contract.columns.map((column, index) => `c${index} ${stagedAs(column).sql}`);
    for (const table of [
      `waiting (row_number BIGINT, bucket USMALLINT, ${columns.join(', ')})`,
      'names (number INTEGER, bucket USMALLINT, pseudonym VARCHAR)',
      'doubles (row_number BIGINT)',
    ]) {
      await session.run('make the staging tables', `CREATE TABLE ${table}`);
    }
    const rows = await session.connection.createAppender('waiting');
    const names = await session.connection.createAppender('names');
    return new Stage(session, contract, subjects, folder, { rows, names });
  }

  /** The slots of a column's values: the row being built writes at `slot`. */
  get columns(): readonly StageValue[][] {
    return this.#values.slice(2);
  }

  get slot(): number {
    return this.#filled;
  }

  /** Accepts the row in the slot. */
  commit(row: number, bucket: number): void {
    this.#values[0]![this.#filled] = BigInt(row);
    this.#values[1]![this.#filled] = bucket;
    this.#filled++;
    if (this.#filled === chunkRows) this.#flush();
  }

  /** How many rows each bucket holds; known once the stage is closed and the doubles are taken. */
  get bucketRows(): readonly number[] {
    return this.#bucketRows;
  }

  #flush(): void {
    if (this.#filled === 0) return;
    appendColumns(this.#rows, this.#types, this.#values, this.#filled);
    this.#waiting += this.#filled;
    this.#filled = 0;
  }

  /** Writes what waits, once there is enough of it, as a part. */
  async settle(): Promise<void> {
    if (this.#waiting >= partRows) await this.endPart();
  }

  /** Writes the rows that wait, and those that a query answers in the same columns, as a part. */
  async endPart(more?: string): Promise<void> {
    this.#flush();
    if (this.#waiting === 0 && more === undefined) return;
    this.#rows.flushSync();
    const path = `${this.#folder}/part-${this.#parts++}.parquet`;
    const rows = more === undefined ? 'FROM waiting' : `FROM (FROM waiting UNION ALL ${more})`;
    await this.#session.run(
      'stage rows',
      `COPY (${rows} ORDER BY bucket, row_number) TO ${quoteText(path)} ${partOptions}`,
    );
    await this.#session.run('stage rows', 'TRUNCATE waiting');
    this.#waiting = 0;
  }

  /** Ends the gathering; afterwards the table `staged` can be asked. */
  async close(): Promise<void> {
    await this.endPart();
    this.#stageNames();
    this.#rows.closeSync();
    this.#names.closeSync();
    const from = this.#parts > 0 ? this.#partFiles() : 'waiting';
    await this.#session.run('stage rows', `CREATE VIEW staged AS FROM ${from}`);
  }

  #partFiles(): string {
    const paths = Array.from({ length: this.#parts }, (_, part) =>
      quoteText(`${this.#folder}/part-${part}.parquet`),
    );
    return `read_parquet([${paths.join(', ')}])`;
  }

  #stageNames(): void {
    const { first, pseudonyms } = this.#subjects?.takeNew() ?? { first: 0, pseudonyms: [] };
    for (let at = 0; at < pseudonyms.length; at += chunkRows) {
      const part = pseudonyms.slice(at, at + chunkRows);
      const numbers = part.map((_, index) => first + at + index);
      const buckets = numbers.map((number) => this.#subjects!.bucket(number));
      appendColumns(
        this.#names,
        [INTEGER, USMALLINT, VARCHAR],
        [numbers, buckets, [...part]],
        part.length,
      );
    }
  }

  /**
   * Puts aside rows by the contract's rules between rows: late ones, and those whose primary key
   * another row has, of the delivery or of the files given. Answers what became of them.
   */
  async takeAside(previous: readonly PreviousFile[]): Promise<RowsAside> {
    const { primaryKey, corrections } = this.#contract;
    const late = await this.#takeLate(previous);
    let duplicates: readonly number[] = [];
    let superseded = 0;
    if (primaryKey.length > 0 && corrections) superseded = await this.#correct(previous);
    else if (primaryKey.length > 0) duplicates = await this.#takeDuplicates(previous);
    const counts = await this.#session.run(
      'count rows',
      `SELECT bucket, count(*) FROM ${goodRows} s GROUP BY bucket`,
    );
    for (const [bucket, rows] of await counts.getRows()) {
      this.#bucketRows[Number(bucket)] = Number(rows);
    }
    return { ...late, duplicates, superseded, corrected: this.#corrected };
  }

  /** Rows long before the newest one of the files given. */
  async #takeLate(
    previous: readonly PreviousFile[],
  ): Promise<{ readonly late: readonly number[]; readonly lateAccepted: number }> {
    const { late, columns } = this.#contract;
    if (!late || previous.length === 0) return { late: [], lateAccepted: 0 };
    const index = columns.findIndex(({ name }) => name === late.by);
    const column = columns[index]!;
    const newest = `SELECT max(${timeNumber(column)}) FROM ${parquetFiles(previous.map(({ path }) => path))}`;
    const span = late.days * (columnType(column) === 'date' ? 1 : 86_400_000_000);
    const found = await this.#session.run(
      'find late rows',
      `SELECT row_number FROM staged s WHERE s.c${index} < (${newest}) - ${span} ORDER BY 1`,
    );
    const rows = (await found.getRows()).map(([row]) => Number(row));
    if (late.rule === 'accept') return { late: [], lateAccepted: rows.length };
    await this.#putAside(
      `SELECT row_number FROM staged s WHERE s.c${index} < (${newest}) - ${span}`,
    );
    return { late: rows, lateAccepted: 0 };
  }

  async #putAside(rows: string): Promise<void> {
    await this.#session.run('put rows aside', `INSERT INTO doubles ${rows}`);
  }

  #keyIndexes(): readonly number[] {
    const { primaryKey, columns } = this.#contract;
    return primaryKey.map((key) => columns.findIndex(({ name }) => name === key));
  }

  /** Rows of which the delivery has more than one with a key, and each one's place among them. */
  async #placeRepeated(order: string): Promise<string> {
    const indexes = this.#keyIndexes();
    const key = indexes.map((index) => `s.c${index}`).join(', ');
    // Most keys are alone: only the few that are not are put in order.
    await this.#session.run(
      'find duplicates',
      `CREATE TABLE repeated AS SELECT ${key} FROM ${goodRows} s GROUP BY ${key} HAVING count(*) > 1`,
    );
    const same = indexes.map((index) => `s.c${index} IS NOT DISTINCT FROM r.c${index}`);
    const place = `row_number() OVER (PARTITION BY ${key} ORDER BY ${order})`;
    return `SELECT row_number, ${place} AS place FROM ${goodRows} s JOIN repeated r ON ${same.join(' AND ')}`;
  }

  /** The first row of a key is kept; the others are duplicates. */
  async #takeDuplicates(previous: readonly PreviousFile[]): Promise<readonly number[]> {
    const within = await this.#placeRepeated('row_number');
    const parts = [`SELECT row_number FROM (${within}) WHERE place > 1`];
    if (previous.length > 0) {
      const files = previous.map(({ path }) => path);
      parts.push(this.#knownRows(this.#keyIndexes(), files));
    }
    const all = `SELECT DISTINCT row_number FROM (${parts.join(' UNION ALL ')})`;
    await this.#session.run('find duplicates', `CREATE TABLE again AS ${all}`);
    await this.#putAside('FROM again');
    const found = await this.#session.run('find duplicates', 'FROM again ORDER BY 1');
    return (await found.getRows()).map(([row]) => Number(row));
  }

  /** The newest row of a key is kept, whether it is of the delivery or stands in a file. */
  async #correct(previous: readonly PreviousFile[]): Promise<number> {
    const { corrections, columns } = this.#contract;
    const by = columns.findIndex(({ name }) => name === corrections!.by);
    const session = this.#session;
    const within = await this.#placeRepeated(`s.c${by} DESC NULLS LAST, row_number DESC`);
    const before = await this.#asideCount();
    await this.#putAside(`SELECT row_number FROM (${within}) WHERE place > 1`);
    if (previous.length > 0) {
      await session.run('find corrections', this.#knownSql(by, previous));
      await this.#putAside('SELECT row_number FROM known WHERE stale');
      await this.#keepCorrected(previous);
    }
    return (await this.#asideCount()) - before;
  }

  async #asideCount(): Promise<number> {
    const found = await this.#session.run('count rows', 'SELECT count(*) FROM doubles');
    return Number((await found.getRows())[0]?.[0]);
  }

  /** Each row of the delivery whose key a file has, and whether the file's is the newer one. */
  #knownSql(by: number, previous: readonly PreviousFile[]): string {
    const stored = (index: number): string => quoteName(this.#contract.columns[index]!.name);
    const same = this.#keyIndexes().map(
      (index) => `p.${stored(index)} IS NOT DISTINCT FROM ${this.#stored(index)}`,
    );
    const [was, is] = [`p.${stored(by)}`, this.#stored(by)];
    const files = parquetFiles(
      previous.map(({ path }) => path),
      ', filename = true, file_row_number = true',
    );
    return `CREATE TABLE known AS SELECT p.filename, p.file_row_number, s.row_number,
      (${was} IS NOT NULL AND (${is} IS NULL OR ${was} > ${is})) AS stale
      FROM ${goodRows} s ${this.#join()} JOIN ${files} p ON ${same.join(' AND ')}`;
  }

  async #keepCorrected(previous: readonly PreviousFile[]): Promise<void> {
    const digests = new Map(previous.map(({ path, digest }) => [path, digest]));
    const touched = await this.#session.run(
      'find corrections',
      'SELECT DISTINCT filename FROM known WHERE NOT stale ORDER BY 1',
    );
    const paths = (await touched.getRows()).map(([path]) => String(path));
    if (paths.length === 0) return;
    const path = `${this.#folder}/corrected.parquet`;
    const names = paths.map(
      (file) => `WHEN ${quoteText(file)} THEN ${quoteText(digests.get(file)!)}`,
    );
    await this.#session.run(
      'find corrections',
      `COPY (SELECT CASE filename ${names.join(' ')} END AS digest, file_row_number FROM known
       WHERE NOT stale) TO ${quoteText(path)} (FORMAT parquet)`,
    );
    this.#corrected = { path, files: new Set(paths.map((file) => digests.get(file)!)) };
  }

  #knownRows(indexes: readonly number[], files: readonly string[]): string {
    const tests = indexes.map(
      (index) =>
        `p.${quoteName(this.#contract.columns[index]!.name)} IS NOT DISTINCT FROM ${this.#stored(index)}`,
    );
    const stored = `read_parquet([${files.map(quoteText).join(', ')}]) p`;
    const same = `SELECT 1 FROM ${stored} WHERE ${tests.join(' AND ')}`;
    return `SELECT s.row_number FROM ${goodRows} s ${this.#join()} WHERE EXISTS (${same})`;
  }

  #join(bucket?: number): string {
    if (this.#contract.subject === undefined) return '';
    const within = bucket === undefined ? '' : ` AND n.bucket = ${bucket}`;
    return `JOIN names n ON n.number = s.c${this.#subjectIndex()}${within}`;
  }

  #subjectIndex(): number {
    return this.#contract.columns.findIndex((column) => column.name === this.#contract.subject);
  }

  #stored(index: number): string {
    const column = this.#contract.columns[index]!;
    return column.kind === 'subject' ? 'n.pseudonym' : storedValue(column, `s.c${index}`);
  }

  /**
   * Writes each bucket's rows, in the order they came, as one Parquet file. Each file is written by
   * one thread, so that its bytes depend on its rows alone; several files are written side by side.
   */
  async write(options: WriteOptions, onFile: () => void): Promise<readonly BucketFile[]> {
    const files = this.#bucketRows.flatMap((rows, bucket) =>
      rows > 0 ? [{ bucket, rows, path: `${this.#folder}/bucket-${bucket}.parquet` }] : [],
    );
    const writer = await this.#openWriter(options);
    const queue = [...files];
    const work = async (): Promise<void> => {
      const connection = await writer.connect();
      try {
        for (let file = queue.shift(); file; file = queue.shift()) {
          await writer.run('write Parquet', this.#copySql(file), [], connection);
          onFile();
        }
      } finally {
        connection.closeSync();
      }
    };
    try {
      const results = await Promise.allSettled(Array.from({ length: options.writers }, work));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
      return files;
    } finally {
      writer.close();
    }
  }

  /** A second engine, whose every statement runs on one thread; it sees the tables of the first. */
  async #openWriter({ memoryMiB, signal }: WriteOptions): Promise<DuckDbSession> {
    const scratch = this.#folder;
    for (const table of ['names', 'doubles']) {
      const path = quoteText(`${scratch}/${table}.parquet`);
      await this.#session.run('write Parquet', `COPY ${table} TO ${path} (FORMAT parquet)`);
    }
    // What the first engine holds is not needed any more.
    await this.#session.run('write Parquet', 'DROP TABLE IF EXISTS part');
    await this.#session.run('write Parquet', 'DROP TABLE IF EXISTS met');
    const writer = await DuckDbSession.open({ memoryMiB, threads: 1, scratch, signal });
    for (const table of ['names', 'doubles']) {
      const path = quoteText(`${scratch}/${table}.parquet`);
      await writer.run('write Parquet', `CREATE TABLE ${table} AS FROM ${path}`);
    }
    await writer.run('write Parquet', `CREATE VIEW staged AS FROM ${this.#partFiles()}`);
    return writer;
  }

  #copySql({ bucket, path }: BucketFile): string {
    const columns = this.#contract.columns.map(
      (column, index) => `${this.#stored(index)} AS ${quoteName(column.name)}`,
    );
    const from = `FROM ${goodRows} s ${this.#join(bucket)} WHERE s.bucket = ${bucket}`;
    const select = `SELECT ${columns.join(', ')} ${from} ORDER BY s.row_number`;
    return `COPY (${select}) TO ${quoteText(path)} ${parquetOptions}`;
  }
}

/** A file of the snapshot that the delivery is added to. */
export interface PreviousFile {
  readonly digest: Digest;
  readonly path: string;
}

/** Rows of the delivery that the rules between rows put aside, by their numbers or counted. */
interface RowsAside {
  readonly late: readonly number[];
  readonly lateAccepted: number;
  readonly duplicates: readonly number[];
  /** Rows that a newer one of the same key, here or in the files, has replaced. */
  readonly superseded: number;
  /** Rows of the files that newer ones replace. */
  readonly corrected: { readonly path: string; readonly files: ReadonlySet<Digest> } | undefined;
}

interface WriteOptions {
  /** Files written side by side. */
  readonly writers: number;
  readonly memoryMiB: number;
  readonly signal?: AbortSignal | undefined;
}

interface BucketFile {
  readonly bucket: number;
  readonly rows: number;
  readonly path: string;
}

function stagedAs(column: NamedColumn): { readonly type: DuckDBType; readonly sql: string } {
  return column.kind === 'subject'
    ? { type: INTEGER, sql: 'INTEGER' }
    : stageTypes[columnType(column)];
}

function appendColumns(
  appender: DuckDBAppender,
  types: readonly DuckDBType[],
  columns: readonly StageValue[][],
  rows: number,
): void {
  const chunk = DuckDBDataChunk.create(types, rows);
  for (const [index, column] of columns.entries()) {
    const vector = chunk.getColumnVector(index);
    for (let row = 0; row < rows; row++) vector.setItem(row, column[row] as DuckDBValue);
    vector.flush();
  }
  appender.appendDataChunk(chunk);
}
