import { seededRandom } from '@backlot/core';
import type { Samples } from './samples.ts';

/** One channel by a function of the sample's number and its second. */
export function sounded(
  rate: number,
  seconds: number,
  wave: (at: number, second: number) => number,
): Samples {
  const data = Float32Array.from({ length: Math.round(rate * seconds) }, (_, at) =>
    wave(at, at / rate),
  );
  return { rate, channels: 1, data };
}

/** Numbers from -1 to 1 that other languages draw alike: a linear congruence. */
export function congruent(count: number, seed: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** One channel as so many. */
export function spread({ rate, data }: Samples, channels: number): Samples {
  const many = new Float32Array(data.length * channels);
  for (let at = 0; at < many.length; at++) many[at] = data[Math.floor(at / channels)]!;
  return { rate, channels, data: many };
}

/** A tune drawn by chance: notes of a quarter second with overtones that fade. */
export function tune(seed: number, rate: number, seconds: number): Samples {
  const random = seededRandom(seed);
  const count = Math.ceil(4 * seconds);
  const notes = Array.from({ length: count }, () => 220 * 2 ** (random.below(25) / 12));
  const others = Array.from({ length: count }, () => 110 * 2 ** (random.below(37) / 12));
  return sounded(rate, seconds, (_, second) => {
    const at = Math.floor(4 * second);
    const fade = Math.exp(-6 * (second - at / 4));
    let sum = 0;
    for (let overtone = 1; overtone <= 5; overtone++) {
      const angle = 2 * Math.PI * overtone * second;
      sum += (Math.sin(angle * notes[at]!) + 0.7 * Math.sin(angle * others[at]!)) / overtone;
    }
    return 0.25 * fade * sum;
  });
}

/** A second of a tone, a rising tone and noise at 22,050 Hz: what the reference numbers are of. */
export function spoken(): Samples {
  const noise = congruent(22050, 1);
  return sounded(22050, 1, (at, second) => {
    const steady = 0.4 * Math.sin(2 * Math.PI * 440 * second);
    const rising = 0.2 * Math.sin(2 * Math.PI * (300 * second + 1500 * second ** 2));
    return steady + rising + 0.05 * noise[at]!;
  });
}
