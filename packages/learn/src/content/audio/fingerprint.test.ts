import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { EmptyInput, InvalidArgument } from '../../error.ts';
import { duplicateRecordings, matchFingerprints } from './duplicate-recordings.ts';
import { fingerprint } from './fingerprint.ts';
import { resample } from './resample.ts';
import type { Samples } from './samples.ts';
import { congruent, tune } from './sounds.fixture.ts';

const cut = ({ rate, channels, data }: Samples, from: number, to: number): Samples => ({
  ...{ rate, channels, data: data.slice(Math.round(from * rate), Math.round(to * rate)) },
});

/** Quieter, with noise of so many decibels below the signal. */
function disturbed(samples: Samples, gain: number, below: number, seed: number): Samples {
  const random = seededRandom(seed);
  const power = samples.data.reduce((sum, value) => sum + value * value, 0) / samples.data.length;
  const noise = Math.sqrt(power / 10 ** (below / 10));
  return {
    ...samples,
    data: samples.data.map((value) => gain * (value + noise * random.normal())),
  };
}

// NumPy 2.4.6's rfft over the same frames and bands, at the rate that is not resampled.
test('bits are those of the definition', () => {
  const data = Float32Array.from(congruent(5500, 9));
  const { bits, rate } = fingerprint({ rate: 5500, channels: 1, data });
  const hex = (at: number): string => bits[at]!.toString(16).padStart(8, '0');
  assert.deepEqual([bits.length, rate], [85, 5500 / 64]);
  assert.deepEqual([0, 1, 20, 40, 60, 84].map(hex), BITS);
});

const BITS = ['14ad4a95', '14e54a95', '13ad7542', 'a194b1e5', '745569c6', '5b5a596a'];

test('an excerpt, quieter, noisy and at another rate, is found where it was', () => {
  const whole = tune(1, 22050, 14);
  const print = fingerprint(whole);
  const noisy = resample(disturbed(cut(whole, 4.321, 10), 0.2, 15, 2), 16000);
  const match = matchFingerprints(print, fingerprint(noisy));
  assert.ok(match && Math.abs(match.offset - 4.321) < 0.02, `${match?.offset}`);
  assert.ok(match.errorRate < 0.25 && Math.abs(match.seconds - 5.68) < 0.1);
  const back = matchFingerprints(fingerprint(noisy), print);
  assert.ok(back && Math.abs(back.offset + match.offset) < 0.02);
  const louder = { ...whole, data: whole.data.map((value) => 0.25 * value) };
  assert.deepEqual(matchFingerprints(print, fingerprint(louder)), {
    ...{ offset: 0, seconds: print.bits.length / print.rate, errorRate: 0 },
  });
});

test('other recordings, noise and silence match nothing', () => {
  const prints = [1, 2, 3, 4, 5].map((seed) => fingerprint(tune(seed, 16000, 12)));
  const random = seededRandom(4);
  const noise = Float32Array.from({ length: 160000 }, () => 0.1 * random.normal());
  prints.push(fingerprint({ rate: 16000, channels: 1, data: noise }));
  const silence = fingerprint({ rate: 16000, channels: 1, data: new Float32Array(160000) });
  assert.ok(silence.bits.every((bits) => bits === 0));
  prints.push(silence, silence);
  for (let i = 0; i < prints.length; i++) {
    for (let j = i + 1; j < prints.length; j++) {
      assert.equal(matchFingerprints(prints[i]!, prints[j]!), null, `${i} ${j}`);
    }
  }
});

test('duplicates among many are found with their offsets, and only they', () => {
  const tunes = [1, 2, 3, 4, 5, 6].map((seed) => tune(seed, 16000, 10));
  const copies = [1, 3].map((at) => disturbed(cut(tunes[at]!, 2.5, 9), 0.5, 20, at));
  const prints = [...tunes, ...copies, tunes[1]!].map(fingerprint);
  const { left, right, offset, similarity } = duplicateRecordings(prints);
  assert.deepEqual([...left], [1, 1, 3, 6]);
  assert.deepEqual([...right], [6, 8, 7, 8]);
  [2.5, 0, 2.5, -2.5].forEach((wanted, at) => {
    assert.ok(Math.abs(offset[at]! - wanted) < 0.02, `${at}: ${offset[at]}`);
  });
  assert.ok(similarity[1] === 1 && similarity.every((value) => value > 0.75));
  assert.throws(() => duplicateRecordings(prints, { most: 3 }), InvalidArgument);
});

test('short recordings have few bits or none; odd options are refused', () => {
  assert.equal(fingerprint({ rate: 44100, channels: 1, data: Float32Array.of(1) }).bits.length, 0);
  assert.throws(
    () => fingerprint({ rate: 44100, channels: 1, data: new Float32Array(0) }),
    EmptyInput,
  );
  const none = { rate: 5500 / 64, bits: new Uint32Array(0) };
  assert.equal(matchFingerprints(none, none), null);
  assert.equal(duplicateRecordings([]).left.length, 0);
  assert.throws(() => matchFingerprints(none, { ...none, rate: 1 }), InvalidArgument);
  for (const options of [{ errorRate: 0.5 }, { seconds: 0 }, { errorRate: Number.NaN }]) {
    assert.throws(() => matchFingerprints(none, none, options), InvalidArgument);
  }
});
