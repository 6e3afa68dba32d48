import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';

const checkout = join(import.meta.dirname, '../../../..');
let folder: string;
let project: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backlot-first-'));
  project = join(folder, 'shop');
  const { code } = await backlot(folder, 'init', 'shop');
  assert.equal(code, 0);
  // What npm install of the dependency makes.
  await mkdir(join(project, 'node_modules'));
  await symlink(checkout, join(project, 'node_modules/backlot'));
});

after(() => rm(folder, { recursive: true, force: true }));

/** Calls the command as a person does, under `--json`. */
function backlot(cwd: string, ...argv: readonly string[]) {
  const call = [join(checkout, 'bin/backlot.js'), ...argv, '--json'];
  const env = { PATH: process.env.PATH ?? '' };
  // biome-ignore lint/suspicious/noExplicitAny: each verb answers an object of its own.
  return new Promise<{ code: number; said: string; answer: any }>((resolve) => {
    execFile(process.execPath, call, { cwd, env }, (error, stdout, said) => {
      const lines = stdout.trim().split('\n');
      assert.equal(lines.length, 1, `--json writes one object, ${argv[0]} wrote: ${stdout}`);
      const code = error ? Number(error.code) : 0;
      resolve({ code, said, answer: JSON.parse(lines[0]!) });
    });
  });
}

test('the first commands of a new project do what its README says', async () => {
  const delivered = await backlot(project, 'deliver', 'plays', 'data/plays.csv');
  assert.equal(delivered.code, 0, delivered.said);
  const { rows, accepted, quarantined, reasons } = delivered.answer;
  assert.deepEqual([rows, accepted, quarantined], [12, 10, 2]);
  assert.ok(reasons.every(({ mend }: { mend: string }) => mend.length > 0));

  const first = await backlot(project, 'run', 'popular');
  assert.equal(first.code, 0, first.said);
  const again = await backlot(project, 'run', 'popular', '--set', '{}');
  const hits = again.answer.taskViews.map((task: { cache?: { hit: boolean } }) => task.cache?.hit);
  assert.deepEqual(hits, [true, true]);

  const { answer } = await backlot(project, 'runs');
  assert.deepEqual(
    answer.runs.map(({ pipeline }: { pipeline: string }) => pipeline),
    ['popular', 'popular', 'deliver'],
  );
});

test('a mistyped name is exit code 6, with the one that was meant', async () => {
  const { code, answer } = await backlot(project, 'run', 'poplar');
  assert.equal(code, 6);
  assert.equal(answer.error.mend, 'did you mean popular?');
});

test('an edited ledger is found offline and named; a backup of before puts it right', async () => {
  const copy = join(folder, 'copy');
  assert.equal((await backlot(project, 'backup', copy)).answer.folder, copy);
  assert.equal((await backlot(project, 'backup', copy)).code, 9);

  const metadata = new DatabaseSync(join(project, '.backlot/metadata.sqlite'));
  metadata.exec("UPDATE ledger_entries SET actor = 'nobody' WHERE position = 3");
  metadata.close();
  const broken = await backlot(project, 'audit', 'verify');
  assert.equal(broken.code, 7);
  assert.equal(broken.answer.firstBad, 3);

  assert.equal((await backlot(project, 'restore', copy)).code, 9);
  const restored = await backlot(project, 'restore', copy, '--replace');
  assert.equal(restored.code, 0, restored.said);
  assert.equal((await backlot(project, 'audit', 'verify')).code, 0);
});

test('the doctor finds a healthy machine and state folder', async () => {
  const { code, answer } = await backlot(project, 'doctor');
  const failed = answer.checks.filter(({ state }: { state: string }) => state === 'fail');
  assert.deepEqual(failed, []);
  assert.equal(code, 0);
});
