import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOfBytes, seededRandom } from '@backlot/core';
import { relation } from '@backlot/data';
import {
  BadEvent,
  BuildUnderWay,
  FeatureVersionRefused,
  UnknownFeatureView,
  ValueTooLarge,
} from '../feature-error.ts';
import { agrees, listeningOracle } from '../oracle.fixture.ts';
import { type FeatureView, featurePins, featureView } from '../views/feature-view.ts';
import {
  account,
  drawPlays,
  featureWorld,
  hour,
  listening,
  type Play,
  plays,
  start,
} from '../world.fixture.ts';
import { checkConsistency } from './consistency.ts';
import { MemoryStore } from './memory-store.ts';
import { OnlineFeatures } from './online-features.ts';
import { findSection, stateIn, tagOf, withSection } from './row.ts';

const keys = ['a0', 'a1', 'a2', 'a3', 'nobody'];

function opened(store = new MemoryStore(), views: readonly FeatureView[] = [listening]) {
  const clock = { micros: start, now: () => clock.micros / 1_000 };
  return { store, clock, online: new OnlineFeatures({ store, clock, workspace: 'main', views }) };
}

function valuesOf(row: object): readonly never[] {
  return Object.keys(listening.features).map((name) => (row as Record<string, never>)[name]!);
}

test('what is served is what a look at every event gives: built, pushed, late, out of order', async (t) => {
  const world = await featureWorld(t);
  let [values, late] = [0, 0];
  for (let seed = 1; seed <= 3; seed++) {
    const random = seededRandom(seed);
    const all = drawPlays(random, 240).filter(
      (one) => one.playedAt !== null && one.account !== null,
    );
    const byTime = all.toSorted((a, b) => a.playedAt! - b.playedAt!);
    const { clock, online } = opened();
    let inTables: readonly Play[] = [];
    let known: readonly Play[] = [];
    for (let step = 1; step <= 5; step++) {
      // Deliveries bring all so far; between them events are pushed, some twice, some out of order.
      const upTo = start + step * 3 * hour;
      const happened = byTime.filter(({ playedAt }) => playedAt! <= upTo);
      clock.micros = upTo;
      const fresh = happened.filter((one) => !known.includes(one));
      const shuffled = fresh.toSorted((a, b) => (a.play < b.play ? -1 : 1));
      if (step % 2 === 0) {
        const outcome = await online.push('listening', [
          ...shuffled,
          ...shuffled.slice(0, 3),
        ] as never);
        assert.equal(outcome.accepted, fresh.length);
        late += outcome.late;
        known = happened;
      } else {
        inTables = known = happened;
        const snapshots = [await world.give(plays, inTables)];
        await online.build(listening, {
          engine: world.engine,
          run: { snapshots, purpose: 'serve' },
        });
      }
      for (const wait of [0, 1, hour / 2, hour - 1, 4 * hour]) {
        clock.micros = upTo + wait;
        const { rows, at } = await online.read([listening], keys);
        const json = await online.readJson([listening], keys);
        rows.forEach((row, index) => {
          const truth = listeningOracle(known, keys[index]!, at);
          assert.ok(agrees(valuesOf(row), truth), `seed ${seed} step ${step} wait ${wait}`);
          assert.deepEqual(JSON.parse(json[index]!), valuesOf(row));
          values += truth.length;
        });
      }
    }
  }
  t.diagnostic(`values ${values}`);
  assert.equal(late, 0);
});

test('a whole build, builds by steps, and one that broke off twice come to the same', async (t) => {
  const world = await featureWorld(t);
  const events = drawPlays(seededRandom(9), 300);
  const snapshots = [await world.give(plays, events)];
  const options = { engine: world.engine, run: { snapshots, purpose: 'serve' } } as const;
  const end = start + 30 * hour;
  const whole = opened();
  whole.clock.micros = end;
  await whole.online.build(listening, options);
  const steps = opened();
  for (const to of [start + 3 * hour, start + 7 * hour + 1, end]) {
    steps.clock.micros = to;
    await steps.online.build(listening, { ...options, to });
  }
  const broken = opened(new BreakingStore());
  for (const wholly of [true, false]) {
    broken.clock.micros = wholly ? start + 5 * hour : end;
    (broken.store as BreakingStore).left = wholly ? 2 : 3;
    await assert.rejects(broken.online.build(listening, { ...options, whole: wholly }), /broke/);
    assert.ok((await broken.online.facts('listening')).building);
    const again = await broken.online.build(listening, { ...options, whole: wholly });
    assert.ok(again.resumed);
  }
  for (const wait of [0, 2 * hour]) {
    for (const { clock } of [whole, steps, broken]) clock.micros = end + wait;
    const { rows } = await whole.online.read([listening], keys);
    assert.deepEqual((await steps.online.read([listening], keys)).rows, rows);
    assert.deepEqual((await broken.online.read([listening], keys)).rows, rows);
  }
  const again = await whole.online.build(listening, options);
  assert.deepEqual([again.events, again.resumed], [0, false], 'nothing is new');
});

