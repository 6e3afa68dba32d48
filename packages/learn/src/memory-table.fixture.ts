import { measureMemory, memoryAllowance } from './measure-memory.fixture.ts';
import { memoryCases } from './memory-cases.fixture.ts';

/** `npm run test:memory [-- NAME ...]`: what every estimator states and what it held, as a table. */
const wanted = process.argv.slice(2);
const cases = memoryCases().filter(
  ({ label }) => wanted.length === 0 || wanted.some((name) => label.startsWith(name)),
);
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1).padStart(9);
console.log(`${'fit'.padEnd(36)} states MiB  held MiB  of bound  seconds`);
let broken = 0;
for (const { label } of cases) {
  const found = measureMemory(label);
  if ('failure' in found) {
    broken++;
    console.log(`${label.padEnd(36)} FAILED ${found.failure}`);
    continue;
  }
  const { stated, peak, seconds } = found;
  const holds = peak <= stated + memoryAllowance;
  if (!holds) broken++;
  const share = (peak / stated).toFixed(2).padStart(8);
  const row = [label.padEnd(36), mebibytes(stated), mebibytes(peak), share];
  console.log(row.join(' '), seconds.toFixed(1).padStart(8), holds ? '' : 'BROKEN');
}
console.log(`${broken} of ${cases.length} broke their bound`);
process.exitCode = broken === 0 ? 0 : 1;
