import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark, BenchmarkRow } from './benchmark.ts';
import { clustered, readClustered, readTruth, recallOf } from './neighbours/clustered.ts';

const threads = 1;
const graph = { connections: 16, construction: 200, threads } as const;

/** Rows that a search keeps: each side takes the first by which it reaches the recall. */
const widths = [
  ...[10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 48],
  ...[52, 56, 60, 64, 72, 80, 96, 112, 128, 160, 192, 256],
] as const;

/** Of the graph that was built: its recall at one width for both. */
const buildWidth = 32;

function rowOf(label: string, recall: number | null): BenchmarkRow {
  const task = { ...clustered, ...graph, widths: recall ? widths : [buildWidth], recall };
  return {
    label,
    needs: [],
    ours: { script: 'benchmarks/neighbours/ours.ts', task },
    theirs: { script: 'benchmarks/peers/neighbours.py', task },
    judge: async (output) => {
      const { buffer } = new Uint8Array(await readFile(join(output, 'found.i32')));
      const found = new Int32Array(buffer);
      const reached = recallOf(found, await readTruth(await readClustered()));
      // Above what is asked for, more is not better: the widths are whole numbers.
      return { 'recall@10': reached, 'recall asked for': Math.min(reached, recall ?? reached) };
    },
    decisive: 'recall asked for',
    ...(recall === null && { tolerance: 0.005 }),
    floor: recall ? { 'recall@10': recall } : {},
  };
}

/** Nearest rows by a graph beside hnswlib. */
export const neighbours: Benchmark = {
  name: 'neighbours',
  work: 'an HNSW graph over 100 000 clustered rows of 64 floats, and 10 000 queries for the 10 nearest',
  peer: { name: 'hnswlib 0.8.0, compiled for the machine', environment: 'neighbours' },
  threads,
  goal: 1,
  rows: [rowOf('build', null), rowOf('recall-0.95', 0.95), rowOf('recall-0.99', 0.99)],
};
