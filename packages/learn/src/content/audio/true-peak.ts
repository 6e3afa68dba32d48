import { windowedSinc } from './kaiser.ts';
import { channelOf, checkSamples, type Samples } from './samples.ts';

/**
 * The highest level between samples too, in decibels over full scale (dBTP; ITU-R BS.1770-4, annex 2): each
 * channel at four times its rate (two from 96 kHz on, once from 192 kHz on). -Infinity in silence. Throws
 * `InvalidExamples` and `EmptyInput`.
 */
export function truePeak(samples: Samples): number {
  checkSamples(samples);
  const { rate, channels } = samples;
  const times = rate < 96_000 ? 4 : rate < 192_000 ? 2 : 1;
  let peak = 0;
  for (let channel = 0; channel < channels; channel++) {
    peak = channelPeak(channelOf(samples, channel), times, peak);
  }
  return peak > 0 ? 20 * Math.log10(peak) : -Infinity;
}

/** Samples read on each side. */
const REACH = 12;
const BLOCK = 32;

function channelPeak(values: Float32Array, times: number, before: number): number {
  let peak = before;
  for (let at = 0; at < values.length; at++) peak = Math.max(peak, Math.abs(values[at]!));
  const padded = new Float64Array(values.length + 2 * REACH);
  padded.set(values, REACH);
  for (let phase = 1; phase < times; phase++) {
    const place = (_: unknown, tap: number): number => tap - REACH + 1 - phase / times;
    const weights = windowedSinc(Float64Array.from({ length: 2 * REACH }, place), 1, REACH);
    peak = phasePeak(padded, weights, peak);
  }
  return peak;
}

/** Blocks in which no sample is large enough to pass the peak, whatever their signs, are not worked out. */
function phasePeak(padded: Float64Array, weights: Float64Array, before: number): number {
  const gain = weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
  const last = padded.length - 2 * REACH;
  let peak = before;
  for (let from = 0; from <= last; from += BLOCK) {
    const to = Math.min(from + BLOCK, last + 1);
    let largest = 0;
    for (let at = from; at < to + 2 * REACH - 1; at++) {
      const size = Math.abs(padded[at]!);
      if (size > largest) largest = size;
    }
    if (largest * gain <= peak) continue;
    for (let at = from; at < to; at++) {
      let sum = 0;
      for (let tap = 0; tap < 2 * REACH; tap++) sum += weights[tap]! * padded[at + tap]!;
      if (Math.abs(sum) > peak) peak = Math.abs(sum);
    }
  }
  return peak;
}
