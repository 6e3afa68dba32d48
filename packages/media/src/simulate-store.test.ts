import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMediaKind, mediaKindNames } from './media-kind.ts';
import { accountId, itemId, simulateStore } from './simulate-store.ts';
import { devices } from './simulated-events.ts';
import { SimulationRefused } from './simulation-options.ts';

const dayMs = 86_400_000;
const small = { seed: 3, accounts: 2_000, items: 1_000, days: 28, events: 60_000 };

test('the events are as many as asked for, and each is possible', () => {
  const store = simulateStore(small);
  const { simulation, truth } = store;
  const items = [...store.items()];
  let plays = 0;
  let purchases = 0;
  for (const batch of store.events()) {
    plays += batch.plays.size;
    purchases += batch.purchases.size;
    const { account, item, playedAt, msPlayed, storefront, device } = batch.plays;
    for (let row = 0; row < batch.plays.size; row++) {
      const played = items[item[row]!]!;
      const code = simulation.storefronts[storefront[row]!]!.code;
      assert.ok(played.storefronts.includes(code));
      assert.ok(truth.playRate(account[row]!, item[row]!, batch.day) > 0);
      const day = (playedAt[row]! - simulation.startsAt) / dayMs - batch.day;
      assert.ok(day > -14 / 24 && day < 1 + 12 / 24, 'within the day of some zone');
      assert.ok(msPlayed[row]! >= 1_000 && msPlayed[row]! <= played.durationMs);
      assert.ok(devices[device[row]!]);
    }
    for (let row = 0; row < batch.purchases.size; row++) {
      assert.ok(items[batch.purchases.item[row]!]!.price > 0);
      assert.ok(batch.purchases.level[row]! > 0);
    }
  }
  assert.equal(plays + purchases, small.events);
  assert.ok(purchases > 0.01 * plays && purchases < 0.2 * plays);
});

test('accounts and items are described in full, every kind and many locales among them', () => {
  const store = simulateStore(small);
  const accounts = [...store.accounts()];
  const items = [...store.items()];
  assert.equal(accounts.length, small.accounts);
  assert.equal(items.length, small.items);
  assert.equal(accounts[7]!.account, accountId(7));
  assert.equal(items[7]!.item, itemId(7));
  assert.deepEqual(new Set(items.map(({ kind }) => kind)), new Set(mediaKindNames));
  assert.ok(items.every(({ kind }) => isMediaKind(kind)));
  assert.ok(new Set(accounts.map(({ storefront }) => storefront)).size > 60);
  assert.ok(new Set(items.map(({ locale }) => locale)).size > 20);
  for (const item of items) {
    assert.ok(item.title.length > 0 && item.durationMs >= 10_000);
    assert.ok(item.genres.length >= 1 && item.genres.length <= 3);
    assert.match(item.releasedOn, /^\d{4}-\d{2}-\d{2}$/);
    assert.ok(item.storefronts.includes(item.origin));
  }
  assert.ok(
    items.some(({ releasedOn }) => releasedOn > '2026-01-15'),
    'some come out later',
  );
  assert.ok(
    items.some(({ storefronts }) => storefronts.length < 120),
    'some are sold in few places',
  );
});

test('activity and popularity are heavy-tailed', () => {
  const store = simulateStore(small);
  const byAccount = new Float64Array(small.accounts);
  const byItem = new Float64Array(small.items);
  let total = 0;
  for (const { plays } of store.events()) {
    total += plays.size;
    for (let row = 0; row < plays.size; row++) {
      byAccount[plays.account[row]!]! += 1;
      byItem[plays.item[row]!]! += 1;
    }
  }
  const topShare = (counts: Float64Array, share: number): number =>
    counts
      .toSorted()
      .slice(-Math.round(share * counts.length))
      .reduce((sum, count) => sum + count, 0) / total;
  assert.ok(topShare(byAccount, 0.01) > 0.08);
  assert.ok(topShare(byAccount, 0.2) > 0.45);
  assert.ok(topShare(byItem, 0.1) > 0.3);
});

test('films are watched in the evening of their own zone, and more on a Saturday', () => {
  const store = simulateStore({ ...small, storefronts: ['JP', 'US'] });
  const kinds = [...store.items()].map(({ kind }) => kind);
  const evenings = { JP: 0, US: 0 };
  const films = { JP: 0, US: 0 };
  const byWeekday = new Float64Array(7);
  const hourOf = (zone: string) =>
    new Intl.DateTimeFormat('en', { timeZone: zone, hour: 'numeric', hourCycle: 'h23' });
  const hours = { JP: hourOf('Asia/Tokyo'), US: hourOf('America/New_York') };
  for (const { day, plays } of store.events()) {
    byWeekday[day % 7]! += plays.size;
    for (let row = 0; row < plays.size; row++) {
      if (kinds[plays.item[row]!] !== 'film') continue;
      const code = plays.storefront[row] === 0 ? 'JP' : 'US';
      films[code]++;
      if (Number(hours[code].format(plays.playedAt[row])) >= 18) evenings[code]++;
    }
  }
  for (const code of ['JP', 'US'] as const) {
    assert.ok(films[code] > 300 && evenings[code] / films[code] > 0.5);
  }
  assert.equal(byWeekday.indexOf(Math.max(...byWeekday)), 5);
});

test('options that cannot be simulated are refused', () => {
  const wrong = [
    { accounts: 0 },
    { items: 5 },
    { days: 0.5 },
    { events: -1 },
    { seed: Number.NaN },
    { startsOn: '2026-13-01' },
    { startsOn: 'yesterday' },
    { storefronts: [] },
    { storefronts: ['ZZ'] },
  ];
  for (const option of wrong) {
    assert.throws(() => simulateStore({ ...small, ...option }), SimulationRefused);
  }
});

test('a store of the least size, and one without events, still work', () => {
  const least = { seed: 9, accounts: 1, items: 6, days: 1, events: 3 };
  let events = 0;
  for (const { plays, purchases } of simulateStore(least).events()) {
    events += plays.size + purchases.size;
  }
  assert.equal(events, 3);
  assert.deepEqual([...simulateStore({ ...least, events: 0 }).events()], []);
});

test('how fast events come is told, not judged', (context) => {
  const started = performance.now();
  let events = 0;
  const options = { seed: 1, accounts: 20_000, items: 5_000, days: 90, events: 200_000 };
  for (const { plays, purchases } of simulateStore(options).events()) {
    events += plays.size + purchases.size;
  }
  const seconds = (performance.now() - started) / 1_000;
  context.diagnostic(`${Math.round(events / seconds).toLocaleString('en')} events a second`);
  assert.equal(events, options.events);
});
