import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fit, implicitALS } from '@backlot/learn';
import { readSplit } from './amazon-cds.ts';
import { readSimulatedPlays } from './simulated.ts';

const task = JSON.parse(process.argv[2]!);
const train = task.file ? (await readSimulatedPlays()).train : await readSplit('train');
const { factors, alpha, regularisation, iterations } = task;
const specification = implicitALS({ factors, alpha, regularisation, iterations });
const begin = performance.now();
const { tensors } = await fit(specification, train, { threads: task.threads, seed: 1 });
const seconds = (performance.now() - begin) / 1000;
const peakBytes = process.resourceUsage().maxRSS * 1024;
if (task.output) {
  await writeFile(join(task.output, 'users.f32'), tensors.userFactors!.data);
  await writeFile(join(task.output, 'items.f32'), tensors.itemFactors!.data);
}
console.log(JSON.stringify({ seconds, peakBytes }));
