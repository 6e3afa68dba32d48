import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { OnlineStoreFailed } from '../feature-error.ts';
import { MemoryStore } from './memory-store.ts';
import { openRedisStore } from './redis-store.ts';
import { SqliteStore } from './sqlite-store.ts';
import { storeSuite } from './store.suite.fixture.ts';

storeSuite('memory', { skip: false }, async (_t, again) => again ?? new MemoryStore());

const files = new WeakMap<object, string>();
storeSuite('sqlite', { skip: false }, async (t, again) => {
  const path = (again && files.get(again)) ?? join(await folder(t), 'online.sqlite');
  const store = new SqliteStore(path);
  files.set(store, path);
  t.after(() => store.close());
  return store;
});

/** Why Redis cannot be tried here; continuous integration must have it. */
function noRedis(): string | false {
  if (spawnSync('redis-server', ['--version']).status === 0) return false;
  const reason = 'redis-server is not installed: run scripts/setup-integration';
  assert.notEqual(process.env.CI, 'true', reason);
  return reason;
}

let server: Promise<string> | undefined;
let running: ChildProcess | undefined;
after(() => running?.kill('SIGKILL'));

async function redis(): Promise<string> {
  const port = await freePort();
  const nothing = ['--save', '', '--appendonly', 'no', '--bind', '127.0.0.1'];
  running = spawn('redis-server', ['--port', String(port), ...nothing], { stdio: 'ignore' });
  const url = `redis://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    try {
      await (await openRedisStore({ url, prefix: 'probe:' })).close();
      return url;
    } catch (error) {
      if (!(error instanceof OnlineStoreFailed) || tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

let opened = 0;
storeSuite('redis', { skip: noRedis() }, async (t, again) => {
  server ??= redis();
  if (!again) opened++;
  const store = await openRedisStore({ url: await server, prefix: `t${opened}:` });
  t.after(() => store.close());
  return store;
});

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'backlot-online-'));
  t.after(() => rm(made, { recursive: true, force: true }));
  return made;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      assert.ok(address && typeof address === 'object');
      probe.close(() => resolve(address.port));
    });
  });
}
