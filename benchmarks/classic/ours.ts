import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareLinear } from './linear.ts';

const prepared = {
  ridge: (threads: number) => prepareLinear('ridge', threads),
  logistic: (threads: number) => prepareLinear('logistic', threads),
} as const;

const task = JSON.parse(process.argv[2]!);
const { run, outcome } = await prepared[task.work as keyof typeof prepared](task.threads);
const begin = performance.now();
const model = await run();
const seconds = (performance.now() - begin) / 1000;
const peakBytes = process.resourceUsage().maxRSS * 1024;
if (task.output) await writeFile(join(task.output, 'outcome.f64'), outcome(model));
console.log(JSON.stringify({ seconds, peakBytes }));
