import { parseArgs } from 'node:util';
import { als } from './als.ts';
import type { Benchmark } from './benchmark.ts';
import { boosting } from './boosting.ts';
import { classic } from './classic.ts';
import { deep } from './deep.ts';
import { delivery } from './delivery.ts';
import { CannotMeasure, checkPeer, measureRow } from './measure.ts';
import { neighbours } from './neighbours.ts';
import { online } from './online.ts';
import { pointInTime, pointInTimeAsof } from './point-in-time.ts';
import { predicting } from './predict.ts';
import { ranking } from './ranking.ts';
import { relations } from './relations.ts';
import { describeRow } from './report.ts';
import { texts } from './text.ts';

const benchmarks: readonly Benchmark[] = [
  als,
  boosting,
  classic,
  deep,
  delivery,
  neighbours,
  online,
  pointInTime,
  pointInTimeAsof,
  predicting,
  ranking,
  relations,
  texts,
];
const usage = `npm run bench -- NAME [--rounds N] [--only ROW] [--json]
  NAME is one of: ${benchmarks.map(({ name }) => name).join(', ')}`;

/** Talk; the results alone go to stdout. */
function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** 0 when every row held its quality and reached its goal, 1 when one did not, 2 when nothing was run. */
async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string' },
    },
  });
  const benchmark = benchmarks.find(({ name }) => name === positionals[0]);
  const rounds = Number(values.rounds);
  if (!benchmark || !Number.isInteger(rounds) || rounds < 1) {
    say(usage);
    return 2;
  }
  checkPeer(benchmark.peer);
  const rows = benchmark.rows.filter(({ label }) => !values.only || label === values.only);
  say(`${benchmark.name}: ${benchmark.work}`);
  let held = rows.length > 0;
  for (const row of rows) {
    const result = await measureRow(benchmark, row, rounds, (text) => say(`  ${text}`));
    console.log(values.json ? JSON.stringify(result) : describeRow(result));
    held &&= result.qualityHolds && result.goalReached;
  }
  return held ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof CannotMeasure)) throw error;
  say(error.message);
  process.exitCode = 2;
}
