import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Digest, digestHex, digestOfBytes } from '@backlot/core';
import {
  type MotoServer,
  noMoto,
  objectsSuite,
  type SimulatedClock,
  simulatedClock,
  startMoto,
} from '@backlot/testing';
import { ObjectMissing } from './file-objects.ts';
import type { Fetch } from './s3-client.ts';
import { s3World } from './s3-world.fixture.ts';

const skip = noMoto();
const hour = 3_600_000;
let server: MotoServer;

before(async () => {
  if (!skip) server = await startMoto();
});
after(() => server?.stop());

objectsSuite(
  's3',
  async () => {
    const clock = simulatedClock();
    const world = await s3World(server, { clock, fetch: dated(clock) });
    const cache = join(world.folder, 'cache-0');
    const objects = await world.open({ cache });
    return {
      ...{ objects, clock, leftovers: world.leftovers },
      path: (name) => join(world.folder, name),
      damage: async (digest, content) => {
        const prefix = `${world.where.prefix}${digestHex(digest)}/`;
        for (const { key } of (await world.client.list(prefix)).entries) {
          await world.client.put(key, Buffer.from(content));
        }
        const hex = digestHex(digest);
        const copy = join(cache, hex.slice(0, 2), hex);
        if (existsSync(copy)) writeFileSync(copy, content);
      },
      remove: async () => world.remove(),
    };
  },
  { skip },
);

test('of writers that race to store an object one does, in each of 50 rounds', {
  skip,
}, async () => {
  const world = await s3World(server);
  for (let round = 0; round < 50; round++) {
    const body = Buffer.from(`round ${round}`);
    const key = `race/${round}`;
    const won = await Promise.all(Array.from({ length: 8 }, () => world.client.putNew(key, body)));
    assert.equal(won.filter(Boolean).length, 1, `round ${round}`);
  }
  const stores = await Promise.all(Array.from({ length: 8 }, () => world.open()));
  const content = Buffer.from('raced');
  await Promise.all(stores.map((objects) => objects.put(content)));
  const { entries } = await world.client.list(world.where.prefix!);
  assert.equal(entries.length, 1);
  world.remove();
});

test('a large object goes up in parts and comes down whole', { skip }, async () => {
  const world = await s3World(server);
  const objects = await world.open({ partBytes: 5 * 1024 ** 2 });
  const content = Buffer.alloc(12 * 1024 ** 2 + 7, 'abcdefg');
  const half = async function* (): AsyncIterable<Uint8Array> {
    yield content.subarray(0, 6_000_000);
    yield content.subarray(6_000_000);
  };
  const { digest, bytes } = await objects.put(half());
  assert.deepEqual([digest, bytes], [digestOfBytes(content), content.byteLength]);
  const other = await world.open();
  assert.ok(content.equals(await other.get(digest)));
  assert.deepEqual(await world.leftovers(), []);
  world.remove();
});

test('objects of many pages are all listed, each once', { skip }, async () => {
  const world = await s3World(server);
  const objects = await world.open();
  const stored = new Set<Digest>();
  for (let index = 0; index < 12; index++) {
    stored.add((await objects.put(Buffer.from(`object ${index}`))).digest);
  }
  await world.client.put('media/objects/notes.txt', Buffer.from('not an object'));
  const few: Fetch = (url, init) =>
    fetch(url.includes('list-type=2') ? `${url}&max-keys=5` : url, init);
  const paged = await world.open({ fetch: few });
  const found: Digest[] = [];
  for await (const { digest } of paged.list()) found.push(digest);
  assert.deepEqual(new Set(found), stored);
  assert.equal(found.length, 12);
  world.remove();
});

