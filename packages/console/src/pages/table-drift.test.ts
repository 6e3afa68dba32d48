import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driftOf } from './table-drift.ts';

const histogram = (...counts: number[]) => ({
  name: 'x',
  nulls: 0,
  exact: true,
  distinct: 4,
  histogram: { low: 0, high: 1, counts },
});
const top = (shares: Readonly<Record<string, number>>) => ({
  name: 'x',
  nulls: 0,
  exact: true,
  distinct: 2,
  top: Object.entries(shares).map(([value, rows]) => ({ value, rows })),
});

test('equal shapes do not drift, whatever their size', () => {
  assert.equal(driftOf(histogram(10, 20, 30), histogram(1, 2, 3)), 0);
});

test('the index is the sum of (p - q) ln(p / q)', () => {
  const expected = (0.75 - 0.5) * Math.log(0.75 / 0.5) + (0.25 - 0.5) * Math.log(0.25 / 0.5);
  assert.ok(Math.abs(driftOf(histogram(3, 1), histogram(1, 1))! - expected) < 1e-12);
  assert.ok(Math.abs(driftOf(top({ tv: 3, web: 1 }), top({ web: 1, tv: 1 }))! - expected) < 1e-12);
});

test('a bin that empties stays finite; other bins or nothing to compare say nothing', () => {
  assert.ok(Number.isFinite(driftOf(histogram(1, 0), histogram(0, 1))));
  assert.equal(driftOf(histogram(1, 2), histogram(1, 2, 3)), undefined);
  assert.equal(driftOf(histogram(1, 2), undefined), undefined);
});
