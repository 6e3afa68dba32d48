import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark, BenchmarkRow } from './benchmark.ts';
import { forestQuality } from './classic/forest.ts';
import { linearObjective } from './classic/linear.ts';
import { simulated } from './classic/simulated.ts';
import { type UnsupervisedWork, unsupervisedQuality } from './classic/unsupervised.ts';

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

/** The digits of quality that count: k-means and the forest depend on the seeds of each side. */
const digits: Readonly<Record<UnsupervisedWork, number>> = {
  'k-means': 3,
  pca: 6,
  'isolation-forest': 1,
};

function unsupervisedRow(work: UnsupervisedWork): BenchmarkRow {
  const task = { ...simulated, work, threads };
  return {
    label: work,
    needs: [],
    ours: { script: 'benchmarks/classic/ours.ts', task },
    theirs: { script: 'benchmarks/peers/classic.py', task },
    judge: async (output) => {
      const { buffer } = new Uint8Array(await readFile(join(output, 'outcome.f64')));
      const quality = await unsupervisedQuality(work, new Float64Array(buffer));
      return { quality, 'quality in few digits': Number(quality.toPrecision(digits[work])) };
    },
    decisive: 'quality in few digits',
    floor: {},
  };
}

const forestRow: BenchmarkRow = {
  label: 'random-forest',
  needs: [],
  ours: {
    script: 'benchmarks/classic/ours.ts',
    task: { ...simulated, work: 'random-forest', threads },
  },
  theirs: {
    script: 'benchmarks/peers/classic.py',
    task: { ...simulated, work: 'random-forest', threads },
  },
  judge: async (output) => {
    const { buffer } = new Uint8Array(await readFile(join(output, 'outcome.f64')));
    const area = await forestQuality(new Float64Array(buffer));
    // Both draw rows and columns by seeds of their own.
    return { area, 'area in two digits': Number(area.toFixed(2)) };
  },
  decisive: 'area in two digits',
  floor: {},
};

/** Classic estimators beside scikit-learn, on simulated rows. */
export const classic: Benchmark = {
  name: 'classic',
  work: 'fit classic estimators to a million rows of 50 numbers, to the same objective in six digits',
  peer: { name: 'scikit-learn 1.9.1', environment: 'classic' },
  threads,
  goal: 1,
  rows: [
    linearRow('ridge'),
    linearRow('logistic'),
    unsupervisedRow('k-means'),
    unsupervisedRow('pca'),
    unsupervisedRow('isolation-forest'),
    forestRow,
  ],
};