test('an object that is stored again later stands under one key, and readers find it', {
  skip,
}, async () => {
  const clock = simulatedClock();
  const world = await s3World(server, { clock, fetch: dated(clock) });
  const objects = await world.open();
  const { digest } = await objects.put(Buffer.from('film'));
  const keys = async () =>
    (await world.client.list(world.where.prefix!)).entries.map(({ key }) => key.split('/').at(-1));
  const first = await keys();
  clock.advance(hour + 1);
  // The reader has found the first key when the object is stored under the second.
  const reader = await world.open({
    fetch: async (url, init) => {
      if (init.method === 'GET' && /\/\d+$/.test(url)) await objects.put(Buffer.from('film'));
      return dated(clock)(url, init);
    },
  });
  assert.equal(Buffer.from(await reader.get(digest)).toString(), 'film');
  const second = await keys();
  assert.equal(second.length, 1);
  assert.equal(Number(second[0]), Number(first[0]) + 1);
  world.remove();
});

test('copies beyond the limit are removed, the longest unused first, none that is in use', {
  skip,
}, async () => {
  const clock = simulatedClock({ startMs: Date.now() });
  const world = await s3World(server, { clock, fetch: dated(clock) });
  const objects = await world.open({ cacheBytes: 25 });
  const digests: Digest[] = [];
  for (const name of ['a', 'b', 'c']) {
    digests.push((await objects.put(Buffer.from(name.repeat(10)))).digest);
  }
  const paths: string[] = [];
  for (const digest of digests) paths.push(await objects.localPath(digest));
  assert.deepEqual(paths.map(existsSync), [true, true, true]);
  clock.advance(2 * hour);
  const { digest } = await objects.put(Buffer.from('d'.repeat(10)));
  await objects.localPath(digest);
  assert.equal(paths.filter(existsSync).length, 1);
  assert.equal(Buffer.from(await objects.get(digests[0]!)).toString(), 'aaaaaaaaaa');
  world.remove();
});

test('what a crash left of copies and uploads goes at the next start of the owner', {
  skip,
}, async () => {
  const world = await s3World(server);
  const cache = join(world.folder, 'cache-9');
  await world.open({ cache });
  mkdirSync(join(cache, 'incoming'), { recursive: true });
  writeFileSync(join(cache, 'incoming', 'left'), 'half');
  await world.client.beginUpload(`media/objects/${'a'.repeat(64)}/1`);
  await world.client.beginUpload('media/objects/video.mp4');
  await world.open({ cache });
  assert.equal((await world.leftovers()).length, 3);
  const clock = simulatedClock({ startMs: Date.now() + 25 * hour });
  await world.open({ cache, owner: true, io: { ...world.io, clock } });
  assert.deepEqual(await world.leftovers(), ['media/objects/video.mp4'], 'of others');
  world.remove();
});

test('the same prefix in another bucket, and another prefix, are other objects', {
  skip,
}, async () => {
  const world = await s3World(server);
  const { digest } = await (await world.open()).put(Buffer.from('film'));
  await assert.rejects((await world.open({ prefix: 'other/' })).get(digest), ObjectMissing);
  world.remove();
});

/** The server with times of a simulated clock: what is stored is stored now, by that clock. */
function dated(clock: SimulatedClock): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    const { pathname, searchParams } = new URL(url);
    const [, bucket, ...key] = pathname.split('/');
    const name = `${bucket}/${key.join('/')}`;
    const stored = response.ok && init.method !== 'GET' && !searchParams.has('partNumber');
    if (stored) storedAt.set(name, clock.now());
    if (!searchParams.has('list-type')) return response;
    const xml = (await response.text()).replace(/<Contents>[\s\S]*?<\/Contents>/g, (content) => {
      const at = storedAt.get(`${bucket}/${/<Key>(.*?)<\/Key>/.exec(content)?.[1]}`);
      const time = new Date(at ?? clock.now()).toISOString();
      return content.replace(/<LastModified>.*?</, `<LastModified>${time}<`);
    });
    const headers = { date: new Date(clock.now()).toUTCString() };
    return new Response(xml, { status: response.status, headers });
  };
}

const storedAt = new Map<string, number>();
