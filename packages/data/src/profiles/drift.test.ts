import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ColumnProfile, SnapshotProfile } from '../duckdb/profile.ts';
import { driftBetween } from './drift.ts';

function profile(rows: number, column: Partial<ColumnProfile>): SnapshotProfile {
  return { rows, columns: [{ name: 'c', nulls: 0, distinct: 1, exact: true, ...column }] };
}

const uniform = (low: number, high: number): number[] =>
  Array.from({ length: 101 }, (_, index) => low + ((high - low) * index) / 100);

test('the same distribution has not moved', () => {
  const same = profile(10, { grid: uniform(0, 1), top: [{ value: 'a', rows: 10 }] });
  assert.deepEqual(driftBetween(same, same), [{ name: 'c', nulls: 0, psi: 0, ks: 0, top: 0 }]);
});

test('a shifted uniform distribution moves by what it was shifted', () => {
  const [drift] = driftBetween(
    profile(100, { grid: uniform(0, 1) }),
    profile(100, { grid: uniform(0.3, 1.3), nulls: 20 }),
  );
  assert.ok(Math.abs(drift!.ks! - 0.3) < 1e-9);
  assert.equal(drift!.nulls, 0.2);
  // By hand: three tenths are empty now, six are as they were, the last holds four tenths.
  const e = 1e-4;
  const expected = 3 * (e - 0.1) * Math.log(e / 0.1) + (0.4 - 0.1) * Math.log(0.4 / 0.1);
  assert.ok(Math.abs(drift!.psi! - expected) < 1e-9);
});

test('top values move by total variation; a step moves where the values repeat', () => {
  const [drift] = driftBetween(
    profile(10, {
      top: [
        { value: 'a', rows: 7 },
        { value: 'b', rows: 3 },
      ],
    }),
    profile(20, {
      top: [
        { value: 'a', rows: 10 },
        { value: 'c', rows: 10 },
      ],
    }),
  );
  // Half of |0.7-0.5| + 0.3 + 0.5.
  assert.ok(Math.abs(drift!.top! - 0.5) < 1e-12);
  const half = (share: number): number[] =>
    Array.from({ length: 101 }, (_, index) => (index < share * 100 ? 0 : 1));
  const [step] = driftBetween(profile(10, { grid: half(0.5) }), profile(10, { grid: half(0.8) }));
  assert.ok(Math.abs(step!.ks! - 0.3) < 0.011);
});
