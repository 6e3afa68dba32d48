import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulateStore } from './simulate-store.ts';

test('plays and purchases come at the rates that the truth states, cell by cell', () => {
  // Pearson's statistic over accounts x items of each day, cells of small expectation pooled.
  const options = { seed: 5, accounts: 25, items: 40, days: 4, events: 160_000 };
  const store = simulateStore({ ...options, storefronts: ['US', 'JP', 'DE'] });
  const cells = options.accounts * options.items;
  const observed = Array.from({ length: options.days }, () => new Float64Array(2 * cells));
  for (const { day, plays, purchases } of store.events()) {
    for (const [offset, batch] of [
      [0, plays],
      [cells, purchases],
    ] as const) {
      for (let row = 0; row < batch.size; row++) {
        observed[day]![offset + batch.account[row]! * options.items + batch.item[row]!]! += 1;
      }
    }
  }
  let statistic = 0;
  let freedom = 0;
  observed.forEach((counts, day) => {
    const rates = new Float64Array(2 * cells);
    for (let cell = 0; cell < cells; cell++) {
      const account = Math.floor(cell / options.items);
      const item = cell % options.items;
      rates[cell] = store.truth.playRate(account, item, day);
      rates[cells + cell] = store.truth.purchaseRate(account, item, day);
    }
    const { statistic: found, groups } = pearson(counts, rates);
    statistic += found;
    freedom += groups - 1;
  });
  assert.ok(freedom > 1_000);
  // The mean of chi-square is its degrees of freedom, its variance twice that; five deviations.
  const deviations = (statistic - freedom) / Math.sqrt(2 * freedom);
  assert.ok(Math.abs(deviations) < 5, `${statistic} on ${freedom}: ${deviations} deviations`);
});

function pearson(
  counts: Float64Array,
  rates: Float64Array,
): { readonly statistic: number; readonly groups: number } {
  const count = counts.reduce((sum, value) => sum + value, 0);
  const rate = rates.reduce((sum, value) => sum + value, 0);
  let statistic = 0;
  let groups = 0;
  let pooledCount = 0;
  let pooledExpected = 0;
  const close = (): void => {
    statistic += (pooledCount - pooledExpected) ** 2 / pooledExpected;
    groups++;
    pooledCount = 0;
    pooledExpected = 0;
  };
  counts.forEach((value, cell) => {
    if (rates[cell] === 0) assert.equal(value, 0, 'what has no rate never happens');
    pooledCount += value;
    pooledExpected += (rates[cell]! / rate) * count;
    if (pooledExpected >= 8) close();
  });
  if (pooledExpected > 0) close();
  return { statistic, groups };
}

test('a difference in differences finds the lift of the promotion, and none before it', () => {
  const store = simulateStore({
    seed: 8,
    accounts: 20_000,
    items: 4_000,
    days: 20,
    events: 400_000,
  });
  const { promotion } = store.truth;
  const treated = Uint8Array.from({ length: 20_000 }, (_, account) =>
    promotion.isTreated(account) ? 1 : 0,
  );
  const badged = Uint8Array.from({ length: 4_000 }, (_, item) =>
    promotion.isBadged(item) ? 1 : 0,
  );
  const during = [0, 0, 0, 0];
  const before = [0, 0, 0, 0];
  for (const { day, plays } of store.events()) {
    if (day >= promotion.toDay) break;
    const counts = day >= promotion.fromDay ? during : before;
    for (let row = 0; row < plays.size; row++) {
      counts[2 * treated[plays.account[row]!]! + badged[plays.item[row]!]!]! += 1;
    }
  }
  const change = logOddsRatio(during);
  const placebo = logOddsRatio(before);
  // Accounts differ in taste, which adds to the counting error: over ten seeds both
  // figures had a standard deviation of about 0.02. The bound is four of them.
  assert.ok(Math.abs(change - placebo - Math.log(promotion.lift)) < 0.08, `${change} ${placebo}`);
  assert.ok(Math.abs(placebo) < 0.08, `${placebo}`);
});

/** The logarithm of (treated, badged) x (control, plain) over the other two. */
function logOddsRatio([plain, badged, treatedPlain, treatedBadged]: readonly number[]): number {
  return Math.log(treatedBadged! / treatedPlain! / (badged! / plain!));
}

test('purchases fall with the price by the stated elasticity', () => {
  const store = simulateStore({ seed: 4, accounts: 5_000, items: 600, days: 56, events: 400_000 });
  const { price } = store.truth;
  const paid = [...store.items()].map((item) => item.price > 0);
  const bought = new Map(price.factors.map((factor) => [factor, 0]));
  const played = new Map(price.factors.map((factor) => [factor, 0]));
  for (const { day, plays, purchases } of store.events()) {
    for (const [batch, counts] of [
      [plays, played],
      [purchases, bought],
    ] as const) {
      for (let row = 0; row < batch.size; row++) {
        const item = batch.item[row]!;
        if (!paid[item]) continue;
        const factor = price.factor(item, day);
        counts.set(factor, counts.get(factor)! + 1);
      }
    }
  }
  // Prices do not move plays, so purchases for each play give the demand curve.
  const points = price.factors.map((factor) => ({
    x: Math.log(factor),
    y: Math.log(bought.get(factor)! / played.get(factor)!),
  }));
  const mean = (of: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const x = mean((point) => point.x);
  const y = mean((point) => point.y);
  const slope = mean((p) => (p.x - x) * (p.y - y)) / mean((p) => (p.x - x) ** 2);
  assert.ok(Math.abs(slope + price.elasticity) < 0.1, `slope ${slope}`);
});

test('tastes and items are shares, tastes drift, and new items start from nothing', () => {
  const { truth } = simulateStore({ seed: 2, accounts: 50, items: 200, days: 100, events: 0 });
  const sum = (vector: Float64Array): number => vector.reduce((total, share) => total + share, 0);
  for (let account = 0; account < 50; account++) {
    const first = truth.taste(account, 0);
    const last = truth.taste(account, 99);
    assert.ok(Math.abs(sum(first) - 1) < 1e-6 && Math.abs(sum(last) - 1) < 1e-6);
    const moved = first.reduce((total, share, genre) => total + Math.abs(share - last[genre]!), 0);
    assert.ok(moved > 0.02, 'a taste moves');
    for (let item = 0; item < 200; item++) {
      const vector = truth.itemVector(item);
      assert.ok(Math.abs(sum(vector) - 1) < 1e-6);
      const affinity = truth.affinity(account, item);
      assert.ok(affinity > 0 && affinity < 1);
    }
  }
  const unseen = Array.from({ length: 200 }, (_, item) => item).filter((item) =>
    Array.from({ length: 50 }, (_, account) => truth.playRate(account, item, 0)).every(
      (rate) => rate === 0,
    ),
  );
  assert.ok(unseen.length > 20, 'some items are not out on the first day');
  const later = unseen.filter((item) =>
    Array.from({ length: 50 }, (_, account) => truth.playRate(account, item, 99)).some(
      (rate) => rate > 0,
    ),
  );
  assert.ok(later.length > 0.9 * unseen.length, 'they come out later');
});
