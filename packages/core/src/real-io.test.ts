import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasErrno, realIo } from './real-io.ts';

// What every driver of `Files` has to do is tested by the suite in `@backlot/testing`.
const io = realIo();

test('files and folders are made for their owner alone', async () => {
  const root = mkdtempSync(join(tmpdir(), 'backlot-io-'));
  try {
    await io.files.makeFolder(join(root, 'folder'));
    await (await io.files.create(join(root, 'folder', 'a'))).close();
    await (await io.files.append(join(root, 'folder', 'b'))).close();
    for (const path of ['folder', 'folder/a', 'folder/b']) {
      assert.equal(statSync(join(root, path)).mode & 0o77, 0, path);
    }
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('the monotonic clock does not go back, and a sleep takes its time', async () => {
  const before = io.clock.monotonic();
  await io.clock.sleep(20);
  // Timers may fire a millisecond early.
  assert.ok(io.clock.monotonic() - before >= 18);
  assert.ok(Math.abs(io.clock.now() - Date.now()) < 1000);
});

test('a sleep ends at once when its signal fires, without an error', async () => {
  const controller = new AbortController();
  const sleeping = io.clock.sleep(60_000, controller.signal);
  controller.abort();
  await sleeping;
  await io.clock.sleep(60_000, AbortSignal.abort());
});

test('random bytes come in the asked number and do not repeat', () => {
  assert.equal(io.random.bytes(0).byteLength, 0);
  const drawn = Array.from({ length: 100 }, () => Buffer.from(io.random.bytes(16)).toString('hex'));
  assert.equal(new Set(drawn).size, 100);
});

test('a process gets the given environment alone, and its output and exit are told', async () => {
  const output: string[] = [];
  const program =
    'process.stdout.write(JSON.stringify(Object.keys(process.env))); process.exit(75)';
  const child = io.processes.spawn(process.execPath, ['-e', program], {
    env: { ONLY: '1' },
    onStdout: (chunk) => output.push(Buffer.from(chunk).toString()),
  });
  assert.deepEqual(await child.exit, { code: 75, signal: null });
  assert.deepEqual(JSON.parse(output.join('')), ['ONLY']);
});

test('a kill reaches the children of the process too', async () => {
  const grandchild = "require('child_process').spawn('sleep', ['60'], { stdio: 'inherit' })";
  const program = `const c = ${grandchild}; console.log(c.pid); setInterval(() => 0, 1000)`;
  let tell: (pid: number) => void = () => undefined;
  const told = new Promise<number>((resolve) => {
    tell = resolve;
  });
  const child = io.processes.spawn(process.execPath, ['-e', program], {
    env: { PATH: '/usr/bin:/bin' },
    onStdout: (chunk) => tell(Number(Buffer.from(chunk).toString())),
  });
  const pid = await told;
  assert.ok(io.processes.isAlive(child.pid) && io.processes.isAlive(pid));
  child.kill('SIGKILL');
  // The exit is told once the output closes, which the grandchild holds open while it lives.
  assert.equal((await child.exit).signal, 'SIGKILL');
  child.kill('SIGKILL');
  assert.equal(io.processes.isAlive(child.pid), false);
});

test('a program that is not there is told as a failure, never as a rejection', async () => {
  const child = io.processes.spawn('/no/such/program', [], { env: {} });
  const exit = await child.exit;
  assert.match(exit.failure ?? '', /ENOENT/);
  child.kill('SIGTERM');
});

test('an error of the operating system is told by its name', async () => {
  await assert.rejects(io.files.read('/no/such/file'), (error) => hasErrno(error, 'ENOENT'));
  assert.equal(hasErrno(new Error('ENOENT'), 'ENOENT'), false);
  assert.equal(hasErrno('ENOENT', 'ENOENT'), false);
});
