import { InvalidArgument } from '../../error.ts';
import { checkSamples, type Samples } from './samples.ts';

/** From and up to, in seconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface SoundFaults {
  /** Where it is silent for long enough, ascending. */
  readonly silent: readonly Span[];
  /** The part of the recording that the silent spans are. */
  readonly silentShare: number;
  /** How often three or more samples of a channel, one after the other, are at full scale. */
  readonly clips: number;
  /** The part of all samples that are in such clips. */
  readonly clippedShare: number;
}

export interface SoundFaultsOptions {
  /** Silent is what has a root mean square below this in decibels of full scale; -60 by default. */
  readonly silence?: number | undefined;
  /** The shortest silence that counts; 0.5 by default. */
  readonly seconds?: number | undefined;
  /** The size from which a sample is at full scale; 0.999 by default. */
  readonly full?: number | undefined;
}

/** Silence (in steps of 10 milliseconds) and clipping. Throws `InvalidExamples`, `EmptyInput`, `InvalidArgument`. */
export function soundFaults(samples: Samples, options: SoundFaultsOptions = {}): SoundFaults {
  checkSamples(samples);
  const { silence = -60, seconds = 0.5, full = 0.999 } = options;
  for (const [name, value] of Object.entries({ silence, seconds, full })) {
    if (!Number.isFinite(value)) throw new InvalidArgument(name, `is ${value}, no finite number`);
  }
  if (!(full > 0)) throw new InvalidArgument('full', `is ${full}; a number above 0 is allowed`);
  const silent = silentSpans(samples, 10 ** (silence / 10), seconds);
  const { clips, clipped } = clipsOf(samples, full);
  const { rate, channels, data } = samples;
  const length = silent.reduce((sum, { from, to }) => sum + (to - from), 0);
  return {
    silent,
    silentShare: (length * rate * channels) / data.length,
    clips,
    clippedShare: clipped / data.length,
  };
}

function silentSpans({ rate, channels, data }: Samples, power: number, seconds: number): Span[] {
  const moments = data.length / channels;
  const step = Math.max(1, Math.round(rate / 100));
  const spans: Span[] = [];
  let begun = -1;
  const end = (at: number): void => {
    if (begun >= 0 && (at - begun) / rate >= seconds) {
      spans.push({ from: begun / rate, to: at / rate });
    }
    begun = -1;
  };
  for (let from = 0; from < moments; from += step) {
    const to = Math.min(from + step, moments);
    let sum = 0;
    for (let at = from * channels; at < to * channels; at++) sum += data[at]! * data[at]!;
    if (sum < power * (to - from) * channels) {
      if (begun < 0) begun = from;
    } else end(from);
  }
  end(moments);
  return spans;
}

function clipsOf({ channels, data }: Samples, full: number): { clips: number; clipped: number } {
  let [clips, clipped] = [0, 0];
  for (let channel = 0; channel < channels; channel++) {
    let run = 0;
    for (let at = channel; at < data.length; at += channels) {
      if (Math.abs(data[at]!) < full) {
        run = 0;
        continue;
      }
      run += 1;
      if (run === 3) clips += 1;
      if (run >= 3) clipped += run === 3 ? 3 : 1;
    }
  }
  return { clips, clipped };
}
