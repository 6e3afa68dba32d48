import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Digest, DigestStream } from '@backlot/core';
import { type SimulatedStore, simulateStore } from './simulate-store.ts';
import { type SimulatedDelivery, simulatedDelivery } from './simulated-delivery.ts';

const options = { seed: 12, accounts: 300, items: 200, days: 10, events: 8_000 };
const tables = ['accounts', 'items', 'plays', 'purchases'] as const;

async function textOf(store: SimulatedStore, delivery: SimulatedDelivery): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  for await (const chunk of simulatedDelivery(store, delivery)) text += decoder.decode(chunk);
  return text;
}

async function digestsOf(seed: number): Promise<Digest[]> {
  const store = simulateStore({ ...options, seed });
  const digests: Digest[] = [];
  for (const table of tables) {
    for (const format of ['csv', 'jsonl'] as const) {
      const stream = new DigestStream();
      for await (const chunk of simulatedDelivery(store, { table, format })) stream.update(chunk);
      digests.push(stream.finish());
    }
  }
  return digests;
}

test('the same seed gives the same bytes, another seed others', async () => {
  const digests = await digestsOf(1);
  assert.deepEqual(await digestsOf(1), digests);
  const others = await digestsOf(2);
  const high = await digestsOf(1 + 2 ** 40);
  for (const [at, digest] of digests.entries()) {
    assert.notEqual(others[at], digest);
    assert.notEqual(high[at], digest);
  }
});

test('CSV and JSON Lines say the same rows', async () => {
  const store = simulateStore(options);
  for (const table of tables) {
    const lines = (await textOf(store, { table, format: 'csv' })).split('\r\n');
    const objects = (await textOf(store, { table, format: 'jsonl' })).trimEnd().split('\n');
    assert.equal(lines.pop(), '');
    const header = lines.shift()!.split(',');
    assert.equal(lines.length, objects.length);
    objects.forEach((line, row) => {
      const object = JSON.parse(line) as Record<string, string | number | string[]>;
      assert.deepEqual(Object.keys(object), header);
      const cells = Object.values(object).map((cell) =>
        Array.isArray(cell) ? cell.join('|') : String(cell),
      );
      assert.equal(lines[row], cells.join(','));
    });
  }
});

test('plays have moments in UTC, and purchases a price of the currency of the storefront', async () => {
  const store = simulateStore({ ...options, storefronts: ['JP'] });
  const plays = (await textOf(store, { table: 'plays', format: 'jsonl' })).split('\n');
  assert.match(JSON.parse(plays[0]!).playedAt, /^2026-01-0\dT\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
  const purchases = (await textOf(store, { table: 'purchases', format: 'jsonl' })).trimEnd();
  for (const line of purchases.split('\n')) {
    const { price, currency } = JSON.parse(line);
    assert.equal(currency, 'JPY');
    assert.ok(Number.isInteger(price) && price > 0);
  }
});

test('deliveries by day add up to the whole', async () => {
  const store = simulateStore(options);
  const whole = await textOf(store, { table: 'plays', format: 'jsonl' });
  let parts = '';
  for (const [from, to] of [
    [0, 3],
    [3, 4],
    [4, 10],
  ] as const) {
    parts += await textOf(store, { table: 'plays', format: 'jsonl', days: { from, to } });
  }
  assert.equal(parts, whole);
});
