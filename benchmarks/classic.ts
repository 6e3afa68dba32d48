import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark, BenchmarkRow } from './benchmark.ts';
import { linearObjective } from './classic/linear.ts';
import { simulated } from './classic/simulated.ts';

const threads = 2;

function linearRow(work: 'ridge' | 'logistic'): BenchmarkRow {
  const task = { ...simulated, work, threads };
  return {
    label: work,
    needs: [],
    ours: { script: 'benchmarks/classic/ours.ts', task },
    theirs: { script: 'benchmarks/peers/classic.py', task },
    judge: async (output) => {
      const { buffer } = new Uint8Array(await readFile(join(output, 'outcome.f64')));
      const objective = await linearObjective(work, new Float64Array(buffer));
      // Six digits: what lies below is no difference in quality.
      return { objective, 'minus objective': -Number(objective.toPrecision(6)) };
    },
    decisive: 'minus objective',
    floor: {},
  };
}

/** Classic estimators beside scikit-learn, on simulated rows. */
export const classic: Benchmark = {
  name: 'classic',
  work: 'fit classic estimators to a million rows of 50 numbers, to the same objective in six digits',
  peer: { name: 'scikit-learn 1.9.1', environment: 'classic' },
  threads,
  goal: 1,
  rows: [linearRow('ridge'), linearRow('logistic')],
};
