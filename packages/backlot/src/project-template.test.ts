import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { realIo } from '@backlot/core';
import { plan } from '@backlot/pipelines';
import { findProject } from './project.ts';
import { projectFiles } from './project-template.ts';

const checkout = join(import.meta.dirname, '../../..');
const execute = promisify(execFile);
let folder: string;

before(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'backlot-template-')), 'corner-shop');
  for (const [name, text] of Object.entries(projectFiles('corner-shop', checkout))) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  // What npm install of the dependency makes.
  await mkdir(join(folder, 'node_modules'));
  await symlink(checkout, join(folder, 'node_modules/backlot'));
});

after(() => rm(dirname(folder), { recursive: true, force: true }));

test('the compiler accepts a new project', async () => {
  const compiler = join(checkout, 'node_modules/typescript/bin/tsc');
  const types = join(checkout, 'node_modules/@types');
  const flags = ['-p', folder, '--typeRoots', types];
  await execute(process.execPath, [compiler, ...flags], { cwd: folder }).catch((error) =>
    assert.fail(error.stdout),
  );
});

test('a new project loads: its table, and its pipeline of two tasks', async () => {
  const project = await findProject(realIo(), folder);
  assert.equal(project.name, 'corner-shop');
  assert.deepEqual(
    project.tables?.map((table) => table.name),
    ['plays'],
  );
  const nodes = plan(project.pipelines![0]!).nodes;
  assert.deepEqual(
    nodes.map(({ id }) => id),
    ['count-plays', 'rank-items'],
  );
});

test('the test of a new project passes', async () => {
  const { stdout } = await execute(process.execPath, ['--test', '--test-reporter=tap'], {
    cwd: folder,
    env: { PATH: process.env.PATH },
  });
  assert.match(stdout, /# pass 1\n/);
});

test('a folder whose name is no project name still gives a project', () => {
  const files = projectFiles('My Shop!', '..');
  assert.match(files['backlot.config.ts']!, /name: 'shop'/);
  assert.equal(JSON.parse(files['package.json']!).dependencies.backlot, 'file:..');
});
