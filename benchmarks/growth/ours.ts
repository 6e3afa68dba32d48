import { existsSync, writeFileSync } from 'node:fs';
import { type Examples, fit, gradientBoosting, implicitALS, kMeans } from '@backlot/learn';
import { simulatePlays } from '../als/simulated.ts';
import { simulate } from '../boosting/simulated.ts';
import { simulateClusters } from './clusters.ts';

/** One fit of a work at a size; prints its time and what the process held at the most, in all and for it. */
const { work, rows, threads } = JSON.parse(process.argv[2]!);
const options = { threads, seed: 1 };

const works: Readonly<Record<string, () => () => Promise<unknown>>> = {
  gradientBoosting: () => {
    const { labels, ...features } = simulate(rows, 1);
    const examples: Examples = { features, target: Float64Array.from(labels) };
    const specification = gradientBoosting({ objective: 'classes', rounds: 50, leaves: 63 });
    return () => fit(specification, examples, options);
  },
  implicitALS: () => {
    const users = Math.ceil(rows / 50);
    const { train } = simulatePlays(users, Math.ceil(users / 4), 1);
    const specification = implicitALS({ factors: 64, alpha: 10, iterations: 10 });
    return () => fit(specification, train, options);
  },
  kMeans: () => {
    const features = simulateClusters(rows, 1);
    // No tolerance: every size does all rounds.
    const specification = kMeans({ clusters: 20, rounds: 20, tolerance: 0 });
    return () => fit(specification, { features }, options);
  },
};

const run = works[work]!();
globalThis.gc?.();
forgetPeak();
const before = process.memoryUsage().rss;
const begin = performance.now();
await run();
const seconds = (performance.now() - begin) / 1000;
const peakBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ seconds, peakBytes, ownBytes: Math.max(0, peakBytes - before) }));

/** Drawing the data must not count: Linux forgets the highest mark; elsewhere it stays. */
function forgetPeak(): void {
  if (existsSync('/proc/self/clear_refs')) writeFileSync('/proc/self/clear_refs', '5');
}
