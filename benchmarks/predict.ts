import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rocAuc } from '@backlot/learn';
import type { Benchmark, BenchmarkRow } from './benchmark.ts';
import { readTable, simulatedTable } from './boosting/table.ts';
import { modelFiles } from './predict/models.ts';

const threads = 2;

function rowOf(trees: number, rows: number, peer: 'lightgbm' | 'onnxruntime'): BenchmarkRow {
  const task = { trees, rows, repeats: rows === 1 ? 3 : 15, threads };
  const { columns, file, train } = simulatedTable;
  const first = { file, columns, first: train };
  return {
    label: `${peer}-${trees}-trees-${rows === 1 ? 'one-row' : `${rows}-rows`}`,
    needs: [],
    ours: { script: 'benchmarks/predict/ours.ts', task },
    theirs: {
      script: 'benchmarks/peers/predict.py',
      task: { ...task, ...first, peer, model: modelFiles(trees)[peer] },
    },
    judge: async (output) => {
      const { buffer } = new Uint8Array(await readFile(join(output, 'probabilities.f64')));
      const { test } = await readTable(simulatedTable);
      const auc = rocAuc(test.labels.subarray(0, 10_000), new Float64Array(buffer));
      // The same trees: floats that are added in another order differ past this.
      return { auc, 'auc in five digits': Number(auc.toFixed(5)) };
    },
    decisive: 'auc in five digits',
    tolerance: 1e-5,
    floor: {},
  };
}

const peers = ['lightgbm', 'onnxruntime'] as const;
const sizes = [
  [100, 1],
  [1000, 1],
  [100, 10_000],
  [1000, 10_000],
] as const;

/** The same trees, walked by ours and by two runtimes. */
export const predicting: Benchmark = {
  name: 'predict',
  work: 'answer one row, or 10 000, by the same 100 or 1000 trees of 31 leaves',
  peer: { name: 'LightGBM 4.7.0 or ONNX Runtime 1.32.0, from Python', environment: 'predict' },
  threads,
  goal: 1,
  rows: peers.flatMap((peer) => sizes.map(([trees, rows]) => rowOf(trees, rows, peer))),
};
