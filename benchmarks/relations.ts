import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark, BenchmarkRow } from './benchmark.ts';
import { pairs } from './relations/relations.ts';

const threads = 2;
const memoryMiB = 4096;

function rowOf(label: string, relation: string, rows: number): BenchmarkRow {
  const task = { relation, rows, threads, memoryMiB };
  return {
    label,
    needs: [],
    ours: { script: 'benchmarks/relations/ours.ts', task },
    theirs: { script: 'benchmarks/relations/by-hand.ts', task },
    judge: async (output) => ({
      rows: Number(JSON.parse(await readFile(join(output, 'rows.json'), 'utf8'))),
    }),
    decisive: 'rows',
    floor: {},
  };
}

/** Relations on DuckDB beside the same SQL written by hand; two of them also at other sizes. */
export const relations: Benchmark = {
  name: 'relations',
  work: 'each of ten relations over ten million rows of Parquet, to columns or to Parquet',
  peer: { name: 'DuckDB 1.5.5, SQL by hand' },
  threads,
  goal: 1.02,
  rows: [
    ...Object.keys(pairs).map((name) => rowOf(name.replaceAll(' ', '-'), name, 10_000_000)),
    ...[1_000_000, 30_000_000].flatMap((rows) =>
      ['totals of items', 'rows with computed columns'].map((name) =>
        rowOf(`${name.replaceAll(' ', '-')}-${rows / 1e6}m`, name, rows),
      ),
    ),
  ],
};
