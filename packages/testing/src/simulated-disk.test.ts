import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { DurabilityLost, hasErrno } from '@backlot/core';
import { SimulatedCrash, type SimulatedDisk, simulatedDisk } from './simulated-disk.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'backlot-disk-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  rmSync(`${root}.removed`, { recursive: true, force: true });
});

test('a file that was never synced is forgotten, empty or kept', async () => {
  const disk = simulatedDisk({ root });
  await write(disk, 'a', 'bytes');
  assert.deepEqual(outcomes(disk, 'a'), ['', 'absent', 'bytes']);
});

test('a synced file in an unsynced folder is forgotten or whole', async () => {
  const disk = simulatedDisk({ root });
  await write(disk, 'a', 'bytes', { sync: true });
  assert.deepEqual(outcomes(disk, 'a'), ['absent', 'bytes']);
});

test('a synced file in a synced folder is there after every crash', async () => {
  const disk = simulatedDisk({ root });
  await write(disk, 'a', 'bytes', { sync: true });
  await disk.io.files.syncFolder(root);
  assert.deepEqual(outcomes(disk, 'a'), ['bytes']);
});

test('a rename is undone until its folder is synced', async () => {
  writeFileSync(join(root, 'b'), 'old');
  const disk = simulatedDisk({ root });
  await write(disk, 'a', 'new', { sync: true });
  await disk.io.files.rename(join(root, 'a'), join(root, 'b'));
  assert.deepEqual(outcomes(disk, 'b'), ['new', 'old']);
  await disk.io.files.syncFolder(root);
  assert.deepEqual(outcomes(disk, 'b'), ['new']);
});

test('a rename of unsynced bytes can leave an empty file in the place of a good one', async () => {
  writeFileSync(join(root, 'b'), 'old');
  const disk = simulatedDisk({ root });
  await write(disk, 'a', 'new');
  await disk.io.files.rename(join(root, 'a'), join(root, 'b'));
  await disk.io.files.syncFolder(root);
  assert.deepEqual(outcomes(disk, 'b'), ['', 'new']);
});

test('a removed file comes back until its folder is synced', async () => {
  writeFileSync(join(root, 'a'), 'old');
  const disk = simulatedDisk({ root });
  await disk.io.files.remove(join(root, 'a'));
  assert.deepEqual(outcomes(disk, 'a'), ['absent', 'old']);
});

test('a cut file gets its synced bytes back until it is synced again', async () => {
  writeFileSync(join(root, 'a'), '0123456789');
  const disk = simulatedDisk({ root });
  await disk.io.files.truncate(join(root, 'a'), 4);
  assert.deepEqual(outcomes(disk, 'a'), ['0123', '0123456789']);
  await disk.io.files.sync(join(root, 'a'));
  assert.deepEqual(outcomes(disk, 'a'), ['0123']);
});

test('unsynced bytes tear at blocks and synced ones never do', async () => {
  writeFileSync(join(root, 'a'), 'd'.repeat(700));
  const disk = simulatedDisk({ root });
  const file = await disk.io.files.append(join(root, 'a'));
  await file.write(Buffer.from('u'.repeat(9000)));
  const lengths = new Set<number>();
  for (const content of outcomes(disk, 'a')) {
    assert.equal(content.slice(0, 700), 'd'.repeat(700));
    assert.match(content.slice(700), /^[u\0]*$/);
    lengths.add(content.length);
  }
  const torn = [...lengths].filter((length) => length !== 700 && length !== 9700);
  assert.ok(lengths.has(700) && lengths.has(9700));
  assert.ok(torn.some((length) => length % 4096 === 0));
  assert.ok(torn.every((length) => length % 512 === 0));
});

test('what another program wrote is not durable until it is synced here', async () => {
  const disk = simulatedDisk({ root });
  writeFileSync(join(root, 'foreign'), 'bytes');
  assert.deepEqual(outcomes(disk, 'foreign'), ['', 'absent', 'bytes']);
  await disk.io.files.sync(join(root, 'foreign'));
  await disk.io.files.syncFolder(root);
  assert.deepEqual(outcomes(disk, 'foreign'), ['bytes']);
});

test('a crash before an operation leaves nothing of it; afterwards nothing works', async () => {
  const disk = simulatedDisk({ root });
  disk.crashAt(2, 'before');
  await assert.rejects(write(disk, 'a', 'bytes'), SimulatedCrash);
  assert.equal(readFileSync(join(root, 'a'), 'utf8'), '');
  await assert.rejects(disk.io.files.read(join(root, 'a')), SimulatedCrash);
  await assert.rejects(disk.io.files.makeFolder(join(root, 'x')), SimulatedCrash);
  assert.throws(() => disk.step('begin'), SimulatedCrash);
  assert.deepEqual(disk.log, ['create', 'write']);
});

test('a crash after an operation leaves all of it', async () => {
  const disk = simulatedDisk({ root });
  disk.crashAt(2, 'after');
  await assert.rejects(write(disk, 'a', 'bytes'), SimulatedCrash);
  assert.equal(readFileSync(join(root, 'a'), 'utf8'), 'bytes');
});

test('a full disk takes half of a write, once', async () => {
  const disk = simulatedDisk({ root });
  disk.failAt(2, 'ENOSPC');
  await assert.rejects(write(disk, 'a', '1234'), (error) => hasErrno(error, 'ENOSPC'));
  assert.equal(readFileSync(join(root, 'a'), 'utf8'), '12');
  await write(disk, 'b', '1234');
});

test('a failed sync loses the bytes for good, whatever a second sync says', async () => {
  const disk = simulatedDisk({ root });
  disk.failAt(3, 'EIO');
  await assert.rejects(write(disk, 'a', 'bytes', { sync: true }), DurabilityLost);
  await disk.io.files.sync(join(root, 'a'));
  await disk.io.files.syncFolder(root);
  assert.deepEqual(outcomes(disk, 'a'), ['', 'bytes']);
});

test('recovery puts the previewed state on the real files and starts a working machine', async () => {
  for (let index = 0, count = 1; index < count; index++) {
    rmSync(root, { recursive: true });
    const disk = simulatedDisk({ root });
    await disk.io.files.makeFolder(join(root, 'x'));
    await write(disk, 'x/a', 'synced', { sync: true });
    await write(disk, 'b', 'unsynced');
    const losses = disk.losses();
    count = losses.length;
    const expected = disk.preview(losses[index]!);
    const next = disk.recover(losses[index]!);
    for (const name of ['x/a', 'b']) {
      const found = await next.io.files.stat(join(root, name));
      assert.equal(found?.bytes, expected.get(name)?.byteLength);
    }
    await assert.rejects(disk.io.files.list(root), SimulatedCrash);
    assert.equal(next.losses().length, 1);
    await write(next, 'c', 'new work');
  }
});

async function write(
  disk: SimulatedDisk,
  name: string,
  content: string,
  { sync = false }: { readonly sync?: boolean } = {},
): Promise<void> {
  const file = await disk.io.files.create(join(root, name));
  await file.write(Buffer.from(content));
  if (sync) await file.sync();
  await file.close();
}

/** What a file holds after a crash now, over all allowed losses. */
function outcomes(disk: SimulatedDisk, name: string): readonly string[] {
  const found = new Set<string>();
  for (const loss of disk.losses()) {
    const bytes = disk.preview(loss).get(name);
    found.add(bytes ? Buffer.from(bytes).toString('latin1') : 'absent');
  }
  return [...found].sort();
}
