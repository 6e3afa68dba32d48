import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type Digest, digestOfBytes } from '@backlot/core';
import { type MotoServer, noMoto, startMoto } from '@backlot/testing';
import { ObjectCorrupt } from './file-objects.ts';
import type { Fetch } from './s3-client.ts';
import { ObjectStoreRefused, ObjectStoreUnreachable } from './s3-error.ts';
import { s3World } from './s3-world.fixture.ts';

const skip = noMoto();
const mebibyte = 1024 ** 2;
let server: MotoServer;

before(async () => {
  if (!skip) server = await startMoto();
});
after(() => server?.stop());

const content = Buffer.alloc(200_000, 'film ');
const digest = digestOfBytes(content);

test('whatever fails once, at any request, changes nothing of what comes of it', {
  skip,
}, async () => {
  const faults: readonly Fault[] = [
    ...[
      status(500),
      status(503, 'SlowDown'),
      status(307, 'TemporaryRedirect'),
      status(429),
      status(409, 'ConditionalRequestConflict'),
    ],
    ...[status(403, 'ExpiredToken'), refused, lost, cut, hung],
  ];
  let rounds = 0;
  for (const fault of faults) {
    // Each request of storing and reading, the last ones of which there are none.
    for (let at = 0; at < 6; at++) {
      const world = await s3World(server);
      const { fetch, hits } = faulty((count) => (count === at ? fault : undefined));
      const objects = await world.open({ fetch, timeoutMs: 300 });
      assert.deepEqual(await objects.put(content), { digest, bytes: content.byteLength });
      assert.ok(content.equals(await objects.get(digest)));
      assert.ok(content.equals(readFileSync(await objects.localPath(digest))));
      assert.deepEqual(await world.leftovers(), []);
      rounds += hits();
      world.remove();
    }
  }
  assert.ok(rounds >= faults.length * 4, `only ${rounds} faults were met`);
});

test('a redirect is no success: nothing was stored, listed or read', { skip }, async () => {
  const world = await s3World(server);
  const { fetch } = faulty(() => status(301, 'PermanentRedirect'));
  const objects = await world.open({ fetch });
  await assert.rejects(objects.put(content), ObjectStoreRefused);
  await assert.rejects(objects.get(digest), ObjectStoreRefused);
  const listing = async (): Promise<void> => {
    for await (const _ of objects.list());
  };
  await assert.rejects(listing, ObjectStoreRefused);
  world.remove();
});

test('what fails each time is said after six attempts, with growing pauses', { skip }, async () => {
  for (const fault of [status(503, 'SlowDown'), refused]) {
    const world = await s3World(server);
    const { fetch, hits } = faulty(() => fault);
    const pauses: number[] = [];
    const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
      if (!signal) pauses.push(ms);
      else await world.io.clock.sleep(ms, signal);
    };
    const io = { ...world.io, clock: { ...world.io.clock, sleep } };
    const objects = await world.open({ fetch, io });
    await assert.rejects(objects.put(content), ObjectStoreUnreachable);
    assert.equal(hits(), 6);
    assert.equal(pauses.length, 5);
    assert.ok(pauses.every((ms, index) => ms >= 100 * 2 ** index && ms <= 200 * 2 ** index));
    world.remove();
  }
});

test('a refusal is said at once, without what the request carried', { skip }, async () => {
  const world = await s3World(server);
  const { fetch, hits } = faulty(() => status(403, 'AccessDenied'));
  const objects = await world.open({ fetch });
  await assert.rejects(objects.get(digest), (error) => {
    assert.ok(error instanceof ObjectStoreRefused);
    assert.match(error.message, /403 AccessDenied/);
    assert.ok(!`${error.stack}`.includes('Signature'));
    return true;
  });
  assert.equal(hits(), 1);
  await assert.rejects((await world.open({ bucket: 'absent' })).put(content), ObjectStoreRefused);
  world.remove();
});

test('an answer that is cut again and again is taken up where it was, up to a bound', {
  skip,
}, async () => {
  const world = await s3World(server);
  await (await world.open()).put(content);
  let cuts = 0;
  const some = faulty((_, init) => (isRead(init) && cuts++ < 4 ? cut : undefined));
  assert.ok(content.equals(await (await world.open({ fetch: some.fetch })).get(digest)));
  assert.ok(cuts >= 4);
  const all = faulty((_, init, url) =>
    /\/\d+$/.test(url) && isRead(init) ? cutAtOnce : undefined,
  );
  const objects = await world.open({ fetch: all.fetch });
  await assert.rejects(objects.localPath(digest), ObjectStoreUnreachable);
  assert.deepEqual(await world.leftovers(), []);
  world.remove();
});

