import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { realIo } from '@backlot/core';
import {
  openStateFolder,
  readStateOwner,
  StateFolderOwned,
  StateFolderTooNew,
} from './state-folder.ts';

const io = realIo();
let folder: string;
let home: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backlot-state-'));
  home = join(folder, '.backlot');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('a state folder is made for its owner alone', async () => {
  const state = await openStateFolder(io, home);
  assert.deepEqual((await readdir(home)).sort(), [
    'keys',
    'layout',
    'objects',
    'owner.json',
    'owner.sqlite',
    'predictions',
    'runs',
  ]);
  assert.equal((await stat(home)).mode & 0o77, 0);
  assert.equal((await stat(join(home, 'owner.json'))).mode & 0o77, 0);
  await state.release();
});

test('a second owner is refused and told whom to ask, until the first lets go', async () => {
  const state = await openStateFolder(io, home);
  await state.announce('http://127.0.0.1:7411');
  await assert.rejects(openStateFolder(io, home), (error) => {
    assert.ok(error instanceof StateFolderOwned);
    assert.deepEqual(error.owner, { pid: process.pid, address: 'http://127.0.0.1:7411' });
    return true;
  });
  await state.release();
  assert.equal(await readStateOwner(io, home), undefined);
  await (await openStateFolder(io, home)).release();
});

test('of many that start at once exactly one becomes the owner', async () => {
  await (await openStateFolder(io, home)).release();
  const starts = await Promise.allSettled(
    Array.from({ length: 5 }, () => openStateFolder(io, home)),
  );
  const owners = starts.filter((start) => start.status === 'fulfilled');
  assert.equal(owners.length, 1);
  for (const { value } of owners) await value.release();
});

test('a killed owner leaves no lock behind, whatever its file says', async () => {
  const program = `
    import { openStateFolder } from ${JSON.stringify(import.meta.resolve('./state-folder.ts'))};
    import { realIo } from ${JSON.stringify(import.meta.resolve('@backlot/core'))};
    await openStateFolder(realIo(), ${JSON.stringify(home)});
    process.stdout.write('owned');
    setInterval(() => undefined, 1000);`;
  const child = await new Promise<ReturnType<typeof io.processes.spawn>>((resolve) => {
    const started = io.processes.spawn(
      process.execPath,
      ['--input-type=module', '--eval', program],
      { env: {}, onStdout: () => resolve(started) },
    );
  });
  await assert.rejects(openStateFolder(io, home), StateFolderOwned);
  assert.equal((await readStateOwner(io, home))?.pid, child.pid);
  child.kill('SIGKILL');
  await child.exit;
  assert.equal(await readStateOwner(io, home), undefined);
  await (await openStateFolder(io, home)).release();
});

test('a newer layout is refused', async () => {
  await (await openStateFolder(io, home)).release();
  await writeFile(join(home, 'layout'), '2\n');
  await assert.rejects(openStateFolder(io, home), StateFolderTooNew);
});

test('what a crash left of unfinished files is cleared by the next owner', async () => {
  await (await openStateFolder(io, home)).release();
  await writeFile(join(home, 'keys', 'a.key.0.new'), 'half');
  await writeFile(join(home, 'owner.json.0.new'), 'half');
  await writeFile(join(home, 'owner.json'), 'no JSON');
  assert.equal(await readStateOwner(io, home), undefined);
  const state = await openStateFolder(io, home);
  assert.deepEqual(await readdir(join(home, 'keys')), []);
  assert.ok(!(await readdir(home)).some((name) => name.endsWith('.new')));
  await state.release();
});
