import { InvalidArgument } from '../../error.ts';
import { windowedSinc } from './kaiser.ts';
import { channelOf, checkSamples, isRate, type Samples } from './samples.ts';

/**
 * The recording at another rate: between samples it reads a sinc under a Kaiser window over 32 crossings a
 * side. Up to 0.84 of the lower of both half rates nothing is lost, beyond that half rate all is 80 dB down.
 * ceil(moments x rate / old rate) moments; before and after the recording lies silence. Throws
 * `InvalidExamples`, `EmptyInput`, and `InvalidArgument` for a rate.
 */
export function resample(samples: Samples, rate: number): Samples {
  checkSamples(samples);
  if (!isRate(rate)) {
    throw new InvalidArgument('rate', `is ${rate}; a whole number from 1000 to 768000 is allowed`);
  }
  if (rate === samples.rate) return samples;
  const { channels } = samples;
  const parts = Array.from({ length: channels }, (_, channel) =>
    resampleOne(channelOf(samples, channel), samples.rate, rate),
  );
  if (channels === 1) return { rate, channels, data: parts[0]! };
  const data = new Float32Array(parts[0]!.length * channels);
  parts.forEach((part, channel) => {
    for (let at = 0; at < part.length; at++) data[at * channels + channel] = part[at]!;
  });
  return { rate, channels, data };
}

/** One channel at another rate; `crossings` a side trade steepness for time. */
export function resampleOne(
  values: Float32Array,
  from: number,
  to: number,
  crossings: number = 32,
): Float32Array {
  if (from === to) return values;
  const divisor = greatestDivisor(from, to);
  const [up, down] = [to / divisor, from / divisor];
  const { reach, phases, weights } = phaseTable(up, down, crossings);
  const padded = new Float64Array(values.length + 2 * reach);
  padded.set(values, reach);
  const out = new Float32Array(Math.ceil((values.length * up) / down));
  const taps = 2 * reach;
  for (let at = 0; at < out.length; at++) {
    const place = at * down;
    const whole = Math.floor(place / up);
    const phase = ((place - whole * up) / up) * phases;
    const first = Math.floor(phase);
    const between = phase - first;
    // Taps lie from whole - reach + 1 to whole + reach.
    let sum = dot(weights, first * taps, padded, whole + 1, taps);
    if (between > 1e-9) {
      const next = dot(weights, (first + 1) * taps, padded, whole + 1, taps);
      sum += between * (next - sum);
    }
    out[at] = sum;
  }
  return out;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/**
 * Weights for each place between two samples that comes up. Where there are more than 1,024, between that
 * many a straight line is 118 dB near.
 */
function phaseTable(up: number, down: number, crossings: number) {
  const scale = Math.min(1, up / down);
  // Even, so that the sum goes by four.
  const reach = 2 * Math.ceil(crossings / scale / 2);
  const phases = Math.min(up, 1024);
  // The window takes 5 / crossings of the band to fall; its middle lies that much below the half rate.
  const band = scale * (1 - 2.5 / crossings);
  const weights = new Float64Array((phases + 1) * 2 * reach);
  for (let phase = 0; phase <= phases; phase++) {
    const place = (_: unknown, tap: number): number => tap - reach + 1 - phase / phases;
    const places = Float64Array.from({ length: 2 * reach }, place);
    weights.set(windowedSinc(places, band, crossings / scale), phase * 2 * reach);
  }
  return { reach, phases, weights };
}

/** Four sums at once, since one would wait for itself; taps are a multiple of four. */
function dot(a: Float64Array, i: number, b: Float64Array, j: number, taps: number): number {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let tap = 0; tap < taps; tap += 4) {
    first += a[i + tap]! * b[j + tap]!;
    second += a[i + tap + 1]! * b[j + tap + 1]!;
    third += a[i + tap + 2]! * b[j + tap + 2]!;
    fourth += a[i + tap + 3]! * b[j + tap + 3]!;
  }
  return first + second + (third + fourth);
}
