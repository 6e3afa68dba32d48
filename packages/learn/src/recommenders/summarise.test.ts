import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import {
  activityOf,
  comparePaired,
  interactionsFromPairs,
  summarise,
  type UserMetrics,
} from '../index.ts';

function metricsOf(recall: readonly number[]): UserMetrics {
  const values = Float64Array.from(recall);
  return {
    k: 10,
    users: Int32Array.from(values.keys()),
    recall: values,
    ndcg: values.map((value) => value / 2),
    recommendedPopularity: values.map(() => 6),
    consumedPopularity: values.map(() => 3),
    coverage: 0.25,
  };
}

test('a summary has the means, and intervals that hold them', () => {
  const summary = summarise(metricsOf([0, 1, 1, 0.5]), { seed: 1, level: 0.9 });
  assert.equal(summary.recall.mean, 0.625);
  assert.equal(summary.ndcg.mean, 0.3125);
  assert.equal(summary.popularityBias, 2);
  assert.deepEqual([summary.k, summary.coverage, summary.level, summary.users], [10, 0.25, 0.9, 4]);
  assert.ok(summary.recall.low < 0.625 && summary.recall.high > 0.625);
  assert.deepEqual(summary, summarise(metricsOf([0, 1, 1, 0.5]), { seed: 1, level: 0.9 }));
});

test('intervals cover the truth about as often as they say', () => {
  const random = seededRandom(3);
  let covered = 0;
  const rounds = 300;
  for (let round = 0; round < rounds; round++) {
    const values = Array.from({ length: 80 }, () => (random.uniform() < 0.3 ? 1 : 0));
    const { recall } = summarise(metricsOf(values), { seed: round, level: 0.9, resamples: 200 });
    if (recall.low <= 0.3 && recall.high >= 0.3) covered++;
  }
  // 0.9 within four standard errors of the simulation, and the percentile bootstrap's small shortfall.
  assert.ok(covered / rounds > 0.82 && covered / rounds < 0.97, `${covered / rounds}`);
});

test('slices hold their own users', () => {
  const country = ['fr', 'de', 'fr', 'de'];
  const { slices } = summarise(metricsOf([0, 1, 0.5, 0]), { seed: 1, attributes: { country } });
  assert.deepEqual(Object.keys(slices.country!), ['de', 'fr']);
  assert.equal(slices.country!.fr!.recall.mean, 0.25);
  assert.equal(slices.country!.de!.users, 2);
  const short = { country: ['fr'] };
  assert.throws(() => summarise(metricsOf([0, 1]), { seed: 1, attributes: short }), {
    code: 'E-LEARN-005',
  });
});

test('a paired difference sees what is the same for all users', () => {
  const random = seededRandom(4);
  const base = Array.from({ length: 200 }, () => random.uniform());
  const better = base.map((value) => value + 0.01);
  const { recall } = comparePaired(metricsOf(better), metricsOf(base), { seed: 1 });
  assert.ok(Math.abs(recall.mean - 0.01) < 1e-12 && recall.low > 0.0099 && recall.high < 0.0101);
  assert.throws(() => comparePaired(metricsOf([1]), metricsOf([1, 2]), { seed: 1 }), {
    code: 'E-LEARN-005',
  });
});

test('a level or a number of resamples that is none is refused', () => {
  for (const bad of [{ level: 0 }, { level: 1 }, { level: NaN }, { resamples: 0 }]) {
    assert.throws(() => summarise(metricsOf([1]), { seed: 1, ...bad }), { code: 'E-LEARN-005' });
  }
});

test('activity is counted in bands', () => {
  const userIndices = [0, 1, 1, 1, 1, 1, 1];
  const itemIndices = [0, 0, 1, 2, 3, 4, 5];
  const train = interactionsFromPairs({ users: 3, items: 6, userIndices, itemIndices });
  assert.deepEqual(activityOf(train), ['1-4', '5-9', '0']);
});
