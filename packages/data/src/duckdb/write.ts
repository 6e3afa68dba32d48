import { assert } from '@backlot/core';
import type { DuckDBResult } from '@duckdb/node-api';
import type { RelationNode } from '../relations/nodes.ts';
import type { CompiledRelation } from './compile.ts';
import { type DuckDbSession, quoteName, quoteText } from './session.ts';
import { duckDbType, parquetOptions } from './types.ts';

/** A Parquet file in the scratch folder, for the caller to adopt. */
export interface DuckDbFile {
  /** That of a bucketed relation; 0 for any other. */
  readonly bucket: number;
  readonly path: string;
  readonly rows: number;
}

/** Cannot clash: no column of a relation is named so. */
const bucketColumn = '_bucket';

/** Writes a query: one file, or of a bucketed relation one for each bucket that has rows. */
export async function writeQuery(
  session: DuckDbSession,
  node: RelationNode,
  query: CompiledRelation,
  target: string,
): Promise<readonly DuckDbFile[]> {
  const columns = node.fields.map((field) => {
    const name = quoteName(field.name);
    return `CAST(${name} AS ${duckDbType(field.type, field.scale, field.members)}) AS ${name}`;
  });
  const copy = (more: readonly string[], to: string, options: string): Promise<DuckDBResult> =>
    session.guard('write the relation', session.connection, () =>
      session.connection.run(
        `COPY (SELECT ${[...columns, ...more].join(', ')} FROM (${query.sql}))
          TO ${quoteText(to)} ${options}`,
        [...query.values],
        [...query.types],
      ),
    );
  if (node.kind !== 'bucketed') {
    const path = `${target}.parquet`;
    const result = await copy([], path, parquetOptions);
    return [{ bucket: 0, path, rows: Number((await result.getRows())[0]?.[0]) }];
  }
  const { key, buckets } = node;
  assert(Number.isInteger(buckets) && buckets > 0, 'a count of buckets');
  // The same as `bucketOf`, and as on Spark.
  const hash = `CAST('0x' || substr(md5(${quoteName(key)}), 1, 8) AS BIGINT)`;
  const bucket = `CAST(${hash} % ${buckets} AS INTEGER) AS ${bucketColumn}`;
  const partitioned = `PARTITION_BY (${bucketColumn}), RETURN_STATS`;
  const result = await copy([bucket], target, parquetOptions.replace(/\)$/, `, ${partitioned})`));
  const files = (await result.getRowObjects()).map(fileOf);
  const different = new Set(files.map((file) => file.bucket)).size;
  assert(different === files.length, 'a bucket is one file');
  return files;
}

function fileOf(row: Readonly<Record<string, unknown>>): DuckDbFile {
  const path = String(row.filename);
  const [, bucket] = /[/\\]_bucket=(\d+)[/\\][^/\\]+$/.exec(path) ?? [];
  assert(bucket !== undefined, 'the folder of a bucket is named for it');
  return { bucket: Number(bucket), path, rows: Number(row.count) };
}
