import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, BenchmarkRow, Peer, Program } from './benchmark.ts';
import { describeTime } from './report.ts';

const root = join(import.meta.dirname, '..');

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface SideResult {
  readonly seconds: Spread;
  /** The largest of all rounds. */
  readonly peakBytes: number;
  readonly quality: Readonly<Record<string, number>>;
}

export interface RowResult {
  readonly benchmark: string;
  readonly row: string;
  readonly peer: string;
  readonly threads: number;
  readonly rounds: number;
  readonly ours: SideResult;
  readonly theirs: SideResult;
  /** Ours over the peer's: median time, peak memory. */
  readonly ratio: { readonly seconds: number; readonly memory: number };
  readonly goal: number;
  /** Ours is not behind in the decisive measure, and reaches its floor. */
  readonly qualityHolds: boolean;
  readonly goalReached: boolean;
}

interface Sample {
  readonly seconds: number;
  readonly peakBytes: number;
}

/** What cannot be measured here, and the command that mends it. */
export class CannotMeasure extends Error {
  override readonly name = 'CannotMeasure';
}

/** Throws `CannotMeasure` unless the peer is installed at its locked versions. */
export function checkPeer(peer: Peer, folder: string = root): void {
  if (peer.environment === undefined) return;
  const lock = join(folder, `benchmarks/peers/${peer.environment}.requirements.txt`);
  const installed = join(folder, `.peers/${peer.environment}/installed.txt`);
  const same =
    existsSync(installed) && readFileSync(installed, 'utf8') === readFileSync(lock, 'utf8');
  if (same) return;
  const command = `scripts/setup-peers ${peer.environment}`;
  throw new CannotMeasure(`the peer ${peer.name} is not installed; run: ${command}`);
}

/** Runs both sides in turns, the first of each round alternating, each in a process of its own. */
export async function measureRow(
  benchmark: Benchmark,
  row: BenchmarkRow,
  rounds: number,
  onStep: (text: string) => void,
): Promise<RowResult> {
  const missing = row.needs.find((path) => !existsSync(join(root, path)));
  if (missing) throw new CannotMeasure(`${row.label} needs ${missing}, which is not there`);
  const output = await mkdtemp(join(tmpdir(), 'backlot-bench-'));
  try {
    const sides = {
      ours: { program: row.ours, samples: [] as Sample[], quality: {} },
      theirs: { program: row.theirs, samples: [] as Sample[], quality: {} },
    };
    for (let round = 0; round < rounds; round++) {
      const turns = round % 2 === 0 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const);
      for (const name of turns) {
        const side = sides[name];
        const place = round === 0 ? output : undefined;
        const sample = await runProgram(side.program, benchmark.peer.environment, place);
        side.samples.push(sample);
        if (place) side.quality = await row.judge(place);
        onStep(`${row.label} round ${round + 1}/${rounds} ${name} ${describeTime(sample.seconds)}`);
      }
    }
    return compare(benchmark, row, rounds, sideResult(sides.ours), sideResult(sides.theirs));
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

/** Settings of a BLAS library in the caller's environment are not the peer's: they can slow it. */
const blasSettings = ['OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE', 'OMP_NUM_THREADS'];

async function runProgram(
  program: Program,
  environment: string | undefined,
  output: string | undefined,
): Promise<Sample> {
  const python = program.script.endsWith('.py');
  const command = python ? join(root, `.peers/${environment}/bin/python`) : process.execPath;
  const env: NodeJS.ProcessEnv = { ...process.env, OPENBLAS_NUM_THREADS: '1' };
  for (const name of blasSettings) delete env[name];
  const task = JSON.stringify({ ...program.task, ...(output && { output }) });
  const child = spawn(command, [join(root, program.script), task], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  if (code !== 0) throw new CannotMeasure(`${program.script} ended with ${code}`);
  return checkSample(program.script, JSON.parse(text));
}

function checkSample(script: string, sample: Partial<Sample>): Sample {
  const { seconds, peakBytes } = sample;
  if (!(seconds && seconds > 0 && peakBytes && peakBytes > 0)) {
    throw new CannotMeasure(`${script} printed no positive seconds and peakBytes`);
  }
  return { seconds, peakBytes };
}

function sideResult(side: {
  readonly samples: readonly Sample[];
  readonly quality: Readonly<Record<string, number>>;
}): SideResult {
  return {
    seconds: spread(side.samples.map(({ seconds }) => seconds)),
    peakBytes: Math.max(...side.samples.map(({ peakBytes }) => peakBytes)),
    quality: side.quality,
  };
}

/** The median (mean of the middle two) and the ends. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

function compare(
  benchmark: Benchmark,
  row: BenchmarkRow,
  rounds: number,
  ours: SideResult,
  theirs: SideResult,
): RowResult {
  const { decisive, floor, tolerance = 0 } = row;
  const peers = theirs.quality[decisive]!;
  const seconds = ours.seconds.median / theirs.seconds.median;
  return {
    benchmark: benchmark.name,
    row: row.label,
    peer: benchmark.peer.name,
    threads: benchmark.threads,
    rounds,
    ours,
    theirs,
    ratio: { seconds, memory: ours.peakBytes / theirs.peakBytes },
    goal: benchmark.goal,
    qualityHolds:
      ours.quality[decisive]! >= peers - tolerance * Math.abs(peers) &&
      Object.entries(floor).every(([name, least]) => ours.quality[name]! >= least),
    goalReached: seconds <= benchmark.goal,
  };
}
