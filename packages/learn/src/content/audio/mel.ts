import { InvalidArgument } from '../../error.ts';
import type { Matrix } from '../../matrix.ts';
import { checkSamples, monoOf, type Samples } from './samples.ts';
import {
  eachSpectrum,
  type FrameOptions,
  framesOf,
  requireFrames,
  requireWhole,
} from './spectra.ts';

export interface MelOptions extends FrameOptions {
  /** Bands, from 1 to 512; 128 by default. */
  readonly bands?: number | undefined;
  /** The lowest and highest frequency in Hz; 0 and half the rate by default. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** 'slaney' (the default): even below 1 kHz, logarithmic above. 'htk': 2595 log10(1 + f / 700). */
  readonly scale?: 'slaney' | 'htk' | undefined;
  /** 'area' (the default): triangles of equal area. 'height': all reach 1. */
  readonly normalise?: 'area' | 'height' | undefined;
}

export interface LogMelOptions extends MelOptions {
  /** Nothing lies further below the loudest than this, in decibels; 80 by default, null for no such floor. */
  readonly range?: number | null | undefined;
}

/**
 * Frames x bands: the power in mel bands (Davis and Mermelstein 1980; Slaney 1998) in decibels, of the mean
 * of the channels. Powers below 1e-10 count as that, so that silence is -100 and not minus infinity. Throws
 * `InvalidExamples`, `EmptyInput` and `InvalidArgument`.
 */
export function logMel(samples: Samples, options: LogMelOptions = {}): Matrix {
  checkSamples(samples);
  const mono = monoOf(samples);
  const { range = 80 } = options;
  if (range !== null && !(range > 0)) {
    throw new InvalidArgument('range', `is ${range}; a number above 0, or null, is allowed`);
  }
  const frames = requireFrames(options);
  const bank = melBank(samples.rate, frames.frame, options);
  const matrix = emptyBands(framesOf(mono, frames.hop), bank);
  eachSpectrum(mono, frames, (at, power) => writeBands(bank, power, matrix.values, at));
  toDecibels(matrix.values, range);
  return matrix;
}

/**
 * Frames x coefficients (20 by default): the first of the orthonormal cosine transform (II) of the log-mel
 * bands (mel-frequency cepstral coefficients). Throws as `logMel` does.
 */
export function mfcc(
  samples: Samples,
  options: LogMelOptions & { readonly coefficients?: number | undefined } = {},
): Matrix {
  const { coefficients = 20, bands = 128 } = options;
  requireWhole('coefficients', coefficients, 1, bands);
  return cepstra(logMel(samples, options), coefficients);
}

/** Rows x coefficients: the orthonormal cosine transform (II) of each row. */
export function cepstra({ rows, columns, values }: Matrix, coefficients: number): Matrix {
  const cosines = Float64Array.from({ length: coefficients * columns }, (_, at) => {
    const [k, n] = [Math.floor(at / columns), at % columns];
    const scale = Math.sqrt((k === 0 ? 1 : 2) / columns);
    return scale * Math.cos((Math.PI * (2 * n + 1) * k) / (2 * columns));
  });
  const out = new Float32Array(rows * coefficients);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < coefficients; k++) {
      let sum = 0;
      for (let n = 0; n < columns; n++) {
        sum += values[row * columns + n]! * cosines[k * columns + n]!;
      }
      out[row * coefficients + k] = sum;
    }
  }
  return { rows, columns: coefficients, values: out };
}

/** Triangles over the frequencies of a spectrum: band b reads `counts[b]` of them from `starts[b]`. */
interface MelBank {
  readonly bands: number;
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** One after the other. */
  readonly weights: Float64Array;
}

/** The triangles for a rate and a frame. Throws `InvalidArgument`. */
export function melBank(rate: number, frame: number, options: MelOptions): MelBank {
  const { bands = 128, low = 0, high = rate / 2, scale = 'slaney', normalise = 'area' } = options;
  requireWhole('bands', bands, 1, 512);
  if (!(low >= 0 && low < high && high <= rate / 2)) {
    const allowed = `0 <= low < high <= ${rate / 2} is allowed`;
    throw new InvalidArgument('low and high', `are ${low} and ${high}; ${allowed}`);
  }
  const edges = melEdges(low, high, bands + 2, scale === 'htk' ? HTK : SLANEY);
  const [starts, counts] = [new Int32Array(bands), new Int32Array(bands)];
  const weights: number[] = [];
  for (let band = 0; band < bands; band++) {
    const [left, middle, right] = [edges[band]!, edges[band + 1]!, edges[band + 2]!];
    const height = normalise === 'area' ? 2 / (right - left) : 1;
    const first = Math.floor((left * frame) / rate) + 1;
    const last = Math.min(Math.ceil((right * frame) / rate) - 1, frame >> 1);
    starts[band] = first;
    counts[band] = Math.max(0, last - first + 1);
    for (let bin = first; bin <= last; bin++) {
      const place = (bin * rate) / frame;
      const rising = (place - left) / (middle - left);
      weights.push(height * Math.min(rising, (right - place) / (right - middle)));
    }
  }
  return { bands, starts, counts, weights: Float64Array.from(weights) };
}

/** Rows for the bands of so many frames. */
export function emptyBands(rows: number, bank: MelBank): Matrix & { values: Float32Array } {
  return { rows, columns: bank.bands, values: new Float32Array(rows * bank.bands) };
}

/** The power in each band, written to a row of `out`. */
export function writeBands(
  bank: MelBank,
  power: Float64Array,
  out: Float32Array,
  row: number,
): void {
  const { bands, starts, counts, weights } = bank;
  let at = 0;
  for (let band = 0; band < bands; band++) {
    const start = starts[band]!;
    const count = counts[band]!;
    let sum = 0;
    for (let k = 0; k < count; k++) sum += weights[at + k]! * power[start + k]!;
    out[row * bands + band] = sum;
    at += count;
  }
}

/** Powers as decibels in place, none further below the largest than `range`. */
export function toDecibels(values: Float32Array, range: number | null): void {
  let most = -Infinity;
  for (let at = 0; at < values.length; at++) {
    const level = 10 * Math.log10(Math.max(1e-10, values[at]!));
    values[at] = level;
    if (level > most) most = level;
  }
  if (range === null) return;
  const floor = most - range;
  for (let at = 0; at < values.length; at++) if (values[at]! < floor) values[at] = floor;
}

interface MelScale {
  readonly mel: (hertz: number) => number;
  readonly hertz: (mel: number) => number;
}

const HTK: MelScale = {
  mel: (hertz) => 2595 * Math.log10(1 + hertz / 700),
  hertz: (mel) => 700 * (10 ** (mel / 2595) - 1),
};

const STEP = Math.log(6.4) / 27;
const SLANEY: MelScale = {
  mel: (hertz) => (hertz < 1000 ? (3 * hertz) / 200 : 15 + Math.log(hertz / 1000) / STEP),
  hertz: (mel) => (mel < 15 ? (200 * mel) / 3 : 1000 * Math.exp(STEP * (mel - 15))),
};

function melEdges(low: number, high: number, count: number, { mel, hertz }: MelScale) {
  const [from, to] = [mel(low), mel(high)];
  const edge = (_: unknown, at: number): number => hertz(from + ((to - from) * at) / (count - 1));
  return Float64Array.from({ length: count }, edge);
}
