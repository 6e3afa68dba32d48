import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ndcg } from '@backlot/learn';
import type { Benchmark } from './benchmark.ts';
import { exampleFolder, readRanking } from './ranking/example.ts';

const threads = 2;
const task = {
  ...{ rounds: 100, leaves: 31, learningRate: 0.1, minRows: 20, bins: 255, threads, repeats: 5 },
  folder: exampleFolder,
};

async function judge(output: string): Promise<Readonly<Record<string, number>>> {
  const { buffer } = new Uint8Array(await readFile(join(output, 'scores.f64')));
  const { target, groups } = await readRanking('test');
  const of = (k: number): number => ndcg({ target, scores: new Float64Array(buffer), groups }, k);
  const [first, third, fifth] = [of(1), of(3), of(5)];
  return { 'ndcg@1': first, 'ndcg@3': third, 'ndcg@5': fifth };
}

/** LambdaMART beside LightGBM's, with its defaults. */
export const ranking: Benchmark = {
  name: 'ranking',
  work: "fit LambdaMART to LightGBM's ranking example, 100 trees of 31 leaves",
  peer: { name: 'LightGBM 4.7.0', environment: 'ranking' },
  threads,
  goal: 1,
  rows: [
    {
      label: 'lambdamart',
      needs: [`${exampleFolder}/rank.train.gz`],
      ours: { script: 'benchmarks/ranking/ours.ts', task },
      theirs: { script: 'benchmarks/peers/ranking.py', task },
      judge,
      decisive: 'ndcg@5',
      // Of 50 queries.
      tolerance: 0.01,
      floor: { 'ndcg@1': 0.5674, 'ndcg@3': 0.578 },
    },
  ],
};
