import type { ContentVector } from '../content-rows.ts';
import { chromaBank, writeChroma } from './chroma.ts';
import { loudness } from './loudness.ts';
import { cepstra, emptyBands, melBank, toDecibels, writeBands } from './mel.ts';
import { resampleOne } from './resample.ts';
import { checkSamples, monoOf, type Samples } from './samples.ts';
import { soundFaults } from './sound-faults.ts';
import { eachSpectrum, framesOf, requireWhole } from './spectra.ts';
import { SHAPE, writeShape } from './spectral-shape.ts';
import { onsetStrength, tempoOf } from './tempo.ts';
import { truePeak } from './true-peak.ts';

export interface AudioFeaturesOptions {
  /** Coefficients of the cepstrum, from 1 to 128; 20 by default. */
  readonly coefficients?: number | undefined;
}

/** Everything but loudness, peak and faults is of the mean of the channels at this rate. */
const RATE = 22050;
const FRAMES = { frame: 2048, hop: 512 };
const NOTES = ['c', 'c#', 'd', 'd#', 'e', 'f', 'f#', 'g', 'g#', 'a', 'a#', 'b'];

/**
 * A recording as a row of numbers, always as many for the same options: mean and deviation over its frames of
 * cepstrum, spectral shape, notes, root mean square, zero crossings and onsets; tempo (0 where nothing comes
 * again); loudness, its range and true peak (none below -70); silence, clipping. Throws `InvalidExamples`,
 * `EmptyInput` and `InvalidArgument`.
 */
export function audioFeatures(samples: Samples, options: AudioFeaturesOptions = {}): ContentVector {
  checkSamples(samples);
  const { coefficients = 20 } = options;
  requireWhole('coefficients', coefficients, 1, 128);
  const { shape, bands } = analyse(resampleOne(monoOf(samples), samples.rate, RATE));
  const cepstrum = cepstra(bands, coefficients);
  const onsets = onsetStrength(bands, FRAMES.frame / FRAMES.hop / 2);
  const level = loudness(samples);
  const faults = soundFaults(samples);
  const cepstral = Array.from({ length: coefficients }, (_, k) => `mfcc-${k}`);
  const all: (readonly [string, number])[] = [
    ...momentsOf(cepstral, cepstrum.values),
    ...momentsOf(COLUMNS, shape),
    ...momentsOf(['onset'], onsets),
    ['tempo', tempoOf(onsets, RATE / FRAMES.hop)],
    ['loudness', Math.max(-70, level.integrated)],
    ['loudness-range', level.range],
    ['true-peak', Math.max(-70, truePeak(samples))],
    ['silent-share', faults.silentShare],
    ['clipped-share', faults.clippedShare],
  ];
  return { names: all.map(([name]) => name), values: Float64Array.from(all, ([, value]) => value) };
}

const COLUMNS = [...SHAPE, ...NOTES.map((note) => `chroma-${note}`), 'level', 'crossings'];

/** Frames x COLUMNS, and frames x log-mel bands, in one pass over the spectra. */
function analyse(mono: Float32Array) {
  const bank = melBank(RATE, FRAMES.frame, {});
  const chroma = chromaBank(RATE, FRAMES.frame);
  const frames = framesOf(mono, FRAMES.hop);
  const bands = emptyBands(frames, bank);
  const shape = new Float64Array(frames * COLUMNS.length);
  const before = new Float64Array(FRAMES.frame / 2 + 1);
  const notes = new Float64Array(12);
  eachSpectrum(mono, FRAMES, (at, power, values) => {
    const row = shape.subarray(at * COLUMNS.length, (at + 1) * COLUMNS.length);
    writeBands(bank, power, bands.values, at);
    writeShape(power, RATE, before, row);
    // The first frame has none before it that its spectrum could be away from.
    if (at === 0) row[SHAPE.indexOf('flux')] = 0;
    writeChroma(chroma, power, notes);
    row.set(notes, SHAPE.length);
    row[SHAPE.length + 12] = levelOf(values);
    row[SHAPE.length + 13] = crossingsOf(values);
  });
  toDecibels(bands.values, 80);
  return { shape, bands };
}

/** The root mean square. */
function levelOf(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]! * values[at]!;
  return Math.sqrt(sum / values.length);
}

/** The part of the samples whose sign is not that of the one before; what is within 1e-10 of 0 is 0. */
function crossingsOf(values: Float64Array): number {
  let crossings = 0;
  let below = values[0]! < -1e-10;
  for (let at = 1; at < values.length; at++) {
    const now = values[at]! < -1e-10;
    if (now !== below) crossings += 1;
    below = now;
  }
  return crossings / values.length;
}

/** Mean and deviation of each column. */
function momentsOf(
  names: readonly string[],
  values: ArrayLike<number>,
): (readonly [string, number])[] {
  const columns = names.length;
  const rows = values.length / columns;
  return names.flatMap((name, column) => {
    let sum = 0;
    for (let at = column; at < values.length; at += columns) sum += values[at]!;
    const mean = sum / rows;
    let squares = 0;
    for (let at = column; at < values.length; at += columns) squares += (values[at]! - mean) ** 2;
    return [
      [`${name}-mean`, mean] as const,
      [`${name}-deviation`, Math.sqrt(squares / rows)] as const,
    ];
  });
}