test('bytes that were changed on their way make no copy', { skip }, async () => {
  const world = await s3World(server);
  await (await world.open()).put(content);
  let spoilt = true;
  const fetch: Fetch = async (url, init) => {
    const response = await globalThis.fetch(url, init);
    if (!spoilt || !/\/\d+$/.test(url)) return response;
    const bytes = new Uint8Array(await response.arrayBuffer());
    bytes[100_000]! ^= 1;
    return new Response(bytes, { status: response.status });
  };
  const objects = await world.open({ fetch });
  await assert.rejects(objects.localPath(digest), ObjectCorrupt);
  await assert.rejects(objects.get(digest), ObjectCorrupt);
  spoilt = false;
  const path = await objects.localPath(digest);
  assert.ok(existsSync(path));
  assert.deepEqual(await world.leftovers(), []);
  world.remove();
});

test('an upload in parts that fails is aborted; one whose answers are lost is there', {
  skip,
}, async () => {
  const large = Buffer.alloc(11 * mebibyte, 'part');
  const largeDigest: Digest = digestOfBytes(large);
  const isPart = (url: string, part: number) => url.includes(`partNumber=${part}`);
  const isFinish = (url: string, init: RequestInit) =>
    init.method === 'POST' && url.includes('uploadId=');
  const cases: readonly (readonly [string, Choose, boolean])[] = [
    ['part 2 is refused', (_, _init, url) => (isPart(url, 2) ? status(403) : undefined), false],
    ['part 3 never goes up', (_, _init, url) => (isPart(url, 3) ? refused : undefined), false],
    ['finishing fails', (_, init, url) => (isFinish(url, init) ? hiddenError : undefined), false],
    ['the answer is lost', once((init, url) => (isFinish(url, init) ? lost : undefined)), true],
    ['a part’s answer is lost', once((_, url) => (isPart(url, 1) ? lost : undefined)), true],
  ];
  for (const [name, choose, stored] of cases) {
    const world = await s3World(server);
    const { fetch, hits } = faulty(choose);
    const objects = await world.open({ fetch, partBytes: 5 * mebibyte, attempts: 2 });
    if (stored) await objects.put(large);
    else await assert.rejects(objects.put(large), name);
    assert.ok(hits() > 0, name);
    assert.equal(await (await world.open()).has(largeDigest), stored, name);
    assert.deepEqual(await world.leftovers(), [], name);
    world.remove();
  }
});

test('credentials are asked for again, and new ones are used', { skip }, async () => {
  const world = await s3World(server);
  const used = new Set<string>();
  let asked = 0;
  const fetch: Fetch = (url, init) => {
    const { headers } = init as { readonly headers: Headers };
    used.add(/Credential=(\w+)/.exec(headers.get('authorization')!)![1]!);
    return globalThis.fetch(url, init);
  };
  const credentials = async () => ({ accessKeyId: `key${asked++}`, secretAccessKey: 's' });
  await (await world.open({ fetch, credentials })).put(content);
  assert.ok(used.has('key0') && used.has('key1'));
  world.remove();
});

/** What is done in place of a request. */
type Fault = (url: string, init: RequestInit) => Promise<Response>;
type Choose = (count: number, init: RequestInit, url: string) => Fault | undefined;

/** The server behind faults that are chosen for each request. */
function faulty(choose: Choose): { readonly fetch: Fetch; readonly hits: () => number } {
  let [count, hits] = [0, 0];
  return {
    fetch: async (url, init) => {
      const fault = choose(count++, init, url);
      if (!fault) return fetch(url, init);
      hits++;
      return fault(url, init);
    },
    hits: () => hits,
  };
}

function once(choose: (init: RequestInit, url: string) => Fault | undefined): Choose {
  let done = false;
  return (_, init, url) => {
    const fault = done ? undefined : choose(init, url);
    if (fault) done = true;
    return fault;
  };
}

function status(code: number, reason = 'Reason'): Fault {
  return async () => new Response(`<Error><Code>${reason}</Code></Error>`, { status: code });
}

async function hiddenError(): Promise<Response> {
  return new Response('<Error><Code>InternalError</Code></Error>', { status: 200 });
}

async function refused(): Promise<Response> {
  throw new TypeError('fetch failed');
}

/** The server does what it was asked, and the answer never comes. */
async function lost(url: string, init: RequestInit): Promise<Response> {
  await (await fetch(url, init)).arrayBuffer();
  throw new TypeError('terminated');
}

async function cut(url: string, init: RequestInit): Promise<Response> {
  return broken(await fetch(url, init), 0.5);
}

async function cutAtOnce(url: string, init: RequestInit): Promise<Response> {
  return broken(await fetch(url, init), 0);
}

async function broken(response: Response, share: number): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const kept = bytes.subarray(0, Math.floor(bytes.byteLength * share));
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (pulled++ === 0 && kept.byteLength > 0) controller.enqueue(kept);
      else controller.error(new TypeError('terminated'));
    },
  });
  const { status: code, headers } = response;
  return new Response(code === 204 ? null : body, { status: code, headers });
}

/** Nothing comes until the client gives up. */
function hung(_: string, { signal }: RequestInit): Promise<Response> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('aborted')));
  });
}

function isRead({ method }: RequestInit): boolean {
  return method === 'GET';
}
