import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulatedClock } from '@backlot/testing';
import { EndpointMetrics } from './endpoint-metrics.ts';

test('quantiles are exact over the recent answers and at most a quarter high in the histogram', () => {
  const metrics = new EndpointMetrics(simulatedClock({ startMs: 600_000 }));
  assert.equal(metrics.figures().p50Ms, undefined);
  for (let ms = 1; ms <= 1_000; ms++) metrics.answered('account', ms);
  const figures = metrics.figures();
  assert.deepEqual([figures.p50Ms, figures.p99Ms], [500, 990]);
  const [minute] = figures.minutes;
  assert.ok(minute!.p50Ms >= 500 && minute!.p50Ms <= 625);
  assert.ok(minute!.p99Ms >= 990 && minute!.p99Ms <= 1_238);
  for (let index = 0; index < 2_048; index++) metrics.answered('account', 7);
  assert.equal(metrics.figures().p99Ms, 7, 'older answers have left the window');
});

test('buckets are cumulative and the last one holds everything', () => {
  const metrics = new EndpointMetrics(simulatedClock());
  for (const ms of [0.01, 0.05, 3, 1e9]) metrics.answered('popularity', ms);
  const { buckets, count, sumMs } = metrics.figures().latency;
  assert.equal(count, 4);
  assert.equal(sumMs, 0.01 + 0.05 + 3 + 1e9);
  assert.deepEqual(buckets[0], { leMs: 0.05, count: 2 });
  assert.deepEqual(buckets.at(-1), { leMs: null, count: 4 });
  assert.equal(buckets.at(-2)!.count, 3);
  assert.ok(
    buckets.every(({ count: own }, index) => index === 0 || own >= buckets[index - 1]!.count),
  );
});

test('errors are counted by code, and an hour of minutes is kept', () => {
  const clock = simulatedClock({ startMs: 0 });
  const metrics = new EndpointMetrics(clock);
  metrics.failed('E-SERVING-002');
  for (let minute = 0; minute < 90; minute++) {
    metrics.answered('account', 1);
    clock.advance(60_000);
  }
  const { requests, errors, errorCodes, minutes } = metrics.figures();
  assert.deepEqual([requests, errors], [91, 1]);
  assert.deepEqual(errorCodes, { 'E-SERVING-002': 1 });
  assert.equal(minutes.length, 60);
  assert.equal(minutes[0]!.at, 30 * 60_000);
});
