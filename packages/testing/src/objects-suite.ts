import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { type Clock, type Digest, digestOfBytes, FileTooLarge } from '@backlot/core';
import {
  type CollectableObjects,
  collectGarbage,
  type GarbageReport,
  ObjectCorrupt,
  ObjectMissing,
} from '@backlot/store';

/** An object store that is empty at first, and the clock that its objects age by. */
export interface ObjectsPlace {
  readonly objects: CollectableObjects;
  readonly clock: Clock & { advance(ms: number): void };
  /** A path beside the objects, for a file that is to be adopted. */
  path(name: string): string;
  /** Changes the stored bytes of an object behind its back. */
  damage(digest: Digest, content: string): Promise<void>;
  /** What was begun and not finished: names, by whatever the store calls them. */
  leftovers(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

export interface ObjectsSuiteOptions {
  /** Why the suite cannot run here, or `false`. */
  readonly skip?: string | false;
  /** Called once before all tests and after them. */
  readonly start?: () => Promise<void>;
  readonly stop?: () => Promise<void>;
}

/**
 * What every driver of the `CollectableObjects` port has to do, as tests.
 *
 * @param name names the driver in the test report
 * @param place makes an empty store
 */
export function objectsSuite(
  name: string,
  place: () => Promise<ObjectsPlace>,
  { skip = false, start, stop }: ObjectsSuiteOptions = {},
): void {
  if (!skip && start) before(start);
  if (!skip && stop) after(stop);
  for (const [behaviour, check] of Object.entries(behaviours)) {
    test(`${name}: ${behaviour}`, { skip }, async () => {
      const here = await place();
      try {
        await check(here);
        assert.deepEqual(await here.leftovers(), []);
      } finally {
        await here.remove();
      }
    });
  }
}

type Behaviour = (place: ObjectsPlace) => Promise<void>;

const day = 86_400_000;

const behaviours: Readonly<Record<string, Behaviour>> = {
  'bytes come back by their digest, whole, in pieces and as a file': async ({ objects }) => {
    const stored = await objects.put(bytes('film'));
    assert.deepEqual(stored, { digest: digestOfBytes('film'), bytes: 4 });
    assert.equal(text(await objects.get(stored.digest)), 'film');
    assert.equal(await streamed(objects, stored.digest), 'film');
    assert.equal(text(await readFile(await objects.localPath(stored.digest))), 'film');
    // Once more, where a copy may stand by now.
    assert.equal(text(await objects.get(stored.digest)), 'film');
    assert.equal(await streamed(objects, stored.digest), 'film');
  },
  'the empty object is an object': async ({ objects }) => {
    const { digest } = await objects.put(new Uint8Array());
    assert.equal((await objects.get(digest)).byteLength, 0);
    assert.equal(await streamed(objects, digest), '');
    assert.equal((await readFile(await objects.localPath(digest))).byteLength, 0);
    assert.deepEqual(await listed(objects), [digest]);
  },
  'all bytes come back as they were': async ({ objects }) => {
    const content = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 31) % 256);
    const { digest } = await objects.put(content);
    assert.deepEqual(await objects.get(digest), content);
  },
  'storing the same bytes again stores nothing': async ({ objects }) => {
    await objects.put(bytes('film'));
    await objects.put(stream('fi', 'lm'));
    await Promise.all(Array.from({ length: 4 }, () => objects.put(bytes('film'))));
    assert.deepEqual(await listed(objects), [digestOfBytes('film')]);
  },
  'a stream and a file are stored as bytes are, and the file is taken': async ({
    objects,
    path,
  }) => {
    const stored = await objects.put(stream('one', '', 'two'));
    assert.deepEqual(stored, { digest: digestOfBytes('onetwo'), bytes: 6 });
    await writeFile(path('given'), 'given');
    const adopted = await objects.adopt(path('given'));
    assert.deepEqual(adopted, { digest: digestOfBytes('given'), bytes: 5 });
    await assert.rejects(readFile(path('given')), /ENOENT/);
    assert.equal(text(await objects.get(adopted.digest)), 'given');
    assert.equal(text(await readFile(await objects.localPath(adopted.digest))), 'given');
  },
  'an object above the limit is not read': async ({ objects }) => {
    const { digest } = await objects.put(bytes('12345'));
    await assert.rejects(objects.get(digest, { limitBytes: 4 }), FileTooLarge);
    assert.equal((await objects.get(digest, { limitBytes: 5 })).byteLength, 5);
  },
  'an absent object is missing, not empty': async ({ objects }) => {
    const digest = digestOfBytes('absent');
    assert.equal(await objects.has(digest), false);
    await assert.rejects(objects.get(digest), ObjectMissing);
    await assert.rejects(streamed(objects, digest), ObjectMissing);
    await assert.rejects(objects.localPath(digest), ObjectMissing);
    await objects.remove(digest);
    assert.equal(await objects.setAside(digest), undefined);
    assert.equal(await objects.discard(digest), false);
  },
  'changed bytes are never given out, and storing them again mends them': async ({
    objects,
    damage,
  }) => {
    const { digest } = await objects.put(bytes('film'));
    for (const content of ['filn', 'fil', 'films', '']) {
      await damage(digest, content);
      await assert.rejects(objects.get(digest), ObjectCorrupt);
      await assert.rejects(streamed(objects, digest), ObjectCorrupt);
    }
    await objects.put(bytes('film'));
    assert.equal(text(await objects.get(digest)), 'film');
  },
  'a source that fails half-way leaves nothing behind': async ({ objects }) => {
    const failing = async function* (): AsyncIterable<Uint8Array> {
      yield bytes('half');
      throw new RangeError('the source broke');
    };
    await assert.rejects(objects.put(failing()), RangeError);
    assert.deepEqual(await listed(objects), []);
  },
  'a stream that is not read to its end is let go': async ({ objects }) => {
    const { digest } = await objects.put(new Uint8Array(3_000_000));
    for await (const piece of objects.stream(digest)) {
      assert.ok(piece.byteLength > 0);
      break;
    }
    assert.equal((await objects.get(digest)).byteLength, 3_000_000);
  },
  'an object that is removed is gone': async ({ objects }) => {
    const { digest } = await objects.put(bytes('film'));
    await objects.localPath(digest);
    await objects.remove(digest);
    assert.equal(await objects.has(digest), false);
    await assert.rejects(objects.get(digest), ObjectMissing);
    assert.deepEqual(await listed(objects), []);
  },
  'many who ask for a file at once get one': async ({ objects }) => {
    const { digest } = await objects.put(bytes('film'));
    const paths = await Promise.all(Array.from({ length: 6 }, () => objects.localPath(digest)));
    assert.equal(new Set(paths).size, 1);
    assert.equal(text(await readFile(paths[0]!)), 'film');
  },
  'garbage is what nothing refers to, through manifests, once it is old': async (place) => {
    const { objects, clock } = place;
    const part = (await objects.put(bytes('part'))).digest;
    const manifest = (await objects.put(bytes('manifest'))).digest;
    const old = (await objects.put(bytes('old'))).digest;
    clock.advance(2 * day);
    const young = (await objects.put(bytes('young'))).digest;
    const report = await collect(place, [manifest], { [manifest]: [part, manifest] });
    assert.deepEqual(report, { live: 2, removed: [old], bytes: 3 });
    assert.deepEqual(new Set(await listed(objects)), new Set([part, manifest, young]));
  },
  'an object that is stored again is young again': async (place) => {
    const { objects, clock } = place;
    const { digest } = await objects.put(bytes('film'));
    clock.advance(2 * day);
    await objects.put(bytes('film'));
    assert.deepEqual((await collect(place, [])).removed, []);
    assert.equal(await objects.has(digest), true);
    clock.advance(2 * day);
    assert.deepEqual((await collect(place, [])).removed, [digest]);
  },
  'an object that is stored again or referred to during the collection stays': async ({
    objects,
    clock,
  }) => {
    const names = ['stored', 'streamed', 'referred', 'garbage'];
    for (const name of names) await objects.put(bytes(name));
    clock.advance(2 * day);
    let marks = 0;
    const roots = async function* (): AsyncIterable<Digest> {
      marks++;
      if (marks !== 2) return;
      // The second reading happens after candidates were set aside: this is the worst moment.
      await objects.put(bytes('stored'));
      await objects.put(stream('stre', 'amed'));
      yield digestOfBytes('referred');
    };
    const references = () => stream() as AsyncIterable<never>;
    const report = await collectGarbage({ objects, clock, roots: [roots], references });
    assert.deepEqual(report.removed, [digestOfBytes('garbage')]);
    for (const name of names.slice(0, 3)) {
      assert.equal(text(await objects.get(digestOfBytes(name))), name);
    }
  },
  'what was set aside is put back, and only what was is discarded': async ({ objects, clock }) => {
    const { digest } = await objects.put(bytes('film'));
    const at = clock.now();
    clock.advance(3 * day);
    const storedAt = await objects.setAside(digest);
    assert.ok(storedAt !== undefined && Math.abs(storedAt - at) < 1000);
    await objects.restore(digest);
    assert.equal(await objects.discard(digest), false);
    assert.equal(text(await objects.get(digest)), 'film');
    await objects.setAside(digest);
    assert.equal(await objects.discard(digest), true);
    assert.equal(await objects.has(digest), false);
  },
};

function collect(
  { objects, clock }: ObjectsPlace,
  roots: readonly Digest[],
  manifests: Readonly<Record<Digest, readonly Digest[]>> = {},
): Promise<GarbageReport> {
  return collectGarbage({
    ...{ objects, clock },
    roots: [() => digests(roots)],
    references: (digest) => digests(manifests[digest] ?? []),
  });
}

async function* digests(list: readonly Digest[]): AsyncIterable<Digest> {
  yield* list;
}

async function* stream(...parts: readonly string[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield bytes(part);
}

async function streamed(objects: CollectableObjects, digest: Digest): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of objects.stream(digest)) pieces.push(piece);
  return text(Buffer.concat(pieces));
}

async function listed(objects: CollectableObjects): Promise<readonly Digest[]> {
  const found: Digest[] = [];
  for await (const { digest } of objects.list()) found.push(digest);
  return found;
}

function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function text(content: Uint8Array): string {
  return new TextDecoder().decode(content);
}
