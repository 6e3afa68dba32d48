import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { JobResult } from './main-job.ts';

const bin = join(import.meta.dirname, '../../../../bin/backlot.js');
const films = join(import.meta.dirname, '../../../../../shared/data/movietweetings-100k');

async function temporary(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-job-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'home');
}

function start(home: string, ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [bin, 'start', '--home', home, '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { PATH: process.env.PATH, CI: '1' },
  });
}

async function result(home: string, ...args: readonly string[]): Promise<JobResult> {
  const child = start(home, '--exit', '--json', ...args);
  const [out, talk] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'close'),
  ]);
  assert.equal(child.exitCode, 0, talk);
  return JSON.parse(out.trim().split('\n').at(-1)!);
}

/** Waits until the talk of a process says something. */
async function says(child: ChildProcess, what: RegExp): Promise<void> {
  let talk = '';
  for await (const chunk of child.stderr!) {
    talk += chunk;
    if (what.test(talk)) return;
  }
  throw new Error(`the process ended without saying ${what}: ${talk}`);
}

test('the main job ends in an approved, served and replayed model, and a second one finds it', async (t) => {
  const home = await temporary(t);
  const first = await result(home);
  assert.deepEqual(first.stages.map(({ name }) => name).slice(-6), [
    'evaluate',
    'propose',
    'approve',
    'serve',
    'ask',
    'verify',
  ]);
  assert.ok(first.stages.every(({ status }) => status === 'done'));
  assert.match(first.modelDigest, /^sha256:[0-9a-f]{64}$/);
  assert.equal(first.approval.by, 'approver');
  assert.deepEqual(Object.keys(first.metrics), ['als', 'item-knn', 'popularity']);
  // The factorisation must be clearly ahead of popularity on the simulated store.
  assert.ok(first.metrics.als!['NDCG@20']! > 1.5 * first.metrics.popularity!['NDCG@20']!);
  assert.equal(first.answers.length, 3);
  assert.ok(first.answers.every(({ replayed, items }) => replayed && items.length > 0));
  assert.equal(first.answers.filter(({ fallback }) => fallback !== undefined).length, 1);

  const second = await result(home);
  assert.equal(second.modelDigest, first.modelDigest);
  assert.equal(second.stages.find(({ name }) => name === 'fit-als')?.status, 'same as before');

  // Pseudonyms are of the workspace's key: under the same keys another state folder makes the same model.
  const twin = await temporary(t);
  await cp(join(home, 'keys'), join(twin, 'keys'), { recursive: true });
  assert.equal((await result(twin)).modelDigest, first.modelDigest);
});

test('a signal to the process group in mid-job leaves work that the next start finishes', async (t) => {
  const home = await temporary(t);
  const child = start(home, '--exit');
  await says(child, /running {3}deliver-plays|done {6}deliver-items/);
  process.kill(-child.pid!, 'SIGTERM');
  await once(child, 'close');
  assert.notEqual(child.exitCode, 0);
  const after = await result(home);
  assert.equal(
    after.stages.find(({ name }) => name === 'simulate-store')?.status,
    'same as before',
  );
});

test('real film ratings take the same way', {
  skip: !existsSync(films) && 'no shared data',
}, async (t) => {
  const { metrics, answers } = await result(await temporary(t), '--data', films);
  assert.ok(metrics.als!['NDCG@20']! > metrics.popularity!['NDCG@20']!);
  assert.equal(answers.length, 3);
});

test('a folder of unknown data is refused with what would do', async (t) => {
  const child = start(await temporary(t), '--exit', '--data', tmpdir());
  const [talk] = await Promise.all([text(child.stderr!), once(child, 'close')]);
  assert.equal(child.exitCode, 2);
  assert.match(talk, /E-BACKLOT-008/);
  assert.match(talk, /ratings\.dat\.gz/);
});