/** Fails after some updates of rows. */
class BreakingStore extends MemoryStore {
  left = Number.POSITIVE_INFINITY;

  override async update(...change: Parameters<MemoryStore['update']>): Promise<void> {
    if (this.left-- === 0) throw new Error('the store broke');
    await super.update(...change);
  }
}

test('a whole build brings what was late and takes away what the tables no longer have', async (t) => {
  const world = await featureWorld(t);
  const { clock, online } = opened();
  clock.micros = start + 2 * hour;
  const play = (name: string, key: string, at: number): Play => ({
    ...{ play: name, account: key, item: name, playedAt: at, ms: 1, rating: 1 },
  });
  const run = (snapshot: Awaited<ReturnType<typeof world.give>>) => ({
    ...{ engine: world.engine, run: { snapshots: [snapshot], purpose: 'serve' as const } },
  });
  const first = await world.give(plays, [
    play('p1', 'a0', start + hour),
    play('p2', 'a1', start + hour),
  ]);
  await online.build('listening', run(first));
  const old = play('p0', 'a0', start + 1) as never;
  assert.deepEqual(await online.push('listening', [old]), { accepted: 0, repeated: 0, late: 1 });
  const second = await world.give(plays, [old, play('p1', 'a0', start + hour)]);
  await online.build('listening', run(second));
  assert.equal((await online.read([listening], ['a0'])).rows[0]?.plays, 1, 'late rows wait');
  await online.build('listening', { ...run(second), whole: true });
  const { rows } = await online.read([listening], ['a0', 'a1']);
  assert.deepEqual(
    rows.map(({ plays: count, lastItem }) => [count, lastItem]),
    [
      [2, 'p1'],
      [0, null],
    ],
  );
  assert.equal((await online.facts('listening')).keys, 1);
});

test('a check of consistency is empty, and finds a value that was spoilt', async (t) => {
  const world = await featureWorld(t);
  const { store, clock, online } = opened();
  clock.micros = start + 9 * hour;
  const past = drawPlays(seededRandom(3), 300).filter(
    ({ playedAt }) => playedAt! <= start + 9 * hour,
  );
  const snapshots = [await world.give(plays, past)];
  const options = { engine: world.engine, run: { snapshots, purpose: 'serve' } } as const;
  await online.build(listening, options);
  clock.micros += 17 * 60_000_000;
  const check = () => checkConsistency(online, listening, { ...options, sample: 3, seed: 1 });
  const clean = await check();
  assert.deepEqual([clean.keys, clean.values, clean.mismatches], [3, 33, []]);
  const tag = tagOf(listening.digest);
  const everyKey = await store.keys('main/account', { limit: 9 });
  await store.update('main/account', everyKey, (_, row) => {
    const state = stateIn(findSection(row, tag)!);
    for (const [tile, count] of state.tiles[0]!) state.tiles[0]!.set(tile, Number(count) + 1);
    return withSection(row, tag, { validFrom: 0, validUntil: 0, values: [], state });
  });
  const spoilt = await check();
  assert.deepEqual([...new Set(spoilt.mismatches.map(({ feature }) => feature))], ['plays']);
  assert.ok(spoilt.mismatches.every(({ served, offline }) => Number(served) > Number(offline)));
});

