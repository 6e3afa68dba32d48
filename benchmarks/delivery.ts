import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark, BenchmarkRow } from './benchmark.ts';

const threads = 2;

function deliveryRow(rows: number, format: 'csv' | 'parquet'): BenchmarkRow {
  const task = { rows, format, threads };
  return {
    label: `${format}-${rows / 1_000_000}m`,
    needs: [],
    ours: { script: 'benchmarks/delivery/ours.ts', task },
    theirs: { script: 'benchmarks/peers/delivery.py', task },
    judge: async (output) => {
      const outcome = JSON.parse(await readFile(join(output, 'outcome.json'), 'utf8'));
      // Both must find the very same number of bad rows; the more, the better.
      return { rows: outcome.rows, 'bad rows found': outcome.bad };
    },
    decisive: 'bad rows found',
    floor: { rows },
  };
}

/** A delivery with its contract checked; ours also writes it as bucketed Parquet under pseudonyms. */
export const delivery: Benchmark = {
  name: 'delivery',
  work: 'read events and check types, ranges, lists, patterns, missing values and a unique key',
  peer: { name: 'pandera 0.35.0 on pandas 3.1.1', environment: 'delivery' },
  threads,
  goal: 0.2,
  rows: [
    deliveryRow(1_000_000, 'csv'),
    deliveryRow(10_000_000, 'csv'),
    deliveryRow(30_000_000, 'csv'),
    deliveryRow(10_000_000, 'parquet'),
  ],
};
