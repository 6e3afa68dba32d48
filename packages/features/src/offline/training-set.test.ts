import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { compileSpark, relation } from '@backlot/data';
import { BadFeatureView } from '../feature-error.ts';
import { agrees, listeningOracle } from '../oracle.fixture.ts';
import { featureView } from '../views/feature-view.ts';
import {
  account,
  drawPlays,
  featureWorld,
  hour,
  labels,
  listening,
  plays,
  start,
} from '../world.fixture.ts';
import { buildTrainingSet, trainingSet } from './training-set.ts';
import { cells } from './view-events.ts';

const latestOnly = featureView('last-play', {
  entity: account,
  from: relation(plays),
  at: 'playedAt',
  event: 'play',
  features: (of) => ({ lastItem: of.latest('item'), lastRating: of.latest('rating') }),
  ttl: { hours: 5 },
});

test('each label has what a look at every event gives, on random data', async (t) => {
  const world = await featureWorld(t);
  let [values, found] = [0, 0];
  for (let seed = 1; seed <= 4; seed++) {
    const random = seededRandom(seed);
    const events = drawPlays(random, 150);
    const wanted = Array.from({ length: 120 }, (_, label) => ({
      label,
      account: random.below(9) === 0 ? null : `a${random.below(5)}`,
      labelAt: random.below(9) === 0 ? null : start + random.below(80) * (hour / 4),
    }));
    const snapshots = [await world.give(plays, events), await world.give(labels, wanted)];
    const run = { snapshots, purpose: 'serve' } as const;
    for (const strict of [false, true]) {
      const options = { at: 'labelAt', strict, ...run } as const;
      const set = await buildTrainingSet(world.engine, relation(labels), [listening], options);
      assert.equal(set.rows, wanted.length, 'no label is lost');
      const label = cells(set.labels.label!);
      for (let row = 0; row < set.rows; row++) {
        const { account: key, labelAt } = wanted[label(row) as number]!;
        const truth = listeningOracle(events, key, labelAt, strict);
        const given = Object.values(set.features).map((column) => column[row]!);
        if (key === null || labelAt === null) assert.equal(given[0], null);
        else assert.ok(agrees(given, truth), `seed ${seed}, ${JSON.stringify([given, truth])}`);
        values += given.length;
        found += given.filter((value) => value !== null && value !== 0).length;
      }
      const joined = trainingSet(relation(labels), [latestOnly], { at: 'labelAt', strict });
      const rows = await world.engine.rows(joined, run);
      assert.equal(rows.length, wanted.length);
      for (const row of rows) {
        const truth = listeningOracle(events, row.account, row.labelAt, strict);
        assert.deepEqual([row.lastItem, row.lastRating], truth.slice(0, 2), `seed ${seed}`);
      }
    }
  }
  t.diagnostic(`values ${values}, of which something ${found}`);
  assert.ok(found > values / 3);
});

test('types flow from the columns, and what cannot be meant is refused', () => {
  const set = trainingSet(relation(labels), [latestOnly], { at: 'labelAt' });
  const types: { type: 'text'; nullable: true } | undefined = set.types?.shape.lastItem;
  assert.equal(types, undefined);
  assert.deepEqual(
    set.node.fields.map(({ name, type }) => [name, type]),
    [
      ['label', 'int'],
      ['account', 'text'],
      ['labelAt', 'timestamp'],
      ['lastItem', 'text'],
      ['lastRating', 'float'],
    ],
  );
  assert.deepEqual(compileSpark(set).tables.toSorted(), ['labels', 'plays'], 'Spark takes it too');
  assert.throws(
    () => trainingSet(relation(labels), [listening], { at: 'labelAt' }),
    BadFeatureView,
  );
  assert.throws(
    () => trainingSet(relation(labels), [latestOnly, latestOnly], { at: 'labelAt' }),
    BadFeatureView,
  );
  // @ts-expect-error a moment is a timestamp
  assert.throws(() => trainingSet(relation(labels), [latestOnly], { at: 'label' }));
  const options = {
    entity: account,
    from: relation(plays),
    at: 'playedAt',
    event: 'play',
  } as const;
  const bad = (features: () => object) => assert.throws(features, BadFeatureView);
  const day = { window: { days: 1 } } as const;
  bad(() =>
    featureView('v', {
      ...options,
      // @ts-expect-error a text has no sum
      features: (of) => ({ a: of.sum('item', day) }),
    }),
  );
  bad(() =>
    featureView('v', {
      ...options,
      // @ts-expect-error there is no such column
      features: (of) => ({ a: of.latest('none') }),
    }),
  );
  bad(() => featureView('v', { ...options, features: () => ({}) }));
  bad(() =>
    featureView('v', {
      ...options,
      features: (of) => ({ a: of.count({ window: { hours: 3 }, tile: { hours: 2 } }) }),
    }),
  );
});
