import { EmptyInput, InvalidExamples } from '../../error.ts';

/** A decoded recording: the channels of a moment together, full scale from -1 to 1. */
export interface Samples {
  /** Moments a second: a whole number from 1,000 to 768,000. */
  readonly rate: number;
  /** From 1 to 32. */
  readonly channels: number;
  /** moments x channels. */
  readonly data: Float32Array;
}

/**
 * Refuses a recording whose parts do not fit together or that holds NaN or a size beyond
 * 65,536, with `InvalidExamples`, and one without a sample, with `EmptyInput`.
 */
export function checkSamples({ rate, channels, data }: Samples): void {
  if (!isRate(rate)) {
    throw new InvalidExamples(`a recording's rate is ${rate}; 1000 to 768000, whole, is allowed`);
  }
  if (!(Number.isInteger(channels) && channels >= 1 && channels <= 32)) {
    throw new InvalidExamples(`a recording has ${channels} channels; 1 to 32 are allowed`);
  }
  if (!(data instanceof Float32Array)) throw new InvalidExamples('samples are no Float32Array');
  if (data.length === 0) throw new EmptyInput('the recording');
  if (data.length % channels !== 0) {
    throw new InvalidExamples(`${data.length} samples are not whole moments of ${channels}`);
  }
  for (let at = 0; at < data.length; at++) {
    // NaN is in no range.
    if (!(data[at]! >= -LARGEST && data[at]! <= LARGEST)) {
      throw new InvalidExamples(
        `sample ${at} of a recording is ${data[at]}; ${-LARGEST} to ${LARGEST} is allowed`,
      );
    }
  }
}

/** Room for whole numbers of 16 bits that nobody scaled; powers and their products stay finite. */
const LARGEST = 65536;

/** Whether a number may be a rate. */
export function isRate(rate: number): boolean {
  return Number.isInteger(rate) && rate >= 1000 && rate <= 768_000;
}

/** The mean of the channels; the recording's own array where there is one. */
export function monoOf({ channels, data }: Samples): Float32Array {
  if (channels === 1) return data;
  const mono = new Float32Array(data.length / channels);
  for (let at = 0; at < mono.length; at++) {
    let sum = 0;
    for (let k = 0; k < channels; k++) sum += data[at * channels + k]!;
    mono[at] = sum / channels;
  }
  return mono;
}

/** One of the channels. */
export function channelOf({ channels, data }: Samples, channel: number): Float32Array {
  if (channels === 1) return data;
  const one = new Float32Array(data.length / channels);
  for (let at = 0; at < one.length; at++) one[at] = data[at * channels + channel]!;
  return one;
}
