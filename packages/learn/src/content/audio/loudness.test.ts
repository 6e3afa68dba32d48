import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgument } from '../../error.ts';
import { highPassFilter, loudness, shelfFilter } from './loudness.ts';
import type { Samples } from './samples.ts';
import { congruent, sounded, spread } from './sounds.fixture.ts';
import { truePeak } from './true-peak.ts';

/** Parts of [decibels of full scale, seconds] of 1 kHz. */
function tones(rate: number, parts: readonly (readonly [number, number])[], hertz = 1000): Samples {
  const ends = parts.map((_, at) => parts.slice(0, at + 1).reduce((sum, part) => sum + part[1], 0));
  return sounded(rate, ends.at(-1)!, (_, second) => {
    const part = ends.findIndex((end) => second < end);
    return 10 ** (parts[part]![0] / 20) * Math.sin(2 * Math.PI * hertz * second);
  });
}

// ITU-R BS.1770-4, tables 1 and 2.
test('the filters at 48 kHz are those of the tables', () => {
  const near = (found: readonly number[], wanted: readonly number[]): void => {
    found.forEach((value, at) => {
      assert.ok(Math.abs(value - wanted[at]!) < 1e-10, `${at}: ${value}`);
    });
  };
  const shelf = [
    1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585,
  ];
  near(shelfFilter(48000), shelf);
  const high = [1, -2, 1, -1.99004745483398, 0.99007225036621];
  near(highPassFilter(48000), high);
});

test('997 Hz at full scale in one channel is -3.01 LUFS at every rate', () => {
  for (const rate of [8000, 22050, 44100, 48000, 96000]) {
    const found = loudness(tones(rate, [[0, 2]], 997)).integrated;
    // Made for 48 kHz, the filters of other rates bend a little otherwise towards half the rate.
    assert.ok(Math.abs(found + 3.0103) < (rate === 48000 ? 0.005 : 0.04), `${rate}: ${found}`);
  }
});

// EBU Tech 3341, cases 1 to 6, each within the 0.1 LU that it allows.
test('the minimum requirements of EBU Tech 3341 are met', () => {
  const near = (samples: Samples, wanted: number): void => {
    const { integrated } = loudness(samples);
    assert.ok(Math.abs(integrated - wanted) < 0.1, `${integrated}, not ${wanted}`);
  };
  const two = (...parts: (readonly [number, number])[]): Samples => spread(tones(16000, parts), 2);
  near(spread(tones(48000, [[-23, 20]]), 2), -23);
  near(two([-33, 20]), -33);
  near(two([-36, 10], [-23, 60], [-36, 10]), -23);
  near(two([-72, 10], [-36, 10], [-23, 60], [-36, 10], [-72, 10]), -23);
  near(two([-26, 20], [-20, 20.1], [-26, 20]), -23);
  const five = spread(tones(48000, [[0, 20]]), 5);
  five.data.forEach((value, at) => {
    five.data[at] = value * 10 ** ([-28, -28, -24, -30, -30][at % 5]! / 20);
  });
  near(five, -23);
});

// EBU Tech 3342, cases 1 to 4, each within 1 LU.
test('loudness ranges are those of EBU Tech 3342', () => {
  const range = (...levels: readonly number[]): number =>
    loudness(
      spread(
        tones(
          8000,
          levels.map((level) => [level, 20] as const),
        ),
        2,
      ),
    ).range;
  const found = [range(-20, -30), range(-20, -15), range(-40, -20), range(-50, -35, -20, -35, -50)];
  [10, 5, 20, 15].forEach((wanted, at) => {
    assert.ok(Math.abs(found[at]! - wanted) < 1, `${found[at]}, not ${wanted}`);
  });
});

// SciPy 1.17.1's lfilter with the coefficients as the standard prints them, then the gates as it has them.
// pyloudnorm 0.2.0, which makes its filters by another formula, finds -13.896 and -23.654.
test('loudness of tones and noise is that of the standard worked out apart', () => {
  const noise = congruent(5 * 48000, 7);
  const left = sounded(48000, 5, (at, second) => {
    return (at < 96000 ? 0.05 : 1) * 0.3 * Math.sin(2 * Math.PI * 500 * second);
  });
  const right = sounded(48000, 5, (at, second) => {
    const tone = 0.1 * Math.sin(2 * Math.PI * 80 * second) + 0.05 * noise[at]!;
    return (at < 96000 ? 0.05 : 1) * tone;
  });
  const both = spread(left, 2);
  right.data.forEach((value, at) => {
    both.data[2 * at + 1] = value;
  });
  const found = [loudness(both).integrated, loudness(right).integrated];
  [-13.853882929312741, -23.615439375256827].forEach((wanted, at) => {
    assert.ok(Math.abs(found[at]! - wanted) < 1e-6, `${found[at]}, not ${wanted}`);
  });
});

test('the loudest moments, silence, short recordings, weights', () => {
  const steps = loudness(
    spread(
      tones(8000, [
        [-40, 5],
        [-23, 5],
      ]),
      2,
    ),
  );
  assert.ok(Math.abs(steps.momentary + 23) < 0.1 && Math.abs(steps.shortTerm + 23) < 0.1);
  const silence = { rate: 48000, channels: 1, data: new Float32Array(48000) };
  assert.deepEqual(loudness(silence), {
    ...{ integrated: -Infinity, momentary: -Infinity, shortTerm: -Infinity, range: 0 },
  });
  const short = loudness(tones(48000, [[0, 0.1]], 997));
  assert.ok(Math.abs(short.integrated + 3) < 0.2 && short.shortTerm === -Infinity);
  const half = loudness(tones(8000, [[0, 2]]), { weights: [0.5] }).integrated;
  assert.ok(Math.abs(half + 3.01 + 3.01) < 0.02);
  for (const weights of [[], [1, 1], [-1], [Number.NaN]]) {
    assert.throws(() => loudness(silence, { weights }), InvalidArgument);
  }
});

// EBU Tech 3341, cases 15 to 19: 0.2 dB over to 0.4 dB under is allowed.
test('true peaks lie between samples as EBU Tech 3341 has them', () => {
  for (const [parts, degrees, size, wanted] of [
    [4, 0, 0.5, -6],
    [4, 45, 0.5, -6],
    [6, 60, 0.5, -6],
    [8, 67.5, 0.5, -6],
    [4, 45, 1.41, 3],
  ] as const) {
    const wave = sounded(48000, 0.5, (at) => {
      const fade = Math.min(1, at / 2400, (24000 - at) / 2400);
      return fade * size * Math.sin((2 * Math.PI * at) / parts + (Math.PI * degrees) / 180);
    });
    const found = truePeak(spread(wave, 2));
    assert.ok(found < wanted + 0.2 && found > wanted - 0.4, `${parts} ${degrees}: ${found}`);
  }
  assert.equal(truePeak({ rate: 8000, channels: 1, data: new Float32Array(9) }), -Infinity);
  assert.ok(truePeak({ rate: 192000, channels: 1, data: Float32Array.of(0, 0.5) }) < -6);
});
