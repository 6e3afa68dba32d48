import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Examples, fit, gradientBoosting, predictProbabilities } from '@backlot/learn';
import { readTable } from './table.ts';

const task = JSON.parse(process.argv[2]!);
const { train, test } = await readTable(task.table);
const { labels, ...features } = train;
const examples: Examples = { features, target: Float64Array.from(labels) };
const specification = gradientBoosting({
  ...{ objective: 'classes', rounds: task.rounds, leaves: task.leaves, bins: task.bins },
  ...{ learningRate: task.learningRate, minRows: task.minRows },
  categorical: task.table.categorical,
});
const begin = performance.now();
const before = process.cpuUsage();
const model = await fit(specification, examples, { threads: task.threads });
const seconds = (performance.now() - begin) / 1000;
const spent = process.cpuUsage(before);
const peakBytes = process.resourceUsage().maxRSS * 1024;
if (task.output) {
  const { values } = await predictProbabilities(model, test);
  const found = Float64Array.from({ length: test.rows }, (_, row) => values[2 * row + 1]!);
  await writeFile(join(task.output, 'probabilities.f64'), found);
}
console.log(JSON.stringify({ seconds, cpuSeconds: (spent.user + spent.system) / 1e6, peakBytes }));
