import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** How time and memory grow with the rows, each fit in a process of its own. No peer. */
const threads = 2;

const works = [
  { work: 'gradientBoosting', what: 'rows of 28, 50 rounds of 63 leaves', rows: 100_000 },
  { work: 'implicitALS', what: 'interactions, 64 factors, 10 rounds', rows: 1_000_000 },
  { work: 'kMeans', what: 'rows of 50, 20 clusters, 20 rounds', rows: 100_000 },
] as const;
const times = [1, 3, 10] as const;

interface Sample {
  readonly rows: number;
  readonly seconds: number;
  /** Of the process, data and all. */
  readonly peakBytes: number;
  /** Above what stood before the fit. */
  readonly ownBytes: number;
}

const { values } = parseArgs({
  options: {
    /** Of the usual rows, for a quick look. */
    share: { type: 'string', default: '1' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const share = Number(values.share);
if (!(share > 0 && share <= 1)) throw new Error(`--share is ${values.share}; above 0 to 1`);

for (const { work, what, rows } of works) {
  if (values.only && values.only !== work) continue;
  const samples = times.map((factor) => measure(work, Math.round(rows * share * factor)));
  if (values.json) console.log(JSON.stringify({ work, threads, samples, ...exponents(samples) }));
  else for (const line of describe(work, what, samples)) console.log(line);
}

function measure(work: string, rows: number): Sample {
  process.stderr.write(`  ${work} ${rows.toLocaleString('en')}\n`);
  const script = join(import.meta.dirname, 'growth/ours.ts');
  const task = JSON.stringify({ work, rows, threads });
  const child = spawnSync(process.execPath, ['--expose-gc', script, task], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error(`${work} of ${rows} rows ended with ${child.status}`);
  return { rows, ...JSON.parse(child.stdout) };
}

/** The slopes of the logarithms by least squares: 1 where twice the rows take twice as much. */
function exponents(samples: readonly Sample[]) {
  const slope = (of: (sample: Sample) => number): number => {
    const x = samples.map(({ rows }) => Math.log(rows));
    const y = samples.map((sample) => Math.log(Math.max(1e-9, of(sample))));
    const mean = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0) / all.length;
    const [mx, my] = [mean(x), mean(y)];
    const products = x.reduce((sum, value, at) => sum + (value - mx) * (y[at]! - my), 0);
    return products / x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
  };
  return {
    timeExponent: slope(({ seconds }) => seconds),
    memoryExponent: slope(({ peakBytes }) => peakBytes),
    ownMemoryExponent: slope(({ ownBytes }) => ownBytes),
  };
}

function describe(work: string, what: string, samples: readonly Sample[]): readonly string[] {
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0).padStart(9);
  const found = exponents(samples);
  const power = (value: number): string => `n^${value.toFixed(2)}`.padStart(9);
  return [
    `${work}: ${what}, ${threads} threads`,
    '        rows  seconds  peak MiB   fit MiB',
    ...samples.map(({ rows, seconds, peakBytes, ownBytes }) => {
      const sizes = `${mebibytes(peakBytes)} ${mebibytes(ownBytes)}`;
      return `${rows.toLocaleString('en').padStart(12)} ${seconds.toFixed(2).padStart(8)} ${sizes}`;
    }),
    [
      '       grows',
      power(found.timeExponent).padStart(8),
      power(found.memoryExponent),
      power(found.ownMemoryExponent),
    ].join(' '),
    '',
  ];
}
