import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark, BenchmarkRow } from './benchmark.ts';

const threads = 2;
const batches = 4;

interface Setting {
  readonly network: 'perceptron' | 'selfAttentive' | 'twoTower';
  readonly batch: number;
  readonly steps: number;
}

const settings: readonly Setting[] = [
  { network: 'perceptron', batch: 1024, steps: 60 },
  { network: 'selfAttentive', batch: 128, steps: 16 },
  { network: 'twoTower', batch: 1024, steps: 60 },
];

/** Ahead of the faster of the two is ahead of both, so that each is a row. */
const modes = ['eager', 'compiled'] as const;

function rowOf(setting: Setting, mode: (typeof modes)[number]): BenchmarkRow {
  const task = { ...setting, batches, warmUp: 4, rate: 0.001, threads };
  return {
    label: `${setting.network}-${mode}`,
    needs: [],
    ours: { script: 'benchmarks/deep/ours.ts', task },
    theirs: {
      script: 'benchmarks/peers/deep.py',
      task: { ...task, compiled: mode === 'compiled' },
    },
    judge,
    decisive: 'minus loss',
    // Batches and first numbers are the same; sums of floats go another way round on each side.
    tolerance: 0.02,
    floor: {},
  };
}

/** The mean loss over the last round through the batches. */
async function judge(output: string): Promise<Readonly<Record<string, number>>> {
  const losses: readonly number[] = JSON.parse(await readFile(join(output, 'losses.json'), 'utf8'));
  const last = losses.slice(-batches).reduce((sum, loss) => sum + loss, 0) / batches;
  return { 'first loss': losses[0]!, 'minus loss': -last };
}

/** Training of neural networks beside PyTorch, on batches of random numbers. */
export const deep: Benchmark = {
  name: 'deep',
  work: 'one step of Adam, gradients and all, to the same loss within 2 % after the same steps',
  peer: { name: 'PyTorch 2.15.0', environment: 'deep' },
  threads,
  goal: 0.9,
  rows: settings.flatMap((setting) => modes.map((mode) => rowOf(setting, mode))),
};
