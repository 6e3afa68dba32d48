import { type Digest, isDigest } from '@backlot/core';
import type { Reader } from '@backlot/store';

const pageRows = 1_000;

/** Each digest that a row of the registry refers to, for the collector of unused objects. */
export async function* registryRoots(reader: Reader): AsyncIterable<Digest> {
  for await (const row of rows(reader, 'model_versions', 'workspace, model, version')) {
    yield* digestsIn(row, ['digest', 'evaluation', 'card'], 'inputs');
  }
  for await (const row of rows(reader, 'runs', 'workspace, id')) yield* digestsIn(row, [], 'data');
  for await (const row of rows(reader, 'run_artifacts', 'workspace, run, name')) {
    yield* digestsIn(row, ['digest']);
  }
}

type TextRow = Readonly<Record<string, unknown>>;

async function* rows(reader: Reader, table: string, order: string): AsyncIterable<TextRow> {
  for (let offset = 0; ; offset += pageRows) {
    const page = await reader.all<TextRow>(
      `SELECT * FROM ${table} ORDER BY ${order} LIMIT ? OFFSET ?`,
      ...[pageRows, offset],
    );
    yield* page;
    if (page.length < pageRows) return;
  }
}

function* digestsIn(row: TextRow, columns: readonly string[], named?: string): Iterable<Digest> {
  const values = columns.map((column) => row[column]);
  const inside = named === undefined ? [] : Object.values(JSON.parse(String(row[named])));
  for (const value of [...values, ...inside]) if (isDigest(value)) yield value;
}
