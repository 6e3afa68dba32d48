import type { DuckDBConnection } from '@duckdb/node-api';
import type { ValueType } from '../column.ts';
import { type ContractData, columnType, type NamedColumn } from '../contract.ts';
import { EngineFailed } from '../data-error.ts';
import type { DeliveryLimits } from '../deliveries/limits.ts';
import { SourceRefused } from '../deliveries/source-refused.ts';
import type { StageValue } from '../deliveries/value-reader.ts';
import { type DuckDbSession, quoteName, quoteText } from '../duckdb/session.ts';
import { columnOrder } from './column-order.ts';
import type { SourceContext } from './source-bytes.ts';

const maxFooterBytes = 16 * 2 ** 20;

/**
 * Checks the file's frame before the engine sees it: both magic words, and a footer within the file
 * and within bounds.
 */
export async function checkFrame(
  path: string,
  bytes: number,
  { io }: Pick<SourceContext, 'io'>,
): Promise<void> {
  if (bytes < 12) throw badParquet('the file is too short to be Parquet');
  const head = await readRange(io, path, 0, 4);
  const tail = await readRange(io, path, bytes - 8, bytes);
  if (head.toString('latin1') !== 'PAR1' || tail.toString('latin1', 4) !== 'PAR1') {
    throw badParquet('the file does not begin and end as Parquet does');
  }
  const footer = tail.readUInt32LE(0);
  if (footer > bytes - 12 || footer > maxFooterBytes) {
    throw badParquet('the footer is longer than the file or than is allowed');
  }
}

async function readRange(
  io: SourceContext['io'],
  path: string,
  start: number,
  end: number,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of io.files.stream(path, { start, end })) parts.push(part);
  return Buffer.concat(parts);
}

function badParquet(reason: string): SourceRefused {
  return new SourceRefused('bad-parquet', reason);
}

/** The DuckDB types that a column may come as, and how they are brought to the staged form. */
function stagedExpression(column: NamedColumn, given: string): string | undefined {
  const name = quoteName(column.name);
  const type: ValueType = columnType(column);
  if (type === 'text') {
    if (given === 'VARCHAR') return name;
    const identifier = column.kind === 'subject' || column.kind === 'key';
    return identifier && integerTypes.has(given) ? `CAST(${name} AS VARCHAR)` : undefined;
  }
  if (type === 'int' || type === 'int64') {
    return integerTypes.has(given) ? `CAST(${name} AS BIGINT)` : undefined;
  }
  if (type === 'float') {
    return floatTypes.has(given) || integerTypes.has(given) ? `CAST(${name} AS DOUBLE)` : undefined;
  }
  if (type === 'bool') return given === 'BOOLEAN' ? name : undefined;
  if (type === 'date') {
    const days = `CAST(date_diff('day', DATE '1970-01-01', ${name}) AS INTEGER)`;
    return given === 'DATE' ? finiteOr(name, '2147483647', days) : undefined;
  }
  if (type === 'timestamp') return timestampExpression(column, name, given);
  if (type === 'decimal') return decimalExpression(column, name, given);
  const element = given.endsWith('[]') ? given.slice(0, -2) : '';
  const fits =
    type === 'texts' ? element === 'VARCHAR' : floatTypes.has(element) || integerTypes.has(element);
  return fits ? `CAST(to_json(${name}) AS VARCHAR)` : undefined;
}

const integerTypes = new Set([
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
]);
const floatTypes = new Set(['FLOAT', 'DOUBLE']);

function timestampExpression(column: NamedColumn, name: string, given: string): string | undefined {
  if (given === 'TIMESTAMP WITH TIME ZONE' || /^TIMESTAMP(?:_S|_MS)?$/.test(given)) {
    return finiteOr(name, '9223372036854775807', `epoch_us(${name})`);
  }
  if (!integerTypes.has(given) || !column.epoch) return undefined;
  const factor = { s: 1_000_000, ms: 1_000, us: 1 }[column.epoch];
  return `CAST(${name} AS BIGINT) * ${factor}`;
}

/** The type of a staged value, for a column that the file lacks. */
function stagedSql(column: NamedColumn): string {
  const type = columnType(column);
  if (type === 'float') return 'DOUBLE';
  if (type === 'bool') return 'BOOLEAN';
  if (type === 'date') return 'INTEGER';
  return ['int', 'int64', 'decimal', 'timestamp'].includes(type) ? 'BIGINT' : 'VARCHAR';
}

/** Infinite times would become NULL in arithmetic; as the largest number they break the bounds instead. */
function finiteOr(name: string, infinite: string, expression: string): string {
  return `CASE WHEN isinf(${name}) THEN ${infinite} ELSE ${expression} END`;
}

function decimalExpression(column: NamedColumn, name: string, given: string): string | undefined {
  const [, width, scale] = /^DECIMAL\((\d+),(\d+)\)$/.exec(given) ?? [];
  if (integerTypes.has(given)) return `CAST(${name} AS BIGINT) * ${10 ** (column.scale ?? 0)}`;
  if (Number(width) > 18 || scale === undefined || Number(scale) > (column.scale ?? 0))
    return undefined;
  const scaleTo = column.scale ?? 0;
  // A product has the width of what it is made of: in 18 digits ordinary values would overflow.
  return `CAST(CAST(${name} AS DECIMAL(38,${scaleTo})) * ${10 ** scaleTo} AS BIGINT)`;
}

