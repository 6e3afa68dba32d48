import { join } from 'node:path';
import { realIo } from '@backlot/core';
import type { SparkTestServer } from '@backlot/testing';
import type { RecordBatch } from 'apache-arrow';
import { columnType, contractData, type Table } from '../contract.ts';
import { rowsOf } from '../duckdb/result-columns.ts';
import { quoteName, quoteText } from '../duckdb/session.ts';
import { parquetOptions } from '../duckdb/types.ts';
import type { Row } from '../relations/reference/expression.ts';
import type { Relation, Shape } from '../relations/relation.ts';
import { sparkType } from '../spark/compile.ts';
import { quoteSparkName, sparkQuery } from '../spark/engine.ts';
import { columnsOf } from '../spark/result-columns.ts';
import { SparkSession } from '../spark/session.ts';
import type { DuckDbTables } from './duckdb-tables.fixture.ts';

/** A session on Spark with the tables of a DuckDB as views of Parquet files, to run many relations on. */
export interface SparkTables {
  readonly session: SparkSession;
  /** Reads a table anew from the DuckDB that it was filled in. */
  fill(table: Table): Promise<void>;
  rows(relation: Relation<Shape>): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export async function sparkTables(
  server: SparkTestServer,
  duckDb: DuckDbTables,
  settings: Readonly<Record<string, string>> = {},
): Promise<SparkTables> {
  const session = await SparkSession.open({ io: realIo(), server });
  await session.setConfig({
    // The rows are few: work that is spread out costs more than it saves.
    'spark.sql.shuffle.partitions': '1',
    'spark.sql.adaptive.enabled': 'false',
    ...settings,
  });
  let files = 0;
  return {
    session,
    fill: async (table) => {
      files++;
      await view(session, duckDb, table, join(duckDb.folder, `for-spark-${files}.parquet`));
    },
    rows: (relation) => answer(session, relation),
    close: () => session.release(),
  };
}

async function view(
  session: SparkSession,
  duckDb: DuckDbTables,
  table: Table,
  path: string,
): Promise<void> {
  const { table: name, columns } = contractData(table);
  await duckDb.session.run(
    'write a table for Spark',
    `COPY ${quoteName(name)} TO ${quoteText(path)} ${parquetOptions}`,
  );
  const schema = columns.map((column) => {
    const { scale } = column;
    const field = {
      type: columnType(column),
      nullable: true,
      ...(scale !== undefined && { scale }),
    };
    return `${quoteSparkName(column.name)} ${sparkType(field)}`;
  });
  const source = { paths: [path], schema: schema.join(', ') };
  const step = { what: 'open a table' };
  await session.viewOfParquet(name, source, step);
  // A table that is asked thousands of questions is read once.
  for await (const _ of session.query({ sql: `CACHE TABLE ${quoteSparkName(name)}` }, step));
}

async function answer(session: SparkSession, relation: Relation<Shape>): Promise<readonly Row[]> {
  const batches: RecordBatch[] = [];
  for await (const batch of session.query(sparkQuery(relation), { what: 'run the relation' })) {
    batches.push(batch);
  }
  const rows = batches.reduce((sum, batch) => sum + batch.numRows, 0);
  const columns = columnsOf(batches, relation.node.fields, new Set());
  return rowsOf({ rows, columns }) as readonly Row[];
}
