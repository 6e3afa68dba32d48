import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adam, openTraining } from '@backlot/compute';
import { networks } from './networks.ts';

const task = JSON.parse(process.argv[2]!);
const { loss, parameters, batch } = networks[task.network]!();
const feeds = Array.from({ length: task.batches }, () => batch(task.batch));
await using training = await openTraining(
  { loss, parameters, optimiser: adam() },
  { threads: task.threads, seed: 1 },
);
const times: number[] = [];
const losses: number[] = [];
for (let step = 0; step < task.warmUp + task.steps; step++) {
  const begin = performance.now();
  const found = await training.step(feeds[step % feeds.length]!, task.rate);
  if (step >= task.warmUp) times.push((performance.now() - begin) / 1000);
  losses.push(found.loss);
}
times.sort((a, b) => a - b);
const seconds = times[Math.floor(times.length / 2)]!;
const peakBytes = process.resourceUsage().maxRSS * 1024;
if (task.output) await writeFile(join(task.output, 'losses.json'), JSON.stringify(losses));
console.log(JSON.stringify({ seconds, peakBytes }));
