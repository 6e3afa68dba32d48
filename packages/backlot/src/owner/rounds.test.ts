import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { BacklotError } from '@backlot/core';
import { simulatedClock } from '@backlot/testing';
import { inRounds } from './rounds.ts';

const failing = (kind: 'unreachable' | 'failed'): BacklotError =>
  new BacklotError({ code: 'E-TEST-001', kind, reason: 'it failed' });

/** Rounds of which the second fails so; what was told, and how many rounds there were. */
async function played(error: Error) {
  const clock = simulatedClock();
  const told = { rounds: 0, unreachable: [] as unknown[], faults: [] as unknown[] };
  const rounds = inRounds({
    ...{ clock, everyMs: 1000 },
    round: async () => {
      if (++told.rounds === 2) throw error;
    },
    onUnreachable: (unreachable) => void told.unreachable.push(unreachable),
    onFault: (fault) => void told.faults.push(fault),
  });
  for (let second = 0; second < 4; second++) {
    await setImmediate();
    clock.advance(1000);
  }
  await rounds.stop();
  return told;
}

test('a store out of reach is told, and the next round comes', async () => {
  const error = failing('unreachable');
  const told = await played(error);
  assert.ok(told.rounds >= 4, `${told.rounds} rounds`);
  assert.deepEqual([told.unreachable, told.faults], [[error], []]);
});

test('any other error ends the rounds and is told', async () => {
  for (const error of [failing('failed'), new TypeError('a bug')]) {
    const told = await played(error);
    assert.deepEqual([told.rounds, told.unreachable, told.faults], [2, [], [error]]);
  }
});
