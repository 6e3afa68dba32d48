import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareForest } from './forest.ts';
import { prepareLinear } from './linear.ts';
import { prepareUnsupervised } from './unsupervised.ts';

const prepared = {
  ridge: (threads: number) => prepareLinear('ridge', threads),
  logistic: (threads: number) => prepareLinear('logistic', threads),
  'k-means': (threads: number) => prepareUnsupervised('k-means', threads),
  pca: (threads: number) => prepareUnsupervised('pca', threads),
  'isolation-forest': (threads: number) => prepareUnsupervised('isolation-forest', threads),
  'random-forest': prepareForest,
} as const;

const task = JSON.parse(process.argv[2]!);
/** What a run leaves is written by the outcome of the same work. */
interface Prepared {
  run(): Promise<unknown>;
  outcome(result: unknown): Float64Array | Promise<Float64Array>;
}

const prepare = prepared[task.work as keyof typeof prepared] as (
  threads: number,
) => Promise<Prepared>;
const { run, outcome } = await prepare(task.threads);
const begin = performance.now();
const model = await run();
const seconds = (performance.now() - begin) / 1000;
const peakBytes = process.resourceUsage().maxRSS * 1024;
if (task.output) await writeFile(join(task.output, 'outcome.f64'), await outcome(model));
console.log(JSON.stringify({ seconds, peakBytes }));
