import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type Digest, DurabilityLost, digestOfBytes } from '@backlot/core';
import { type SimulatedDisk, simulatedDisk } from '@backlot/testing';
import { StorageFull } from './durable-files.ts';
import { ObjectCorrupt, ObjectMissing, openFileObjects } from './file-objects.ts';
import { collectGarbage, type GarbageReport } from './garbage.ts';
import type { CollectableObjects } from './objects.ts';

const day = 86_400_000;
let base: string;
let root: string;
let disk: SimulatedDisk;
let objects: CollectableObjects;

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'backlot-objects-'));
  root = join(base, 'disk');
  disk = simulatedDisk({ root });
  objects = await openFileObjects(disk.io, join(root, 'objects'), { owner: true });
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

test('bytes come back by their digest, whole and in pieces', async () => {
  const stored = await objects.put(bytes('film'));
  assert.deepEqual(stored, { digest: digestOfBytes('film'), bytes: 4 });
  assert.equal(text(await objects.get(stored.digest)), 'film');
  const pieces: Uint8Array[] = [];
  for await (const piece of objects.stream(stored.digest)) pieces.push(piece);
  assert.equal(text(Buffer.concat(pieces)), 'film');
  assert.equal(statSync(await objects.localPath(stored.digest)).mode & 0o77, 0);
});

test('the empty object is an object', async () => {
  const { digest } = await objects.put(new Uint8Array());
  assert.equal((await objects.get(digest)).byteLength, 0);
});

test('storing the same bytes again stores nothing', async () => {
  await objects.put(bytes('film'));
  await objects.put(stream('fi', 'lm'));
  assert.deepEqual(await listed(), [digestOfBytes('film')]);
  assert.deepEqual(incoming(), []);
});

test('an absent object is missing, not empty', async () => {
  const digest = digestOfBytes('absent');
  assert.equal(await objects.has(digest), false);
  await assert.rejects(objects.get(digest), ObjectMissing);
  await assert.rejects(objects.localPath(digest), ObjectMissing);
});

test('changed bytes are never given out, and storing them again mends them', async () => {
  const { digest } = await objects.put(bytes('film'));
  for (const damage of ['filn', 'fil', 'films', '']) {
    writeFileSync(await objects.localPath(digest), damage);
    await assert.rejects(objects.get(digest), ObjectCorrupt);
    await assert.rejects(async () => {
      for await (const _ of objects.stream(digest));
    }, ObjectCorrupt);
  }
  await objects.put(bytes('film'));
  assert.equal(text(await objects.get(digest)), 'film');
});

test('a source that fails half-way leaves nothing behind', async () => {
  const failing = async function* (): AsyncIterable<Uint8Array> {
    yield bytes('half');
    throw new RangeError('the source broke');
  };
  await assert.rejects(objects.put(failing()), RangeError);
  assert.deepEqual(incoming(), []);
  assert.deepEqual(await listed(), []);
});

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

test('garbage is what nothing refers to, through manifests, once it is old', async () => {
  const part = (await objects.put(bytes('part'))).digest;
  const manifest = (await objects.put(bytes('manifest'))).digest;
  const old = (await objects.put(bytes('old'))).digest;
  disk.clock.advance(2 * day);
  const young = (await objects.put(bytes('young'))).digest;
  const report = await collect([manifest], { [manifest]: [part, manifest] });
  assert.deepEqual(report, { live: 2, removed: [old], bytes: 3 });
  assert.deepEqual(new Set(await listed()), new Set([part, manifest, young]));
});

test('an object that is stored again is young again', async () => {
  const { digest } = await objects.put(bytes('film'));
  disk.clock.advance(2 * day);
  await objects.put(bytes('film'));
  assert.deepEqual((await collect([])).removed, []);
  assert.equal(await objects.has(digest), true);
});

test('an object that is stored again, read or referred to during the collection stays', async () => {
  const names = ['stored', 'read', 'referred', 'garbage'];
  for (const name of names) await objects.put(bytes(name));
  disk.clock.advance(2 * day);
  let marks = 0;
  const roots = async function* (): AsyncIterable<Digest> {
    marks++;
    if (marks !== 2) return;
    // The second reading happens after candidates were set aside: this is the worst moment.
    await objects.put(bytes('stored'));
    assert.equal(text(await objects.get(digestOfBytes('read'))), 'read');
    yield digestOfBytes('referred');
  };
  const report = await collectGarbage({
    objects,
    clock: disk.clock,
    roots: [roots],
    references: () => stream(),
  });
  assert.deepEqual(report.removed, [digestOfBytes('garbage')]);
  for (const name of names.slice(0, 3)) {
    assert.equal(text(await objects.get(digestOfBytes(name))), name);
  }
});

function collect(
  roots: readonly Digest[],
  references: Readonly<Record<Digest, readonly Digest[]>> = {},
): Promise<GarbageReport> {
  const each = async function* <T>(items: readonly T[]): AsyncIterable<T> {
    yield* items;
  };
  return collectGarbage({
    objects,
    clock: disk.clock,
    roots: [() => each(roots)],
    references: (digest) => each(references[digest] ?? []),
  });
}

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
