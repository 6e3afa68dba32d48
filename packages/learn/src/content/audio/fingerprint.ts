import { resampleOne } from './resample.ts';
import { checkSamples, monoOf, type Samples } from './samples.ts';
import { eachSpectrum } from './spectra.ts';

/** What a recording sounds like, in 32 bits for each step. */
export interface Fingerprint {
  /** Steps a second. */
  readonly rate: number;
  readonly bits: Uint32Array;
}

/** The highest frequency that is looked at is 2 kHz. */
const RATE = 5500;
const FRAME = 2048;
const HOP = 64;
const BANDS = 33;

/**
 * The fingerprint of Haitsma and Kalker (2002): frames of 0.37 seconds every 12 milliseconds, 33 bands from
 * 300 to 2,000 Hz, a bit for whether the difference of two neighbouring bands has grown since the frame
 * before. Loudness does not change it, noise and compression few bits. Frame t lies around t / rate. Throws
 * `InvalidExamples` and `EmptyInput`.
 */
export function fingerprint(samples: Samples): Fingerprint {
  checkSamples(samples);
  const mono = resampleOne(monoOf(samples), samples.rate, RATE, 16);
  const edges = bandEdges();
  const rows: number[] = [];
  const [energies, before] = [new Float64Array(BANDS), new Float64Array(BANDS)];
  eachSpectrum(mono, { frame: FRAME, hop: HOP }, (at, power) => {
    for (let band = 0; band < BANDS; band++) {
      let sum = 0;
      for (let k = edges[band]!; k < edges[band + 1]!; k++) sum += power[k]!;
      energies[band] = sum;
    }
    if (at > 0) rows.push(bitsOf(energies, before));
    before.set(energies);
  });
  return { rate: RATE / HOP, bits: Uint32Array.from(rows) };
}

/** The first bin of each band and the end of the last: bands are equally wide by ratio. */
function bandEdges(): Int32Array {
  const edge = (_: unknown, band: number): number =>
    Math.round((300 * (2000 / 300) ** (band / BANDS) * FRAME) / RATE);
  return Int32Array.from({ length: BANDS + 1 }, edge);
}

function bitsOf(energies: Float64Array, before: Float64Array): number {
  let bits = 0;
  for (let band = 0; band < BANDS - 1; band++) {
    const now = energies[band]! - energies[band + 1]!;
    const grown = now - (before[band]! - before[band + 1]!) > 0;
    bits = (bits << 1) | (grown ? 1 : 0);
  }
  return bits >>> 0;
}
