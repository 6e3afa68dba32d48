import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cron } from './cron.ts';
import { dueTimes } from './due-times.ts';
import { timesBetween } from './next-time.ts';

const hourly = cron('0 * * * *', 'UTC');
const hour = 3_600_000;

test('what was missed is run as the schedule says', () => {
  const [reached, now] = [0, 3 * hour + 120_000];
  const passed = [hour, 2 * hour, 3 * hour];
  assert.deepEqual(dueTimes(hourly, 'all', reached, now).run, passed);
  assert.deepEqual(dueTimes(hourly, 'latest', reached, now).run, [3 * hour]);
  assert.deepEqual(dueTimes(hourly, 'latest', reached, now).missed, [hour, 2 * hour]);
  assert.deepEqual(dueTimes(hourly, 'none', reached, now).run, []);
  assert.deepEqual(dueTimes(hourly, 'none', reached, 3 * hour + 10).run, [3 * hour]);
  assert.deepEqual(dueTimes(hourly, 'all', 3 * hour, now), {
    ...{ run: [], missed: [], reached: 3 * hour, more: false },
  });
});

test('however the clock is looked at, each time is decided once, and the latest missed one runs', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('none' as const, 'latest' as const, 'all' as const),
      fc.array(fc.integer({ min: 1, max: 1500 * hour }), { minLength: 1, maxLength: 6 }),
      (catchUp, steps) => {
        let [reached, now] = [0, 0];
        const decided: number[] = [];
        for (const step of steps) {
          now += step;
          for (let more = true; more; ) {
            const due = dueTimes(hourly, catchUp, reached, now);
            const both = [...due.run, ...due.missed].sort((a, b) => a - b);
            decided.push(...both);
            ({ reached, more } = due);
            if (both.length > 0 && !more && catchUp !== 'none')
              assert.equal(due.run.at(-1), both.at(-1));
          }
        }
        assert.deepEqual(decided, timesBetween(hourly, 0, now, 1e6));
      },
    ),
    { numRuns: 50 },
  );
});
