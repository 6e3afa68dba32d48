import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { realIo } from '@backlot/core';
import { pipeline } from '../authoring/pipeline.ts';
import { task } from '../authoring/task.ts';
import { author, openShop, statesOf } from '../testing/shop.ts';
import { localExecutor } from './local-executor.ts';

const { processes, clock } = realIo();

/** An executor whose workers run a program of the test's. */
async function programExecutor(t: TestContext, program: string) {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-program-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'program.mjs');
  await writeFile(path, program);
  const executor = localExecutor({
    processes,
    command: [process.execPath, path],
    api: () => 'http://127.0.0.1:1',
    home: folder,
    owner: process.pid,
    issueToken: async () => 'a-very-secret-token',
    cwd: folder,
    path: '/usr/bin',
    environment: { EXTRA: '1' },
  });
  return { executor, folder };
}

async function until<T>(find: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 400; tries++) {
    const found = await find().catch(() => undefined);
    if (found !== undefined) return found;
    await clock.sleep(25);
  }
  throw new Error('it did not happen');
}

test('a worker gets an explicit environment, and its token is in no argument or log', async (t) => {
  const program = `
    console.log(JSON.stringify({ argv: process.argv.slice(2), env: process.env }));
    process.exit(65);`;
  const { executor } = await programExecutor(t, program);
  let printed = '';
  const running = await executor.start({
    ...{ reference: 'the-reference', workspace: 'media', run: 'r', node: 'n', attempt: 'a' },
    ...{ number: 1, principal: author },
    print: (chunk) => {
      printed += Buffer.from(chunk).toString();
    },
  });
  assert.deepEqual(await running.exit, { code: 65, signal: null });
  const { argv, env } = JSON.parse(printed);
  assert.deepEqual(argv, ['task', 'run', 'the-reference']);
  assert.deepEqual(Object.keys(env).sort(), [
    'BACKLOT_API',
    'BACKLOT_ATTEMPT',
    'BACKLOT_HOME',
    'BACKLOT_OWNER',
    'BACKLOT_RUN',
    'BACKLOT_TOKEN',
    'EXTRA',
    'PATH',
  ]);
  assert.equal(env.BACKLOT_TOKEN, '[redacted]');
});

test('a cancel ends the whole process tree, also one that heeds no signal', async (t) => {
  // The worker and its child ignore SIGTERM; only the group's SIGKILL ends them.
  const program = `
    import { spawn } from 'node:child_process';
    import { writeFileSync } from 'node:fs';
    process.on('SIGTERM', () => undefined);
    const sleeper = "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000)";
    const child = spawn(process.execPath, ['-e', sleeper], { stdio: 'inherit' });
    writeFileSync('pids', process.pid + ' ' + child.pid);
    setInterval(() => undefined, 1000);`;
  const { executor, folder } = await programExecutor(t, program);
  const sleep = task({ name: 'sleep', module: import.meta.url, run: async () => ({}) });
  const sleeping = pipeline('sleeping', {}, (run) => void run(sleep, {}));
  const shop = await openShop(t, { pipelines: [sleeping], executor, graceMs: 300 });
  const run = await shop.scheduler.startRun(author, { pipeline: 'sleeping' });
  const pids = await until(async () => {
    const text = await readFile(join(folder, 'pids'), 'utf8');
    return text === '' ? undefined : text.split(' ').map(Number);
  });
  assert.equal(pids.length, 2);
  await shop.scheduler.cancelRun(author, run);
  const cancelled = await shop.ended(run);
  assert.deepEqual(statesOf(cancelled), { sleep: 'cancelled' });
  await until(async () => (pids.some((pid) => processes.isAlive(pid)) ? undefined : true));
});

test('exit codes without a word to the control port still count', async (t) => {
  const codes = [65, 99, 0, 75];
  const tasks = codes.map((code) =>
    task({ name: `code-${code}`, module: import.meta.url, retries: 1, run: async () => ({}) }),
  );
  const exits = pipeline('exits', {}, (run) => {
    for (const each of tasks) run(each, {});
  });
  const program = "process.exit(Number(process.argv.at(-1).split('code-')[1]));";
  const { executor } = await programExecutor(t, program);
  const shop = await openShop(t, { pipelines: [exits], executor });
  const ended = await shop.run('exits');
  assert.deepEqual(
    ended.taskViews.map(({ attempts }) => attempts.map(({ error }) => error?.reason)),
    [
      ['the worker gave up'],
      ['there was nothing to do'],
      ['the worker ended without a commit'],
      ['the worker ended with exit code 75', 'the worker ended with exit code 75'],
    ],
  );
  assert.equal(ended.state, 'failed');
});
