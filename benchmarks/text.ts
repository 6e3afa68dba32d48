import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark, BenchmarkRow } from './benchmark.ts';
import { intents } from './text/intents.ts';

const threads = 2;

function rowOf(terms: 'words' | 'characters', model: 'logistic' | 'machine'): BenchmarkRow {
  const task = { terms, model, threads };
  return {
    label: `${terms}-${model}`,
    needs: ['../shared/data/snips-nlu/train.seq.in'],
    ours: { script: 'benchmarks/text/ours.ts', task },
    theirs: { script: 'benchmarks/peers/text.py', task },
    judge: async (output) => {
      const predicted: readonly string[] = JSON.parse(
        await readFile(join(output, 'predicted.json'), 'utf8'),
      );
      const { labels } = await intents('dev');
      const hits = labels.filter((label, at) => label === predicted[at]).length;
      return { accuracy: hits / labels.length };
    },
    decisive: 'accuracy',
    // Words are told apart by other rules on each side: two of 700 requests.
    tolerance: 0.003,
    floor: {},
  };
}

/** Intents of requests by their words or runs of characters, vectors and fit together. */
export const texts: Benchmark = {
  name: 'text',
  work: 'weigh the terms of 13 084 requests and fit a linear classifier, to the same accuracy on 700 others',
  peer: { name: 'scikit-learn 1.9.1', environment: 'classic' },
  threads,
  goal: 1,
  rows: [
    rowOf('words', 'logistic'),
    rowOf('characters', 'logistic'),
    rowOf('words', 'machine'),
    rowOf('characters', 'machine'),
  ],
};
