import { adam, openTraining } from '@backlot/compute';
import { networks } from './networks.ts';

const task = JSON.parse(process.argv[2]!);
const { loss, parameters, batch } = networks[task.network]!();
const feeds = Array.from({ length: 4 }, () => batch(task.batch));
await using training = await openTraining(
  { loss, parameters, optimiser: adam() },
  { threads: task.threads, seed: 1 },
);
const times: number[] = [];
const losses: number[] = [];
for (let step = 0; step < task.warmUp + task.steps; step++) {
  const begin = performance.now();
  const found = await training.step(feeds[step % feeds.length]!, 0.001);
  if (step >= task.warmUp) times.push(performance.now() - begin);
  losses.push(found.loss);
}
times.sort((a, b) => a - b);
const milliseconds = times[Math.floor(times.length / 2)];
const seconds = times.reduce((total, time) => total + time, 0) / 1000;
const peakBytes = process.resourceUsage().maxRSS * 1024;
console.log(
  JSON.stringify({ milliseconds, seconds, peakBytes, first: losses[0], last: losses.at(-1) }),
);
