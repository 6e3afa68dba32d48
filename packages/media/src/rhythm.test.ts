import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mediaKindNames } from './media-kind.ts';
import { eventsByDay, hourTable, zoneOffsets } from './rhythm.ts';

const monday = Date.UTC(2026, 0, 5);
const hour = 3_600_000;

test('the days get all events, and Saturday the most of them', () => {
  const counts = eventsByDay(100_003, 14, monday);
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    100_003,
  );
  assert.equal(counts.indexOf(Math.max(...counts)) % 7, 5);
  const fromSaturday = eventsByDay(10_000, 7, Date.UTC(2026, 0, 3));
  assert.equal(fromSaturday.indexOf(Math.max(...fromSaturday)), 0);
  assert.ok(eventsByDay(1_000, 7, Date.UTC(1969, 5, 1)).every((count) => count > 0));
});

test('an hour table holds every hour, as often as its weight asks', () => {
  for (const kind of mediaKindNames) {
    const table = hourTable(kind);
    assert.equal(new Set(table).size, 24);
    assert.deepEqual(
      [...table],
      [...table].sort((a, b) => a - b),
    );
  }
  const evening = hourTable('film').filter((at) => at >= 18).length;
  assert.ok(evening > 1_024 / 2);
});

test('an offset follows the zone and its summer time', () => {
  const offsets = zoneOffsets([
    'America/Los_Angeles',
    'Asia/Katmandu',
    'Pacific/Tongatapu',
    'Asia/Tokyo',
  ]);
  const january = [-8 * hour, 5.75 * hour, 13 * hour, 9 * hour];
  assert.deepEqual([...offsets(monday + 12 * hour)], january);
  assert.deepEqual(
    [...offsets(Date.UTC(2026, 6, 1, 12))],
    [-7 * hour, 5.75 * hour, 13 * hour, 9 * hour],
  );
});
