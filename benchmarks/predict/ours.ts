import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { predictProbabilities } from '@backlot/learn';
import { readTable, simulatedTable } from '../boosting/table.ts';
import { readModel } from './models.ts';

const task = JSON.parse(process.argv[2]!);
const model = await readModel(task.trees);
const { test } = await readTable(simulatedTable);
const { columns } = test;
const judged = 10_000;
const rowsAt = (first: number) => ({
  ...{ rows: task.rows, columns },
  values: test.values.subarray(first * columns, (first + task.rows) * columns),
});
const found = new Float64Array(judged);
const options = { threads: task.threads };

/** Answers all of the rows that are judged by, so many at a time; the mean time of an answer. */
async function pass(): Promise<number> {
  const begin = performance.now();
  for (let first = 0; first < judged; first += task.rows) {
    const { values } = await predictProbabilities(model, rowsAt(first), options);
    for (let row = 0; row < task.rows; row++) found[first + row] = values[2 * row + 1]!;
  }
  return ((performance.now() - begin) / 1000 / judged) * task.rows;
}

await pass();
const before = process.cpuUsage();
const seconds: number[] = [];
for (let repeat = 0; repeat < task.repeats; repeat++) seconds.push(await pass());
const { user, system } = process.cpuUsage(before);
const answers = (task.repeats * judged) / task.rows;
const peakBytes = process.resourceUsage().maxRSS * 1024;
if (task.output) await writeFile(join(task.output, 'probabilities.f64'), found);
const median = seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)];
const cpuSeconds = (user + system) / 1e6 / answers;
console.log(JSON.stringify({ seconds: median, cpuSeconds, peakBytes }));
