import { appendFile } from 'node:fs/promises';
import { realIo } from '@backlot/core';
import { openFileObjects } from '@backlot/store';
import { int } from '../column.ts';
import { type Relation, type Shape, sqlPair } from '../relations/relation.ts';
import { openSpark, type SparkEngine } from './engine.ts';
import type { SparkOperation } from './session.ts';

/** Two rows, each of which Spark takes its time for. */
export function slowRows(eachMs: number): Relation<Shape> {
  return sqlPair({
    spark: `SELECT n FROM (SELECT explode(sequence(1L, 2L)) AS n)
      WHERE coalesce(java_method('java.lang.Thread', 'sleep', ${eachMs}L), 'x') <> 'y'`,
    inputs: {},
    columns: { n: int() },
  });
}

/** An engine that writes its journal into a file, before anything is sent. */
export function journaledEngine(
  server: { readonly address: string; readonly token: string },
  folder: string,
): SparkEngine {
  const record = (made: SparkOperation): Promise<void> =>
    appendFile(`${folder}/journal.jsonl`, `${JSON.stringify(made)}\n`);
  return openSpark({
    io: realIo(),
    server,
    scratch: `${folder}/scratch`,
    journal: { record },
    patienceMs: 2_000,
  });
}

// As a program: writes slowly until it is killed.
if (process.argv[1] === import.meta.filename) {
  const [, , address = '', token = '', folder = ''] = process.argv;
  const objects = await openFileObjects(realIo(), `${folder}/objects`);
  const run = { snapshots: [], purpose: 'measure', objects } as const;
  await journaledEngine({ address, token }, folder).write(slowRows(4_000) as never, run);
}
