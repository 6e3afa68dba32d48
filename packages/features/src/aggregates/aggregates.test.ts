import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import fc from 'fast-check';
import { exactSum } from '../oracle.fixture.ts';
import type { AggregatedEvent } from './aggregate.ts';
import { type AggregateName, aggregateOf } from './aggregates.ts';

const settings: readonly { aggregate: AggregateName; k?: number; quantile?: number }[] = [
  ...(['count', 'sum', 'mean', 'min', 'max', 'distinct'] as const).map((aggregate) => ({
    aggregate,
  })),
  { aggregate: 'last', k: 4 },
  { aggregate: 'quantile', quantile: 0.9 },
];

const number = fc.oneof(
  fc.integer({ min: -50, max: 50 }),
  fc.double({ noNaN: true, min: -1e150, max: 1e150 }),
  fc.constantFrom(-0, 1e-320, Number.NaN, Number.POSITIVE_INFINITY, 1e16, 1),
);
const events = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.option(number)), { maxLength: 400 })
  .map((drawn) => drawn.map(([at, value], id): AggregatedEvent => ({ at, id, value })));

test('merging is associative and commutative, and any split in any order is the whole', () => {
  for (const setting of settings) {
    const aggregate = aggregateOf({ ...setting, type: 'float', column: 'x' });
    const of = (some: readonly AggregatedEvent[]) =>
      some.reduce(aggregate.update, aggregate.prepare());
    const merged = (...states: unknown[]) => states.reduce(aggregate.merge, aggregate.prepare());
    const law = fc.property(events, fc.nat(), fc.nat(), fc.integer(), (all, one, other, seed) => {
      const [low, high] = [one % (all.length + 1), other % (all.length + 1)].sort((a, b) => a - b);
      const order = [...all].sort((a, b) => mix(Number(a.id), seed) - mix(Number(b.id), seed));
      const parts = [order.slice(0, low), order.slice(low, high), order.slice(high)];
      const whole = aggregate.finalise(of(all));
      const [a, b, c] = parts.map(of);
      assert.deepEqual(aggregate.finalise(merged(a, b, c)), whole);
      assert.deepEqual(aggregate.finalise(merged(c, a, b)), whole);
      assert.deepEqual(aggregate.finalise(merged(a, merged(b, c))), whole);
    });
    fc.assert(law, { numRuns: 60, seed: 11 });
  }
});

function mix(id: number, seed: number): number {
  return Math.imul(id + 1, 0x9e3779b1 ^ seed) >>> 0;
}

test('sums are exact, rounded once', () => {
  const sum = aggregateOf({ aggregate: 'sum', type: 'float', column: 'x' });
  const of = (values: readonly number[]) =>
    sum.finalise(
      values.reduce((state, value, id) => sum.update(state, { at: 0, id, value }), sum.prepare()),
    );
  assert.equal(of([1e16, 1, -1e16]), 1);
  assert.equal(of(new Array(10).fill(0.1)), 1);
  assert.equal(
    of([1e308, 1e308, -1e308]),
    Number.POSITIVE_INFINITY,
    'beyond the range, as is said',
  );
  const values = fc.array(fc.double({ noNaN: true, min: -1e200, max: 1e200 }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(values, (some) => assert.equal(of(some), exactSum(some) + 0)),
    { numRuns: 500, seed: 3 },
  );
  assert.equal(of([]), null);
});

test('distinct counts are exact when few, and within their error when many', (t) => {
  const distinct = aggregateOf({ aggregate: 'distinct', type: 'int', column: 'x' });
  const errors: number[] = [];
  for (const [size, times] of [
    [256, 1],
    [257, 20],
    [3_000, 20],
    [10_000, 20],
    [100_000, 5],
  ] as const) {
    for (let run = 0; run < times; run++) {
      let state = distinct.prepare();
      for (let id = 0; id < size; id++) {
        state = distinct.update(state, { at: 0, id, value: `v${run}-${id * 7}` });
      }
      const error = Number(distinct.finalise(state)) / size - 1;
      if (size === 256) assert.equal(error, 0);
      else errors.push(error);
    }
  }
  const spread = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
  t.diagnostic(`standard error ${spread.toFixed(4)}, stated 0.0163`);
  assert.ok(spread < 0.0163 * 1.3 && Math.max(...errors.map(Math.abs)) < 4.5 * 0.0163);
});

test('quantiles are within 1% of the value at their rank, whatever the distribution', () => {
  const random = seededRandom(5);
  for (const draw of [
    () => random.below(1000) - 500,
    () => Math.exp(random.below(200) - 100),
    () => -1 / (1 + random.below(10_000)),
  ]) {
    const values = Array.from({ length: 999 }, draw);
    const sorted = [...values].sort((a, b) => a - b);
    for (const quantile of [0, 0.01, 0.5, 0.99, 1]) {
      const sketch = aggregateOf({ aggregate: 'quantile', quantile, type: 'float', column: 'x' });
      const state = values.reduce(
        (held, value, id) => sketch.update(held, { at: 0, id, value }),
        sketch.prepare(),
      );
      const truth = sorted[Math.floor(quantile * 998)]!;
      const error = Math.abs(Number(sketch.finalise(state)) - truth);
      assert.ok(error <= 0.01 * Math.abs(truth) * (1 + 1e-9), `${quantile} of ${truth}`);
    }
  }
});
