import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type Digest, DurabilityLost, digestOfBytes } from '@backlot/core';
import { objectsSuite, type SimulatedDisk, simulatedDisk } from '@backlot/testing';
import { StorageFull } from './durable-files.ts';
import { openFileObjects } from './file-objects.ts';
import { collectGarbage } from './garbage.ts';
import type { CollectableObjects } from './objects.ts';

const day = 86_400_000;
let base: string;
let root: string;
let disk: SimulatedDisk;
let objects: CollectableObjects;

objectsSuite('files', async () => {
  const home = mkdtempSync(join(tmpdir(), 'backlot-objects-suite-'));
  const { io, clock } = simulatedDisk({ root: join(home, 'disk') });
  const folder = join(home, 'disk', 'objects');
  const opened = await openFileObjects(io, folder, { owner: true });
  return {
    ...{ objects: opened, clock },
    path: (name) => join(home, 'disk', name),
    damage: async (digest, content) => writeFileSync(await opened.localPath(digest), content),
    leftovers: async () => readdirSync(join(folder, 'incoming')),
    remove: async () => rmSync(home, { recursive: true, force: true }),
  };
});

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'backlot-objects-'));
  root = join(base, 'disk');
  disk = simulatedDisk({ root });
  objects = await openFileObjects(disk.io, join(root, 'objects'), { owner: true });
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

test('a full disk is a typed error that leaves nothing, and work goes on afterwards', async () => {
  disk.failAt(disk.operations + 2, 'ENOSPC');
  await assert.rejects(objects.put(bytes('film')), (error) => {
    assert.ok(error instanceof StorageFull);
    assert.equal(error.kind, 'unreachable');
    return true;
  });
  assert.deepEqual(incoming(), []);
  await objects.put(bytes('film'));
  assert.equal(text(await objects.get(digestOfBytes('film'))), 'film');
});

test('after a failed sync nothing is stored any more, and what stood is still read', async () => {
  const { digest } = await objects.put(bytes('before'));
  disk.failAt(disk.operations + 3, 'EIO');
  await assert.rejects(objects.put(bytes('film')), DurabilityLost);
  const operations = disk.operations;
  await assert.rejects(objects.put(bytes('other')), DurabilityLost);
  assert.equal(disk.operations, operations);
  assert.equal(text(await objects.get(digest)), 'before');
});

test('the owner clears what a crash left; a worker does not', async () => {
  writeFileSync(join(root, 'objects', 'incoming', 'left'), 'x');
  await openFileObjects(disk.io, join(root, 'objects'));
  assert.deepEqual(incoming(), ['left']);
  await openFileObjects(disk.io, join(root, 'objects'), { owner: true });
  assert.deepEqual(incoming(), []);
});

test('files that are no objects are not listed', async () => {
  await objects.put(bytes('film'));
  writeFileSync(join(root, 'objects', digestOfBytes('film').slice(7, 9), 'notes.txt'), 'x');
  assert.deepEqual(await listed(), [digestOfBytes('film')]);
});

test('an object that is read during the collection is put back in its place', async () => {
  const names = ['read', 'garbage'];
  for (const name of names) await objects.put(bytes(name));
  disk.clock.advance(2 * day);
  let marks = 0;
  const roots = async function* (): AsyncIterable<Digest> {
    marks++;
    // The second reading happens after candidates were set aside: this is the worst moment.
    if (marks === 2) assert.equal(text(await objects.get(digestOfBytes('read'))), 'read');
    yield* stream();
  };
  const report = await collectGarbage({
    objects,
    clock: disk.clock,
    roots: [roots],
    references: () => stream(),
  });
  assert.deepEqual(report.removed, [digestOfBytes('garbage')]);
  assert.equal(text(await objects.get(digestOfBytes('read'))), 'read');
});

async function listed(): Promise<readonly Digest[]> {
  const found: Digest[] = [];
  for await (const { digest } of objects.list()) found.push(digest);
  return found;
}

function incoming(): readonly string[] {
  return readdirSync(join(root, 'objects', 'incoming'));
}

async function* stream(...parts: readonly string[]): AsyncIterable<never> {
  for (const part of parts) yield bytes(part) as never;
}

function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function text(content: Uint8Array): string {
  return new TextDecoder().decode(content);
}
