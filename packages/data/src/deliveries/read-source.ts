import type { ContractData } from '../contract.ts';
import { CsvReader } from '../sources/csv-reader.ts';
import { JsonLinesReader } from '../sources/json-lines-reader.ts';
import { readParquet } from '../sources/parquet-source.ts';
import {
  type Source,
  type SourceContext,
  type SourceFacts,
  sourceBytes,
  sourcePath,
} from '../sources/source-bytes.ts';
import type { RowChecker } from './row-checker.ts';
import { SourceRefused } from './source-refused.ts';

interface Reading {
  readonly source: Source;
  readonly facts: SourceFacts;
  readonly contract: ContractData;
  readonly context: SourceContext;
  /** A folder to spill into. */
  readonly folder: string;
}

/** Reads a source's rows into the checker; `settle` is awaited after each piece. */
export async function readSource(
  reading: Reading,
  checker: RowChecker,
  settle: (sourceBytes: number) => Promise<void>,
): Promise<void> {
  const { source, facts, contract, context } = reading;
  if (source.format === 'parquet') return readColumns(reading, checker, settle);
  const reader =
    source.format === 'csv'
      ? new CsvReader(contract, context.limits, checker)
      : new JsonLinesReader(contract, context.limits, checker);
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

async function readColumns(
  { source, facts, contract, context, folder }: Reading,
  checker: RowChecker,
  settle: (sourceBytes: number) => Promise<void>,
): Promise<void> {
  if (source.compression === 'gzip') {
    throw new SourceRefused('bad-compression', 'a Parquet file is compressed inside, not around');
  }
  const path = await sourcePath(source, context);
  const file = { path, bytes: facts.bytes, scratch: folder };
  await readParquet(file, contract, context, async (columns, rows) => {
    checker.takeColumns(columns, rows);
    await settle(facts.bytes);
  });
}