/** What takes the columns of a piece of a Parquet file, in the order of the contract. */
type ParquetSink = (
  columns: readonly (readonly StageValue[])[],
  rows: number,
) => void | Promise<void>;

/** A run of rows, from `start` on and before `end`. */
interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** A Parquet file that fits a contract by its columns. */
interface ParquetFile {
  readonly rows: number;
  /** Runs of whole row groups that together are all rows, in order. */
  readonly ranges: readonly RowRange[];
  /** A run as a table with the staged columns `r0`, `r1`, ..., and each row's `place` in it. */
  tableOf(range: RowRange): string;
  /** The rows of a run, in pieces. */
  rowsOf(range: RowRange, sink: ParquetSink): Promise<void>;
  /** Does work that reads the file: where the engine cannot, the file is refused. */
  guard<T>(work: () => Promise<T>): Promise<T>;
}

/** Opens a Parquet file through an engine that may read it, once its frame and columns are checked. */
export async function openParquet(
  {
    session,
    path,
    bytes,
  }: { readonly session: DuckDbSession; readonly path: string; readonly bytes: number },
  contract: ContractData,
  context: Pick<SourceContext, 'io' | 'limits'>,
): Promise<ParquetFile> {
  await checkFrame(path, bytes, context);
  const guard = <T>(work: () => Promise<T>): Promise<T> => refusingBroken(work);
  const select = await guard(() => stagedColumns(session, path, contract, context.limits));
  const ranges = await guard(() => rangesOf(session, path));
  const file = `read_parquet(${quoteText(path)}, hive_partitioning = false, file_row_number = true)`;
  const columns = select.map((column, index) => `${column} AS r${index}`).join(', ');
  const tableOf = ({ start, end }: RowRange): string =>
    `(SELECT ${columns}, file_row_number - ${start} AS place FROM ${file}
      WHERE file_row_number >= ${start} AND file_row_number < ${end})`;
  return {
    ...{ rows: ranges.at(-1)?.end ?? 0, ranges, tableOf, guard },
    rowsOf: (range, sink) =>
      guard(() =>
        pump(session, `SELECT * EXCLUDE place FROM ${tableOf(range)} ORDER BY place`, sink),
      ),
  };
}

async function refusingBroken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // The engine's own text may quote values, so it does not travel on.
    if (error instanceof EngineFailed && readingSteps.has(error.during)) {
      throw badParquet('the engine cannot read the file');
    }
    throw error;
  }
}

const readingSteps = new Set(['read Parquet', 'read the part']);

async function stagedColumns(
  session: DuckDbSession,
  path: string,
  contract: ContractData,
  limits: DeliveryLimits,
): Promise<readonly string[]> {
  const file = `read_parquet(${quoteText(path)}, hive_partitioning = false)`;
  const described = await (
    await session.run('read Parquet', `DESCRIBE SELECT * FROM ${file}`)
  ).getRows();
  if (described.length > limits.maxFields) {
    throw new SourceRefused('too-many-columns', 'the file has more columns than are allowed');
  }
  const types = new Map(described.map(([name, type]) => [String(name), String(type)]));
  columnOrder([...types.keys()], contract);
  const meta = await (
    await session.run(
      'read Parquet',
      `SELECT num_rows FROM parquet_file_metadata(${quoteText(path)})`,
    )
  ).getRows();
  if (Number(meta[0]?.[0]) > limits.maxRows) {
    throw new SourceRefused('too-many-rows', 'the file has more rows than are allowed');
  }
  return contract.columns.map((column) => selectedColumn(column, types.get(column.name)));
}

/** A run is read into memory at once, so it is of whole row groups up to about so many rows. */
const rangeRows = 1_000_000;

async function rangesOf(session: DuckDbSession, path: string): Promise<readonly RowRange[]> {
  const groups = await session.run(
    'read Parquet',
    `SELECT row_group_id, any_value(row_group_num_rows) FROM parquet_metadata(${quoteText(path)})
     GROUP BY 1 ORDER BY 1`,
  );
  const ranges: RowRange[] = [];
  let [start, end] = [0, 0];
  for (const [, rows] of await groups.getRows()) {
    if (end > start && end - start + Number(rows) > rangeRows) {
      ranges.push({ start, end });
      start = end;
    }
    end += Number(rows);
  }
  return end > start ? [...ranges, { start, end }] : ranges;
}

function selectedColumn(column: NamedColumn, given: string | undefined): string {
  if (given === undefined) return `CAST(NULL AS ${stagedSql(column)})`;
  const expression = stagedExpression(column, given);
  if (expression) return expression;
  throw new SourceRefused(
    'wrong-type',
    `column ${column.name} has a type that its contract does not take`,
    column.name,
  );
}

async function pump(session: DuckDbSession, sql: string, sink: ParquetSink): Promise<void> {
  const connection: DuckDBConnection = session.connection;
  const result = await session.guard('read Parquet', connection, () => connection.stream(sql));
  for (;;) {
    const chunk = await session.guard('read Parquet', connection, () => result.fetchChunk());
    if (!chunk || chunk.rowCount === 0) return;
    await sink(chunk.getColumns() as StageValue[][], chunk.rowCount);
  }
}
