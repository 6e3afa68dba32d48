import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { asAnn, fixture, secretPath } from './listener.fixture.ts';

const bearer = { authorization: asAnn.authorization };

test('events arrive in order, resume after an id, and end', async () => {
  const { listener } = fixture({ port: 0 });
  const address = await listener.listen();
  const answer = await fetch(`${address}/api/v1/runs/r/events`, { headers: bearer });
  assert.equal(answer.headers.get('content-type'), 'text/event-stream');
  const whole =
    ': open\n\nid: 1\ndata: {"done":1}\n\nid: 2\ndata: {"done":2}\n\nid: 3\ndata: {"done":3}\n\n';
  assert.equal(await answer.text(), whole);
  const resumed = await fetch(`${address}/api/v1/runs/r/events`, {
    headers: { ...bearer, 'last-event-id': '2' },
  });
  assert.equal(await resumed.text(), ': open\n\nid: 3\ndata: {"done":3}\n\n');
  await listener.close();
});

test('a stream that fails says so without a reason', async () => {
  const { listener, events } = fixture();
  const answer = await listener.inner.inject({ url: '/api/v1/runs/broken/events', headers: asAnn });
  assert.match(answer.body, /event: error\ndata: \{\}\n\n$/);
  assert.ok(!answer.body.includes(secretPath));
  assert.ok(events.some(({ event }) => event === 'failed'));
});

test('a client that leaves ends the source', async () => {
  const { listener, seen } = fixture({ port: 0 });
  const address = await listener.listen();
  const leaving = new AbortController();
  const url = `${address}/api/v1/runs/endless/events`;
  const answer = await fetch(url, { headers: bearer, signal: leaving.signal });
  await answer.body!.getReader().read();
  assert.equal(seen.streamsEnded, 0);
  leaving.abort();
  for (let at = 0; at < 50 && seen.streamsEnded === 0; at++) await delay(20);
  assert.equal(seen.streamsEnded, 1);
  await listener.close();
});

test('a stream shows signs of life and ends when its credential is revoked', async () => {
  const { listener, revoked } = fixture({ port: 0, heartbeatMs: 30 });
  const address = await listener.listen();
  const answer = await fetch(`${address}/api/v1/runs/endless/events`, { headers: bearer });
  setTimeout(() => revoked.add('token-ann'), 120);
  assert.match(await answer.text(), /: alive\n\n/);
  await listener.close();
});

test('closing the server ends streams at once', async () => {
  const { listener, seen } = fixture({ port: 0 });
  const address = await listener.listen();
  const answer = await fetch(`${address}/api/v1/runs/endless/events`, { headers: bearer });
  const text = answer.text();
  await delay(50);
  assert.deepEqual(await listener.close({ graceMs: 3_000 }), { drained: true });
  assert.match(await text, /"done":3/);
  assert.equal(seen.streamsEnded, 1);
});