test('versions are pinned, builds exclude each other, keys are erased, old things expire', async (t) => {
  const world = await featureWorld(t);
  const last = featureView('last', {
    ...({ entity: account, from: relation(plays), at: 'playedAt', event: 'play' } as const),
    features: (of) => ({ item: of.latest('item') }),
    ttl: { hours: 1 },
  });
  const { store, clock, online } = opened(new MemoryStore(), [listening, last]);
  clock.micros = start + 9 * hour;
  const snapshots = [await world.give(plays, drawPlays(seededRandom(4), 100))];
  const options = { engine: world.engine, run: { snapshots, purpose: 'serve' } } as const;
  const [one, two] = await Promise.allSettled([
    online.build('last', options),
    online.build('last', options),
  ]);
  assert.equal(one.status, 'fulfilled');
  assert.ok(two.status === 'rejected' && two.reason instanceof BuildUnderWay);
  await online.build('listening', options);

  online.assertPins(featurePins([listening, last]));
  const other = digestOfBytes('another');
  assert.throws(() => online.assertPins({ listening: other }), FeatureVersionRefused);
  assert.throws(() => online.assertPins({ none: other }), UnknownFeatureView);
  const changed = featureView('listening', {
    ...({ entity: account, from: relation(plays), at: 'playedAt', event: 'play' } as const),
    features: (of) => ({ item: of.latest('item') }),
  });
  assert.notEqual(changed.digest, listening.digest);
  await assert.rejects(online.read([changed], ['a0']), FeatureVersionRefused);
  const both = await online.read([listening, last], ['a0']);
  assert.equal(Object.keys(both.rows[0]!).length, 12, 'one vector of both views');

  const row = { account: 'a0', play: 'q', playedAt: clock.micros, item: 'x', ms: 1, rating: 1 };
  const ahead = { playedAt: clock.micros + 25 * hour };
  for (const bad of [
    ahead,
    { playedAt: null },
    { account: undefined },
    { ms: 1.5 },
    { rating: 'much' },
  ]) {
    await assert.rejects(online.push('listening', [{ ...row, ...bad }]), BadEvent);
  }
  assert.equal(await online.erase('account', ['a0', 'nobody']), 1);
  assert.deepEqual((await online.read([listening], ['a0'])).rows[0]?.plays, 0);
  assert.equal(await online.expire(), 3);
  clock.micros += 48 * hour;
  assert.equal(await online.expire(), 0);
  const huge = { ...row, playedAt: clock.micros - 1, item: 'x'.repeat(1.5 * 2 ** 20) };
  await assert.rejects(online.push('listening', [huge]), ValueTooLarge);
  assert.deepEqual(await store.keys('main/account', { limit: 9 }), []);
});

test('a key of many pushed events is summed up, and stays right', async () => {
  const { clock, online } = opened();
  clock.micros = start + 5 * hour;
  const all = Array.from(
    { length: 2_500 },
    (_, index): Play => ({
      ...{ play: `p${index}`, account: 'a0', item: `i${index % 7}`, ms: index, rating: 0.1 },
      playedAt: start + index * 6_000_000,
    }),
  );
  for (let at = 0; at < all.length; at += 500)
    await online.push('listening', all.slice(at, at + 500) as never);
  const { rows, at } = await online.read([listening], ['a0']);
  assert.ok(agrees(valuesOf(rows[0]!), listeningOracle(all, 'a0', at)));
});

const many = (count: number): readonly Play[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ play: `p${String(index).padStart(5, '0')}`, account: 'a0', item: 'x', ms: 1, rating: 1 },
    playedAt: start + hour + index * 1_000_000,
  }));

test('a build after pushes were summed up brings what was never pushed', async (t) => {
  const world = await featureWorld(t);
  const { clock, online } = opened();
  clock.micros = start + 3 * hour;
  const first: Play = { ...many(1)[0]!, play: 'first', playedAt: start };
  const run = async (rows: readonly Play[]) => ({
    ...{ engine: world.engine },
    run: { snapshots: [await world.give(plays, rows)], purpose: 'serve' as const },
  });
  await online.build('listening', await run([first]));
  const all = many(3_000);
  await online.push('listening', all.filter((_, index) => index % 2 === 0) as never);
  // The tables are behind what is summed up: what was pushed stays until they are not.
  await online.build('listening', await run([first, ...all.slice(0, 100)]));
  const plays6h = async () => (await online.read([listening], ['a0'])).rows[0]?.plays;
  assert.equal(await plays6h(), 1_501);
  await online.build('listening', await run([first, ...all]));
  assert.equal(await plays6h(), 3_001);
  await online.push('listening', [{ ...all[0]!, play: 'new', playedAt: clock.micros }] as never);
  assert.equal(await plays6h(), 3_002);
});

test('a build by steps takes away what was pushed and is in no table', async (t) => {
  const world = await featureWorld(t);
  const { clock, online } = opened();
  clock.micros = start + 3 * hour;
  const play = (name: string, key: string, at: number): Play => ({
    ...{ play: name, account: key, item: name, playedAt: at, ms: 1, rating: 1 },
  });
  const known = [play('p0', 'a0', start), play('p0', 'a1', start + 1)];
  const build = async (rows: readonly Play[]) => {
    const snapshots = [await world.give(plays, rows)];
    await online.build('listening', { engine: world.engine, run: { snapshots, purpose: 'serve' } });
  };
  await build(known);
  const gone = ['a1', 'a2'].map((key) => play('gone', key, start + hour));
  const ahead = play('ahead', 'a2', start + 2 * hour);
  await online.push('listening', [...gone, ahead] as never);
  await build([...known, play('p1', 'a0', start + hour + 5)]);
  const { rows } = await online.read([listening], ['a0', 'a1', 'a2']);
  assert.deepEqual(
    rows.map(({ plays: count }) => count),
    [2, 1, 1],
  );
});
