import type { ContractData } from '../contract.ts';
import { EngineFailed } from '../data-error.ts';
import { type DuckDbSession, quoteText } from '../duckdb/session.ts';
import { lookAtCsv } from '../sources/csv-look.ts';
import { CsvReader } from '../sources/csv-reader.ts';
import { JsonLinesReader } from '../sources/json-lines-reader.ts';
import { openParquet } from '../sources/parquet-source.ts';
import {
  type Source,
  type SourceContext,
  type SourceFacts,
  sourceBytes,
  sourcePath,
} from '../sources/source-bytes.ts';
import { type PartChecker, readingPart } from './part-checker.ts';
import type { RowChecker } from './row-checker.ts';
import { SourceRefused } from './source-refused.ts';

interface Reading {
  readonly source: Source;
  readonly facts: SourceFacts;
  readonly contract: ContractData;
  readonly context: SourceContext;
  readonly session: DuckDbSession;
  /** A folder to spill into. */
  readonly folder: string;
  readonly checker: RowChecker;
  readonly parts: PartChecker;
  /** Awaited after each piece, with how many bytes of the source have been read. */
  readonly settle: (sourceBytes: number) => Promise<void>;
}

/** Reads a source's rows into the checkers: whole parts at once where that ends alike. */
export async function readSource(reading: Reading): Promise<void> {
  const { source } = reading;
  if (source.format === 'parquet') return readColumns(reading);
  return source.format === 'csv' ? readCsv(reading) : readLines(reading);
}

async function readLines({
  source,
  facts,
  contract,
  context,
  checker,
  settle,
}: Reading): Promise<void> {
  const reader = new JsonLinesReader(contract, context.limits, checker);
  let read = 0;
  const onRead = (bytes: number): void => {
    read = bytes;
  };
  for await (const chunk of sourceBytes(source, facts, context, onRead)) {
    reader.push(chunk);
    await settle(read);
  }
  reader.end();
  await settle(facts.bytes);
}

const segmentBytes = 48 * 2 ** 20;
/** Below this a part is read row by row: starting the engine's reader costs more. */
const leastSegment = 64 * 2 ** 10;

async function readCsv(reading: Reading): Promise<void> {
  const { source, facts, contract, context, checker, settle } = reading;
  let read = 0;
  const onRead = (bytes: number): void => {
    read = bytes;
  };
  const reader = new CsvReader(contract, context.limits, checker);
  const segments = new CsvSegments(reading, reader);
  for await (const piece of wholeRows(sourceBytes(source, facts, context, onRead))) {
    await segments.take(piece);
    await settle(read);
  }
  reader.end();
  await settle(facts.bytes);
}

/** Pieces of some mebibytes that end with a line, but for the last. */
async function* wholeRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let pending: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    pending.push(chunk);
    bytes += chunk.byteLength;
    if (bytes < segmentBytes) continue;
    const end = chunk.lastIndexOf(10) + 1;
    if (end === 0) continue;
    pending[pending.length - 1] = chunk.subarray(0, end);
    yield Buffer.concat(pending);
    // A copy: the chunk's memory may be used again.
    pending = [Buffer.from(chunk.subarray(end))];
    bytes = pending[0]!.byteLength;
  }
  if (bytes > 0) yield Buffer.concat(pending);
}

/** Hands segments to the engine where they are plain and a row ended before them; else to the reader. */
class CsvSegments {
  readonly #reading: Reading;
  readonly #reader: CsvReader;
  #atRow = false;

  constructor(reading: Reading, reader: CsvReader) {
    this.#reading = reading;
    this.#reader = reader;
  }

  async take(piece: Buffer): Promise<void> {
    let rest = piece;
    if (!this.#reader.order && piece.length >= leastSegment) rest = this.#header(piece);
    if (this.#atRow && rest.length >= leastSegment && (await this.#atOnce(rest))) return;
    this.#reader.push(rest);
    this.#atRow = this.#reader.drain();
  }

  /** Reads the first line alone, so that what follows may be read at once. */
  #header(piece: Buffer): Buffer {
    const end = piece.indexOf(10) + 1;
    this.#reader.push(piece.subarray(0, end));
    this.#atRow = this.#reader.drain();
    return piece.subarray(end);
  }

  async #atOnce(rows: Buffer): Promise<boolean> {
    const { context, parts, folder } = this.#reading;
    const order = this.#reader.order!;
    const { maxRowBytes } = context.limits;
    // The engine's own reader has a limit for lines, too.
    if (maxRowBytes > 2 ** 20 || !lookAtCsv(rows, order.length, maxRowBytes).plain) return false;
    const path = `${folder}/segment.csv`;
    const file = await context.io.files.create(path);
    try {
      await file.write(rows);
    } finally {
      await file.close();
    }
    try {
      return await parts.take({ from: csvSql(path, order, this.#reading.contract), as: 'texts' });
    } catch (error) {
      // Whatever the engine's reader stumbles over, ours tells what it is, row by row.
      if (error instanceof EngineFailed && error.during === readingPart) return false;
      throw error;
    } finally {
      await context.io.files.remove(path);
    }
  }
}

/** The fields of a segment as the contract's columns. */
function csvSql(path: string, order: Int32Array, { columns }: ContractData): string {
  const fields = Array.from(order, (_, index) => `'f${index}': 'VARCHAR'`);
  const selected = columns.map((_, index) => {
    const field = order.indexOf(index);
    return `${field < 0 ? 'CAST(NULL AS VARCHAR)' : `f${field}`} AS r${index}`;
  });
  // Two threads would hand rows on in the order they get to them.
  return `(SELECT ${selected.join(', ')}, row_number() OVER () - 1 AS place
    FROM read_csv(${quoteText(path)}, auto_detect = false, header = false,
    delim = ',', quote = '"', escape = '"', nullstr = '', new_line = '\\n',
    allow_quoted_nulls = false, strict_mode = true, null_padding = false, parallel = false,
    columns = {${fields.join(', ')}}))`;
}

async function readColumns(reading: Reading): Promise<void> {
  const { source, facts, contract, context, session, checker, parts, settle } = reading;
  if (source.compression === 'gzip') {
    throw new SourceRefused('bad-compression', 'a Parquet file is compressed inside, not around');
  }
  const path = await sourcePath(source, context);
  const file = await openParquet({ session, path, bytes: facts.bytes }, contract, context);
  for (const range of file.ranges) {
    if (!(await file.guard(() => parts.take({ from: file.tableOf(range), as: 'values' })))) {
      await file.rowsOf(range, async (columns, rows) => {
        checker.takeColumns(columns, rows);
        await settle(facts.bytes);
      });
    }
    await settle(Math.round((facts.bytes * range.end) / file.rows));
  }
}
