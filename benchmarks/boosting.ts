import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rocAuc } from '@backlot/learn';
import type { Benchmark, BenchmarkRow } from './benchmark.ts';
import { adultTable, type BoostingTable, readTable, simulatedTable } from './boosting/table.ts';

const threads = 2;
const settings = { rounds: 100, leaves: 255, bins: 255, learningRate: 0.1, minRows: 20, threads };

function rowOf(table: BoostingTable, peer: 'lightgbm' | 'xgboost' | 'scikit-learn'): BenchmarkRow {
  const task = { ...settings, table };
  return {
    label: `${table.name}-${peer}`,
    needs: table.name === 'adult' ? ['../shared/data/adult/adult-train.csv.gz'] : [],
    ours: { script: 'benchmarks/boosting/ours.ts', task },
    theirs: { script: 'benchmarks/peers/boosting.py', task: { ...task, peer } },
    judge: async (output) => {
      const { buffer } = new Uint8Array(await readFile(join(output, 'probabilities.f64')));
      const { test } = await readTable(table);
      return { auc: rocAuc(test.labels, new Float64Array(buffer)) };
    },
    decisive: 'auc',
    tolerance: 0.0005,
    floor: {},
  };
}

/** Boosted trees beside the three libraries that grow them on binned columns. */
export const boosting: Benchmark = {
  name: 'boosting',
  work: 'bin a table and grow 100 trees of 255 leaves on it, to an AUC within 0.0005',
  peer: { name: 'LightGBM 4.7.0, XGBoost 3.2.0 or scikit-learn 1.9.1', environment: 'boosting' },
  threads,
  goal: 0.9,
  rows: [
    rowOf(simulatedTable, 'lightgbm'),
    rowOf(simulatedTable, 'xgboost'),
    rowOf(simulatedTable, 'scikit-learn'),
    rowOf(adultTable, 'lightgbm'),
    rowOf(adultTable, 'xgboost'),
    rowOf(adultTable, 'scikit-learn'),
  ],
};
