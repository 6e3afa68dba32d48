import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fit, gradientBoosting, predict } from '@backlot/learn';
import { readRanking } from './example.ts';

const task = JSON.parse(process.argv[2]!);
const train = await readRanking('train');
const { rounds, leaves, learningRate, minRows, bins, threads } = task;
const specification = gradientBoosting({
  ...{ objective: 'ranking', rounds, leaves, learningRate, minRows, bins },
});
// The first fit compiles; the peer came compiled. What counts is the median of those after it.
let model = await fit(specification, train, { threads });
const seconds: number[] = [];
const cpu: number[] = [];
for (let repeat = 0; repeat < task.repeats; repeat++) {
  const [begin, before] = [performance.now(), process.cpuUsage()];
  model = await fit(specification, train, { threads });
  seconds.push((performance.now() - begin) / 1000);
  const { user, system } = process.cpuUsage(before);
  cpu.push((user + system) / 1e6);
}
const median = (values: number[]): number =>
  values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const peakBytes = process.resourceUsage().maxRSS * 1024;
if (task.output) {
  const test = await readRanking('test');
  await writeFile(join(task.output, 'scores.f64'), await predict(model, test.features));
}
console.log(JSON.stringify({ seconds: median(seconds), cpuSeconds: median(cpu), peakBytes }));
