import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import type { Benchmark, BenchmarkRow } from './benchmark.ts';
import { CannotMeasure, checkPeer, measureRow, spread } from './measure.ts';
import { describeRow, describeTime } from './report.ts';

const root = join(import.meta.dirname, '..');

/** Programs that say what they are told to, and note that they ran. */
async function withPrograms(
  body: (folder: string, script: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-bench-test-'));
  const script = join(folder, 'program.ts');
  await writeFile(
    script,
    `import { appendFileSync, writeFileSync } from 'node:fs';
    const task = JSON.parse(process.argv[2]!);
    appendFileSync(task.log, task.name);
    if (task.output) writeFileSync(task.output + '/quality', String(task.quality));
    console.log(JSON.stringify({ seconds: task.seconds, peakBytes: 1000 }));`,
  );
  try {
    await body(folder, relative(root, script));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function benchmarkOf(row: BenchmarkRow): Benchmark {
  const peer = { name: 'a peer', environment: 'none' };
  return { name: 'test', work: 'nothing', peer, threads: 1, goal: 0.8, rows: [row] };
}

function rowOf(folder: string, script: string, ourQuality: number): BenchmarkRow {
  const log = join(folder, 'log');
  return {
    label: 'one',
    ours: { script, task: { log, name: 'o', seconds: 2, quality: ourQuality } },
    theirs: { script, task: { log, name: 't', seconds: 4, quality: 0.5 } },
    needs: [],
    judge: async (output) => ({ quality: Number(await readFile(join(output, 'quality'), 'utf8')) }),
    decisive: 'quality',
    floor: { quality: 0.4 },
  };
}

test('both sides run in turns, and the ratio is ours over theirs', async () => {
  await withPrograms(async (folder, script) => {
    const row = rowOf(folder, script, 0.5);
    const result = await measureRow(benchmarkOf(row), row, 3, () => undefined);
    assert.equal(await readFile(join(folder, 'log'), 'utf8'), 'ottoot');
    assert.deepEqual(result.ratio, { seconds: 0.5, memory: 1 });
    assert.deepEqual(result.ours.seconds, { median: 2, min: 2, max: 2 });
    assert.ok(result.qualityHolds && result.goalReached);
    assert.match(describeRow(result), /time 0\.500.*quality holds, goal 0\.8 reached/);
  });
});

test('worse quality is said so, however fast', async () => {
  await withPrograms(async (folder, script) => {
    const row = rowOf(folder, script, 0.45);
    const result = await measureRow(benchmarkOf(row), row, 1, () => undefined);
    assert.ok(!result.qualityHolds);
    assert.match(describeRow(result), /QUALITY DOES NOT HOLD/);
    const within = { ...row, tolerance: 0.11 };
    assert.ok((await measureRow(benchmarkOf(row), within, 1, () => undefined)).qualityHolds);
    const without = { ...row, tolerance: 0.09 };
    assert.ok(!(await measureRow(benchmarkOf(row), without, 1, () => undefined)).qualityHolds);
  });
});

test('a row whose data is absent, and a program that fails, cannot be measured', async () => {
  await withPrograms(async (folder, script) => {
    const row = rowOf(folder, script, 1);
    const absent = { ...row, needs: ['no/such/file'] };
    await assert.rejects(
      measureRow(benchmarkOf(row), absent, 1, () => undefined),
      CannotMeasure,
    );
    const broken = { ...row, ours: { script, task: { ...row.ours.task, seconds: 0 } } };
    await assert.rejects(
      measureRow(benchmarkOf(row), broken, 1, () => undefined),
      CannotMeasure,
    );
  });
});

test('a peer that is not installed at its lock is refused with the command that mends it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-peer-test-'));
  try {
    const peer = { name: 'a peer', environment: 'x' };
    await mkdir(join(folder, 'benchmarks/peers'), { recursive: true });
    await mkdir(join(folder, '.peers/x'), { recursive: true });
    await writeFile(join(folder, 'benchmarks/peers/x.requirements.txt'), 'a==2');
    assert.throws(() => checkPeer(peer, folder), /scripts\/setup-peers x/);
    await writeFile(join(folder, '.peers/x/installed.txt'), 'a==1');
    assert.throws(() => checkPeer(peer, folder), CannotMeasure);
    await writeFile(join(folder, '.peers/x/installed.txt'), 'a==2');
    checkPeer(peer, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a spread has the middle and the ends', () => {
  assert.deepEqual(spread([3, 1, 2]), { median: 2, min: 1, max: 3 });
  assert.deepEqual(spread([4, 1, 2, 3]), { median: 2.5, min: 1, max: 4 });
});

test('a time is said in milliseconds below a second', () => {
  assert.equal(describeTime(0.0315), '31.5 ms');
  assert.equal(describeTime(1.5), '1.50 s');
});
