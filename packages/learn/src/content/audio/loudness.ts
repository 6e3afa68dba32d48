import { InvalidArgument } from '../../error.ts';
import { checkSamples, type Samples } from './samples.ts';

export interface Loudness {
  /** Of the whole, in LUFS, by both gates; -Infinity where no block passes them, as in silence. */
  readonly integrated: number;
  /** The loudest 400 milliseconds, in LUFS. */
  readonly momentary: number;
  /** The loudest 3 seconds, in LUFS; -Infinity where the recording is shorter. */
  readonly shortTerm: number;
  /** Loudness range in LU (EBU Tech 3342); 0 where the recording is shorter than 3 seconds. */
  readonly range: number;
}

/**
 * Loudness by ITU-R BS.1770-4: K-weighting, power of 400 milliseconds every 100, blocks below -70 LUFS and
 * then those 10 below the mean of the rest left out. Channels count 1, but of 5 and 6 (left, right, centre,
 * with low effects fourth of 6, surrounds last) the surrounds count 1.41 and low effects nothing; `weights`
 * says otherwise. A recording shorter than a block is one block. Throws `InvalidExamples`, `EmptyInput` and
 * `InvalidArgument`.
 */
export function loudness(
  samples: Samples,
  options: { readonly weights?: readonly number[] | undefined } = {},
): Loudness {
  checkSamples(samples);
  const weights = options.weights ?? usualWeights(samples.channels);
  if (weights.length !== samples.channels || !weights.every((value) => value >= 0 && value <= 10)) {
    throw new InvalidArgument('weights', `are no ${samples.channels} numbers from 0 to 10`);
  }
  const tenths = tenthPowers(samples, weights);
  const blocks = meansOf(tenths, Math.min(4, tenths.length));
  const long = tenths.length >= 30 ? meansOf(tenths, 30) : new Float64Array(0);
  return {
    integrated: gatedLoudness(blocks),
    momentary: loudnessOf(blocks.reduce((most, value) => Math.max(most, value), 0)),
    shortTerm: loudnessOf(long.reduce((most, value) => Math.max(most, value), 0)),
    range: rangeOf(long),
  };
}

function usualWeights(channels: number): readonly number[] {
  if (channels === 5) return [1, 1, 1, 1.41, 1.41];
  if (channels === 6) return [1, 1, 1, 0, 1.41, 1.41];
  return Array.from({ length: channels }, () => 1);
}

/** Weighted power in each tenth of a second; all in one where there is no whole block. */
function tenthPowers(samples: Samples, weights: readonly number[]): Float64Array {
  const { rate, channels, data } = samples;
  const moments = data.length / channels;
  const whole = Math.floor((10 * moments) / rate);
  const edges =
    whole < 4
      ? [0, moments]
      : Array.from({ length: whole + 1 }, (_, k) => Math.round((k * rate) / 10));
  const powers = new Float64Array(edges.length - 1);
  weights.forEach((weight, channel) => {
    if (weight > 0) addChannel(samples, channel, weight, edges, powers);
  });
  return powers;
}

/** The filters' states run on from one tenth to the next. */
function addChannel(
  { rate, channels, data }: Samples,
  channel: number,
  weight: number,
  edges: readonly number[],
  powers: Float64Array,
): void {
  const [b0, b1, b2, a1, a2] = shelfFilter(rate);
  const [c0, c1, c2, d1, d2] = highPassFilter(rate);
  // Transposed form: two numbers of memory for each filter.
  let [p, q, r, s] = [0, 0, 0, 0];
  for (let part = 0; part < powers.length; part++) {
    const [from, to] = [edges[part]!, edges[part + 1]!];
    let sum = 0;
    for (let at = from; at < to; at++) {
      const x = data[at * channels + channel]!;
      const y = b0 * x + p;
      p = b1 * x - a1 * y + q;
      q = b2 * x - a2 * y;
      const z = c0 * y + r;
      r = c1 * y - d1 * z + s;
      s = c2 * y - d2 * z;
      sum += z * z;
    }
    powers[part]! += (weight * sum) / (to - from);
  }
}

type Filter = readonly [number, number, number, number, number];

/**
 * The shelf of the standard's first table, 4 dB up for what a head adds, for any rate: the bilinear transform
 * of the analogue filter whose coefficients at 48 kHz are those printed.
 */
export function shelfFilter(rate: number): Filter {
  const quality = 0.7071752369554196;
  const k = Math.tan((Math.PI * 1681.974450955533) / rate);
  const high = 10 ** (3.999843853973347 / 20);
  const middle = high ** 0.4996667741545416;
  const a0 = 1 + k / quality + k * k;
  return [
    (high + (middle * k) / quality + k * k) / a0,
    (2 * (k * k - high)) / a0,
    (high - (middle * k) / quality + k * k) / a0,
    (2 * (k * k - 1)) / a0,
    (1 - k / quality + k * k) / a0,
  ];
}

/** The high pass of the standard's second table, for any rate. */
export function highPassFilter(rate: number): Filter {
  const quality = 0.5003270373238773;
  const k = Math.tan((Math.PI * 38.13547087602444) / rate);
  const a0 = 1 + k / quality + k * k;
  return [1, -2, 1, (2 * (k * k - 1)) / a0, (1 - k / quality + k * k) / a0];
}

function meansOf(tenths: Float64Array, width: number): Float64Array {
  const out = new Float64Array(tenths.length - width + 1);
  for (let at = 0; at < out.length; at++) {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += tenths[at + k]!;
    out[at] = sum / width;
  }
  return out;
}

function loudnessOf(power: number): number {
  return power > 0 ? -0.691 + 10 * Math.log10(power) : -Infinity;
}

function powerOf(level: number): number {
  return 10 ** ((level + 0.691) / 10);
}

function meanAbove(blocks: Float64Array, level: number): number {
  const passed = blocks.filter((power) => power > powerOf(level));
  return passed.reduce((sum, power) => sum + power / passed.length, 0);
}

function gatedLoudness(blocks: Float64Array): number {
  const first = loudnessOf(meanAbove(blocks, -70));
  return loudnessOf(meanAbove(blocks, Math.max(-70, first - 10)));
}

/** From the 10th to the 95th hundredth of the 3 seconds within 20 LU of their gated mean. */
function rangeOf(long: Float64Array): number {
  const gate = Math.max(-70, loudnessOf(meanAbove(long, -70)) - 20);
  const levels = long
    .filter((power) => power > powerOf(gate))
    .map(loudnessOf)
    .sort();
  if (levels.length === 0) return 0;
  const at = (part: number): number => levels[Math.round((levels.length - 1) * part)]!;
  return at(0.95) - at(0.1);
}
