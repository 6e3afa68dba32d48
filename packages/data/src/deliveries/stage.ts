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
import { type DuckDbSession, quoteName, quoteText } from '../duckdb/session.ts';
import { duckDbType, parquetOptions } from '../duckdb/types.ts';
import type { Subjects } from './subjects.ts';
import type { StageValue } from './value-reader.ts';

const chunkRows = 2048;

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

/** Good rows on their way to Parquet: a table in a private DuckDB that spills to the scratch folder. */
export class Stage {
  readonly #session: DuckDbSession;
  readonly #contract: ContractData;
  readonly #subjects: Subjects | undefined;
  readonly #rows: DuckDBAppender;
  readonly #names: DuckDBAppender;
  readonly #types: readonly DuckDBType[];
  /** Row number, bucket, then the columns; each filled up to `#filled`. */
  readonly #values: StageValue[][];
  #filled = 0;
  #bucketRows: number[];

  private constructor(
    session: DuckDbSession,
    contract: ContractData,
    subjects: Subjects | undefined,
    appenders: { readonly rows: DuckDBAppender; readonly names: DuckDBAppender },
  ) {
    this.#session = session;
    this.#contract = contract;
    this.#subjects = subjects;
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
  ): Promise<Stage> {
    const columns = contract.columns.map((column, index) => `c${index} ${stagedAs(column).sql}`);
    await session.run(
      'make the staging table',
      `CREATE TABLE staged (row_number BIGINT, bucket USMALLINT, ${columns.join(', ')})`,
    );
    await session.run(
      'make the staging table',
      'CREATE TABLE names (number INTEGER, bucket USMALLINT, pseudonym VARCHAR)',
    );
    const rows = await session.connection.createAppender('staged');
    const names = await session.connection.createAppender('names');
    return new Stage(session, contract, subjects, { rows, names });
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
    this.#bucketRows[bucket]!++;
    this.#filled++;
    if (this.#filled === chunkRows) this.#flush();
  }

  /** How many rows each bucket holds. */
  get bucketRows(): readonly number[] {
    return this.#bucketRows;
  }

  #flush(): void {
    if (this.#filled === 0) return;
    appendColumns(this.#rows, this.#types, this.#values, this.#filled);
    this.#filled = 0;
  }

  /** Ends the appending; afterwards the table can be asked. */
  close(): void {
    this.#flush();
    this.#stageNames();
    this.#rows.closeSync();
    this.#names.closeSync();
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
   * Row numbers whose primary key an earlier row of the delivery has, or a row of the files given.
   * They leave the staging table.
   */
  async takeDuplicates(previousFiles: readonly string[]): Promise<readonly number[]> {
    const keys = this.#contract.primaryKey;
    if (keys.length === 0) return [];
    const indexes = keys.map((key) => this.#contract.columns.findIndex(({ name }) => name === key));
    const key = indexes.map((index) => `c${index}`).join(', ');
    const place = `row_number() OVER (PARTITION BY ${key} ORDER BY row_number)`;
    const within = `SELECT row_number, ${place} AS place FROM staged`;
    const parts = [`SELECT row_number FROM (${within}) WHERE place > 1`];
    if (previousFiles.length > 0) parts.push(this.#knownRows(indexes, previousFiles));
    await this.#session.run(
      'find duplicates',
      `CREATE TABLE doubles AS SELECT DISTINCT row_number FROM (${parts.join(' UNION ALL ')})`,
    );
    const result = await this.#session.run(
      'find duplicates',
      'SELECT d.row_number, s.bucket FROM doubles d JOIN staged s USING (row_number) ORDER BY 1',
    );
    const rows = await result.getRows();
    for (const [, bucket] of rows) this.#bucketRows[Number(bucket)]!--;
    if (rows.length > 0) {
      await this.#session.run(
        'find duplicates',
        'DELETE FROM staged WHERE row_number IN (SELECT row_number FROM doubles)',
      );
    }
    return rows.map(([row]) => Number(row));
  }

  #knownRows(indexes: readonly number[], files: readonly string[]): string {
    const tests = indexes.map(
      (index) =>
        `p.${quoteName(this.#contract.columns[index]!.name)} IS NOT DISTINCT FROM ${this.#stored(index)}`,
    );
    const stored = `read_parquet([${files.map(quoteText).join(', ')}]) p`;
    const same = `SELECT 1 FROM ${stored} WHERE ${tests.join(' AND ')}`;
    return `SELECT s.row_number FROM staged s ${this.#join()} WHERE EXISTS (${same})`;
  }

  #join(): string {
    return this.#contract.subject === undefined
      ? ''
      : `JOIN names n ON n.number = s.c${this.#subjectIndex()}`;
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
  async write(folder: string, writers: number, onFile: () => void): Promise<readonly BucketFile[]> {
    const buckets = this.#bucketRows.flatMap((rows, bucket) =>
      rows > 0 ? [{ bucket, rows }] : [],
    );
    const files = buckets.map(({ bucket, rows }) => ({
      bucket,
      rows,
      path: `${folder}/bucket-${bucket}.parquet`,
    }));
    const queue = [...files];
    const work = async (): Promise<void> => {
      const connection = await this.#session.connect();
      try {
        for (let file = queue.shift(); file; file = queue.shift()) {
          await this.#session.run('write Parquet', this.#copySql(file), [], connection);
          onFile();
        }
      } finally {
        connection.closeSync();
      }
    };
    const results = await Promise.allSettled(Array.from({ length: writers }, work));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return files;
  }

  #copySql({ bucket, path }: BucketFile): string {
    const columns = this.#contract.columns.map(
      (column, index) => `${this.#stored(index)} AS ${quoteName(column.name)}`,
    );
    const from = `FROM staged s ${this.#join()} WHERE s.bucket = ${bucket}`;
    const select = `SELECT ${columns.join(', ')} ${from} ORDER BY s.row_number`;
    return `COPY (${select}) TO ${quoteText(path)} ${parquetOptions}`;
  }
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
