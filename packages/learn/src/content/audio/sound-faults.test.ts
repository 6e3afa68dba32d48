import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgument } from '../../error.ts';
import { soundFaults } from './sound-faults.ts';
import { sounded, spread } from './sounds.fixture.ts';

test('silent spans are found where they are, short ones left out', () => {
  const gaps = sounded(8000, 5, (_, second) => {
    const silent = second < 0.6 || (second >= 2 && second < 2.3) || second >= 4;
    return silent ? 0.0005 * Math.sin(3000 * second) : 0.3 * Math.sin(3000 * second);
  });
  const { silent, silentShare, clips } = soundFaults(spread(gaps, 2));
  assert.deepEqual(silent, [
    { from: 0, to: 0.6 },
    { from: 4, to: 5 },
  ]);
  assert.ok(Math.abs(silentShare - 1.6 / 5) < 1e-12 && clips === 0);
  assert.equal(soundFaults(gaps, { seconds: 0.2 }).silent.length, 3);
  assert.equal(soundFaults(gaps, { silence: -80 }).silent.length, 0);
});

test('three samples at full scale in one channel are a clip, two or those of two channels none', () => {
  const data = Float32Array.of(1, 0, 1, 0, -1, 0, 0, 1, 0, 1, 0.2, 0, 1, 1, 1, 1, 0, 0);
  const found = soundFaults({ rate: 8000, channels: 2, data });
  assert.deepEqual([found.clips, found.clippedShare], [1, 3 / 18]);
  const loud = sounded(8000, 1, (_, second) => {
    return Math.max(-1, Math.min(1, 1.5 * Math.sin(2 * Math.PI * 100 * second)));
  });
  assert.equal(soundFaults(loud).clips, 200);
  for (const options of [{ silence: Number.NaN }, { seconds: Infinity }, { full: 0 }]) {
    assert.throws(() => soundFaults(loud, options), InvalidArgument);
  }
});
