import { join } from 'node:path';
import type { Benchmark, BenchmarkRow } from './benchmark.ts';
import { contentOf, type Labelled } from './point-in-time/labelled.ts';

const threads = 2;
const memoryMiB = 6_144;
const small: Labelled = { labels: 1_000_000, views: 1, events: 500_000, entities: 20_000 };
const large: Labelled = { labels: 10_000_000, views: 5, events: 1_000_000, entities: 200_000 };

function rowOf(label: string, drawn: Labelled, theirs: BenchmarkRow['theirs']): BenchmarkRow {
  return {
    label,
    needs: [],
    ours: { script: 'benchmarks/point-in-time/ours.ts', task: { ...drawn, threads, memoryMiB } },
    theirs,
    judge: (output) => contentOf(join(output, 'set.parquet'), drawn.views),
    decisive: 'content',
    floor: { rows: drawn.labels },
  };
}

function feast(drawn: Labelled, store: 'file' | 'duckdb'): BenchmarkRow['theirs'] {
  return { script: 'benchmarks/peers/point-in-time.py', task: { ...drawn, store, threads } };
}

/** Training sets of latest values beside Feast; its file store loses labels that find nothing. */
export const pointInTime: Benchmark = {
  name: 'point-in-time',
  work: 'a training set of 1M labels with 500k events, and of 10M labels with 5 views of 1M events each',
  peer: { name: 'Feast 0.67.0 (historical features on DuckDB and on files)', environment: 'feast' },
  threads,
  goal: 0.4,
  rows: [
    rowOf('1m-duckdb', small, feast(small, 'duckdb')),
    rowOf('1m-file', small, feast(small, 'file')),
    rowOf('10m-5-views-duckdb', large, feast(large, 'duckdb')),
  ],
};

function asof(drawn: Labelled): BenchmarkRow['theirs'] {
  return { script: 'benchmarks/point-in-time/asof.ts', task: { ...drawn, threads, memoryMiB } };
}

/** The same training sets beside ASOF joins written by hand, on the same engine. */
export const pointInTimeAsof: Benchmark = {
  name: 'point-in-time-asof',
  work: 'the training sets of point-in-time, beside SQL that is written by hand',
  peer: { name: 'DuckDB (ASOF joins written by hand)', environment: 'feast' },
  threads,
  goal: 1.05,
  rows: [rowOf('1m', small, asof(small)), rowOf('10m-5-views', large, asof(large))],
};
