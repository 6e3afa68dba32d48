import type { Io } from '@backlot/core';
import type { ContractData } from '../contract.ts';
import { type DeliveryLimits, defaultDeliveryLimits } from '../deliveries/limits.ts';
import { DuckDbSession } from '../duckdb/session.ts';
import { CsvReader } from '../sources/csv-reader.ts';
import { JsonLinesReader } from '../sources/json-lines-reader.ts';
import { openParquet } from '../sources/parquet-source.ts';
import type { SourceCompression, SourceFormat } from '../sources/source-bytes.ts';
import { ColumnGuess } from './column-guess.ts';
import { csvNames, jsonNames } from './column-names.ts';
import { draftContract } from './draft-contract.ts';
import { headOf } from './head-of.ts';
import { parquetColumns } from './parquet-columns.ts';
import { SampleSink } from './sample-sink.ts';

/** What a file's first rows say about the contract that they would keep. */
export interface InferredContract {
  /** It accepts every row that was looked at, but for those that `doubts` count. */
  readonly contract: ContractData;
  /** What only a person can decide or has to look at, a sentence each; they hold no values. */
  readonly doubts: readonly string[];
  /** Rows that were looked at. */
  readonly rows: number;
}

export interface InferenceOptions {
  readonly io: Io;
  /** The table's name. */
  readonly table: string;
  readonly path: string;
  readonly format: SourceFormat;
  readonly compression: SourceCompression;
  /** A folder that the engine may spill into, for Parquet. */
  readonly scratch: string;
  /** The most rows that are looked at, from the first on. Default 10000. */
  readonly maxRows?: number;
  readonly signal?: AbortSignal;
}

/** What is read of a text file at most, decompressed. */
const maxBytes = 16 * 2 ** 20;

/**
 * Infers a contract from the first rows of a file. Types are tried with the readers that check
 * deliveries, so what is inferred accepts what was read. Bounds, a subject, purposes and a primary
 * key are never guessed: doubts name what is to be chosen.
 *
 * @throws SourceRefused where the file cannot be read; BadContract where a column's name cannot be one
 */
export async function inferContract(options: InferenceOptions): Promise<InferredContract> {
  const asked = { ...options, maxRows: options.maxRows ?? 10_000 };
  const { guesses, rows, bad, whole } = await (options.format === 'parquet'
    ? sampleParquet(asked)
    : sampleText(asked));
  const contract = draftContract(
    options.table,
    guesses.map((one) => one.column()),
  );
  const doubts = [
    ...(whole ? [] : [`only the first ${rows} rows were looked at; later ones may differ`]),
    ...(bad > 0 ? [`${bad} rows could not be taken apart and were left out`] : []),
    ...guesses.flatMap((one) => one.doubts()),
    ...choices(guesses),
  ];
  return { contract, doubts, rows };
}

interface Sample {
  readonly guesses: readonly ColumnGuess[];
  readonly rows: number;
  readonly bad: number;
  /** Whether all rows of the file were looked at. */
  readonly whole: boolean;
}

type Asked = InferenceOptions & { readonly maxRows: number };

async function sampleText(asked: Asked): Promise<Sample> {
  const { bytes, whole } = await headOf(asked, maxBytes);
  const csv = asked.format === 'csv';
  const names = csv ? csvNames(bytes) : jsonNames(bytes, asked.maxRows);
  const draft = draftContract(
    asked.table,
    names.map((name) => ({ ...ColumnGuess.anyText, name })),
  );
  const guesses = draft.columns.map(({ name }) => new ColumnGuess(name, ColumnGuess.kindsOfText));
  const sink = new SampleSink(guesses, asked.maxRows);
  const Reader = csv ? CsvReader : JsonLinesReader;
  const limits: DeliveryLimits = defaultDeliveryLimits;
  const reader = new Reader(draft, limits, sink, 1);
  reader.push(bytes);
  // The last row of a head may be half a row, which is no fault of the file.
  if (whole) reader.end();
  return { guesses, rows: sink.rows, bad: sink.bad, whole: whole && !sink.full };
}

async function sampleParquet(asked: Asked): Promise<Sample> {
  const { io, path, scratch, signal, maxRows } = asked;
  const bytes = (await io.files.stat(path))?.bytes ?? 0;
  const session = await DuckDbSession.open({
    ...{ memoryMiB: 512, threads: 1, scratch, readable: [path], signal },
  });
  try {
    const context = { io, limits: defaultDeliveryLimits };
    const described = await parquetColumns(session, path, bytes, context);
    const draft = draftContract(
      asked.table,
      described.map(({ draft: column }) => column),
    );
    const guesses = described.map(({ draft: { name }, kinds }) => new ColumnGuess(name, kinds));
    const file = await openParquet({ session, path, bytes }, draft, context);
    const end = Math.min(file.rows, maxRows);
    if (end > 0) {
      await file.rowsOf({ start: 0, end }, (columns, rows) => {
        for (const [index, guess] of guesses.entries()) {
          for (let row = 0; row < rows; row++) guess.take(columns[index]![row] ?? null);
        }
      });
    }
    return { guesses, rows: end, bad: 0, whole: end === file.rows };
  } finally {
    session.close();
  }
}

/** What is left to a person whatever the file holds. */
function choices(guesses: readonly ColumnGuess[]): readonly string[] {
  const people = guesses.filter((one) => one.mayBePerson).map(({ name }) => name);
  return [
    people.length > 0
      ? `no subject is chosen: where rows are about people, make one of ${people.join(', ')} subject()`
      : 'no subject is chosen, and no name looks like one: where rows are about people, make theirs subject()',
    "purposes are not in a file: choose what rows may be read for; 'debug' only stands there",
    'no primary key is chosen: name primaryKey where a second row of the same key is a fault',
  ];
}
