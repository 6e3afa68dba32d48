import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { BacklotError } from '@backlot/core';
import { ApiError, client } from './client.ts';
import { contracts, fixture } from './listener.fixture.ts';

const token = 'token-ann';

for (const way of ['over a socket', 'inside the process'] as const) {
  test(`the client of the contracts speaks with the listener ${way}`, async () => {
    const { listener } = fixture({ port: 0 });
    if (way === 'over a socket') await listener.listen();
    const fetch = way === 'over a socket' ? globalThis.fetch : listener.fetch;
    const api = client(contracts, { baseUrl: listener.address, token, fetch });
    const model = await api.readModel({ params: { model: 'm' }, query: { limit: 5 } });
    const by: string = model.by;
    assert.deepEqual({ ...model, by }, { name: 'm', limit: 5, by: 'ann' });
    assert.deepEqual(await api.readModel({ params: { model: 'm' } }), { ...model, limit: 3 });
    const made = await api.createModel({ body: { name: 'x', tags: { a: [1, { b: null }] } } });
    assert.deepEqual(made, { name: 'x', tags: 1 });
    assert.deepEqual(await api.upload({ body: new Uint8Array(70_000) }), { bytes: 70_000 });
    assert.deepEqual([...(await api.download({ params: { digest: 'd' } }))], [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(await api.seldom(), { ok: true });
    const seen: number[] = [];
    for await (const { data } of api.watch({ params: { run: 'r' } }, { lastEventId: '1' })) {
      seen.push(data.done);
    }
    assert.deepEqual(seen, [2, 3]);
    await listener.close();
  });
}

test('a failure keeps its code, reason and mend, as the class that is asked for', async () => {
  const { listener } = fixture();
  const options = { baseUrl: listener.address, token: 'wrong', fetch: listener.fetch };
  const wrong = client(contracts, options);
  await assert.rejects(wrong.seldom(), (error) => {
    assert.ok(error instanceof ApiError);
    assert.deepEqual([error.code, error.kind, error.status], ['E-SERVER-001', 'auth', 401]);
    assert.match(error.mend ?? '', /backlot start/);
    return true;
  });
  const failure = (fields: ConstructorParameters<typeof BacklotError>[0]) =>
    new BacklotError(fields);
  const asCore = client(contracts, { ...options, token, failure });
  await assert.rejects(asCore.createModel({ body: { name: 'n'.repeat(64) } }), (error) => {
    assert.ok(error instanceof BacklotError);
    assert.deepEqual([error.code, error.place], ['E-SERVER-009', 'body.name']);
    return true;
  });
});

test('a server that is not there, and a page that is no answer of ours, are told apart', async () => {
  const nowhere = client(contracts, {
    baseUrl: 'http://127.0.0.1:1',
    fetch: globalThis.fetch,
  });
  await assert.rejects(nowhere.seldom(), { code: 'E-SERVER-018', kind: 'unreachable' });
  const page = client(contracts, {
    baseUrl: '',
    fetch: async () => new Response('<html>', { status: 502 }),
  });
  await assert.rejects(page.seldom(), { code: 'E-SERVER-019', status: 502 });
});

test('what a browser loads imports neither Node, nor Fastify, nor core', async () => {
  const seen = new Set<string>();
  const visit = async (file: URL): Promise<void> => {
    if (seen.has(file.href)) return;
    seen.add(file.href);
    const source = await readFile(file, 'utf8');
    for (const [, types, from] of source.matchAll(
      /^(?:import|export) (type )?[^;]*?from '([^']+)'/gms,
    )) {
      if (types) continue;
      if (from!.startsWith('.')) await visit(new URL(from!, file));
      else assert.equal(from, 'zod', `${file.pathname} imports ${from}`);
    }
  };
  await visit(new URL('./client.ts', import.meta.url));
  for (const file of ['./contract.ts', './typed-client.ts', './api/runs.ts']) {
    assert.ok(seen.has(new URL(file, import.meta.url).href), file);
  }
});
