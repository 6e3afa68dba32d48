import { InvalidArgument } from '../../error.ts';
import type { Matrix } from '../../matrix.ts';
import { realFourier } from './fourier.ts';
import { checkSamples, monoOf, type Samples } from './samples.ts';

export interface FrameOptions {
  /** Samples in a frame, from 16 to 65536; 2048 by default. */
  readonly frame?: number | undefined;
  /** Samples from one frame to the next, from 1 to 65536; 512 by default. */
  readonly hop?: number | undefined;
}

/**
 * Frames x (frame / 2 + 1) frequencies: the squared sizes of the Fourier transform under a Hann window, of
 * the mean of the channels. Frame t lies around sample t x hop; beyond the ends lies silence. Throws
 * `InvalidExamples`, `EmptyInput` and `InvalidArgument`.
 */
export function powerSpectrogram(samples: Samples, options: FrameOptions = {}): Matrix {
  checkSamples(samples);
  const mono = monoOf(samples);
  const { frame, hop } = requireFrames(options);
  const columns = Math.floor(frame / 2) + 1;
  const rows = framesOf(mono, hop);
  const values = new Float32Array(rows * columns);
  eachSpectrum(mono, { frame, hop }, (at, power) => values.set(power, at * columns));
  return { rows, columns, values };
}

/** The options with their defaults; throws `InvalidArgument`. */
export function requireFrames(options: FrameOptions): { frame: number; hop: number } {
  const { frame = 2048, hop = 512 } = options;
  requireWhole('frame', frame, 16, 65536);
  requireWhole('hop', hop, 1, 65536);
  return { frame, hop };
}

/** Refuses what is no whole number of a range, with `InvalidArgument`. */
export function requireWhole(name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new InvalidArgument(name, `is ${value}; a whole number from ${low} to ${high} is allowed`);
}

/** How many frames there are, each around a multiple of the hop. */
export function framesOf(mono: Float32Array, hop: number): number {
  return 1 + Math.floor(mono.length / hop);
}

/** Visits each frame with its power spectrum and its samples, in buffers that the next frame overwrites. */
export function eachSpectrum(
  mono: Float32Array,
  { frame, hop }: { readonly frame: number; readonly hop: number },
  visit: (at: number, power: Float64Array, samples: Float64Array) => void,
): void {
  const { bins, transform } = realFourier(frame);
  const window = hann(frame);
  const [samples, values] = [new Float64Array(frame), new Float64Array(frame)];
  const [re, im, power] = [new Float64Array(bins), new Float64Array(bins), new Float64Array(bins)];
  const count = framesOf(mono, hop);
  for (let at = 0; at < count; at++) {
    copyFrame(mono, at * hop - (frame >> 1), samples);
    for (let k = 0; k < frame; k++) values[k] = samples[k]! * window[k]!;
    transform(values, re, im);
    for (let k = 0; k < bins; k++) power[k] = re[k]! * re[k]! + im[k]! * im[k]!;
    visit(at, power, samples);
  }
}

/** A raised cosine whose period is the frame, so that shifted ones add up to a constant. */
function hann(frame: number): Float64Array {
  const value = (_: unknown, k: number): number => 0.5 - 0.5 * Math.cos((2 * Math.PI * k) / frame);
  return Float64Array.from({ length: frame }, value);
}

function copyFrame(mono: Float32Array, from: number, out: Float64Array): void {
  const low = Math.max(0, -from);
  const high = Math.max(low, Math.min(out.length, mono.length - from));
  if (low > 0) out.fill(0, 0, low);
  if (high < out.length) out.fill(0, high);
  for (let k = low; k < high; k++) out[k] = mono[from + k]!;
}
