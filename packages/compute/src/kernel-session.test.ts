import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { before, test } from 'node:test';
import { Cancelled } from '@backlot/core';
import { build } from '../build.ts';
import { OutOfMemory, WorkerFailed } from './error.ts';
import { gram } from './gram.ts';
import { openKernels } from './kernel-session.ts';

before(build);

test('regions are zeroed, aligned, apart, and outlive growth', async () => {
  await using session = await openKernels({ threads: 1 });
  const first = session.allocate(10);
  const second = session.allocate(200_000);
  assert.equal(first.address % 64, 0);
  assert.ok(second.address >= first.address + 10);
  session.int32({ ...first, bytes: 8 }).set([1, 2]);
  session.allocate(10_000_000);
  assert.deepEqual([...session.int32({ ...first, bytes: 8 })], [1, 2]);
  assert.ok(session.int32(second).every((value) => value === 0));
  assert.throws(() => session.allocate(2 ** 33), OutOfMemory);
});

test('a number of threads that is none is refused', async () => {
  for (const threads of [0, -1, 1.5, NaN, 257]) {
    await assert.rejects(openKernels({ threads }), { code: 'E-COMPUTE-005' });
  }
});

test('an aborted signal stops a kernel between chunks, and nothing runs after it', async () => {
  const controller = new AbortController();
  await using session = await openKernels({ threads: 1, signal: controller.signal });
  const [rows, columns] = [40_000, 128];
  const x = session.allocate(rows * columns * 4);
  const running = gram(session, x, rows, columns);
  controller.abort();
  await assert.rejects(running, Cancelled);
  await assert.rejects(gram(session, x, rows, columns), Cancelled);
});

test('kernels in order see what those before them wrote, on several threads', async () => {
  await using session = await openKernels({ threads: 3 });
  const length = 16384 * 40;
  const values = session.allocate(4 * length);
  const sums = Array.from({ length: 10 }, () => session.allocate(8 * 40));
  await session.runInOrder(
    sums.flatMap((sum, at) => [
      { kernel: 'dropMask', args: [values.address, length, 1, 0, at] },
      { kernel: 'sumSquares', args: [values.address, length, sum.address] },
    ]),
  );
  sums.forEach((sum, at) => {
    assert.ok(session.float64(sum).every((found) => found === at * at * 16384));
  });
});

test('a thread that fails between others does not leave them waiting', async () => {
  await using session = await openKernels({ threads: 2 });
  const beyond = { kernel: 'sumSquares', args: [2 ** 31 - 64, 16, 0] } as const;
  await assert.rejects(session.runInOrder([beyond, beyond]), WorkerFailed);
  const values = session.place(Float32Array.of(3, 0, 0, 0));
  const sum = session.allocate(8);
  await session.run('sumSquares', [values.address, 4, sum.address]);
  assert.deepEqual([...session.float64(sum)], [9]);
});

test('a signal that fired before refuses to open', async () => {
  await assert.rejects(openKernels({ threads: 1, signal: AbortSignal.abort() }), Cancelled);
});

test('a process whose sessions are closed ends by itself, idle threads and all', () => {
  const index = new URL('./index.ts', import.meta.url).href;
  const program = `
    const { openKernels, gram } = await import(${JSON.stringify(index)});
    for (let round = 0; round < 2; round++) {
      const session = await openKernels({ threads: 2 });
      await gram(session, session.allocate(3200), 100, 8);
      await session.close();
    }
    process.stdout.write('done');`;
  const args = ['--input-type=module', '--eval', program];
  const { status, stdout } = spawnSync(process.execPath, args, {
    timeout: 30_000,
    encoding: 'utf8',
  });
  assert.deepEqual({ status, stdout }, { status: 0, stdout: 'done' });
});
