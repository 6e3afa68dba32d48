import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark, BenchmarkRow } from './benchmark.ts';

function rowOf(keys: number, times: number): BenchmarkRow {
  const asking = { times, warm: Math.ceil(times / 5) };
  const task = { features: 100, entities: 1_000, keys, asking };
  return {
    label: keys === 1 ? '1-key' : `${keys}-keys`,
    needs: [],
    ours: { script: 'benchmarks/online/ours.ts', task },
    theirs: {
      script: 'benchmarks/peers/online.py',
      task: { ...task, node: process.execPath, asking: { times: times / 5, warm: times / 25 } },
    },
    judge: async (output) => JSON.parse(await readFile(join(output, 'asked.json'), 'utf8')),
    decisive: 'answers/s at p99',
    floor: {},
  };
}

/** Served features over HTTP beside Feast's own server, one request after another; time is p50. */
export const online: Benchmark = {
  name: 'online',
  work: '100 features of 1 and of 100 keys over HTTP, on one connection that stays open',
  peer: { name: 'Feast 0.67.0 (feast serve, SQLite)', environment: 'feast' },
  threads: 1,
  goal: 0.1,
  rows: [rowOf(1, 2_000), rowOf(100, 300)],
};
