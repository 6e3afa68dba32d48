import { InvalidArgument } from '../../error.ts';
import { checkPixels, lumaOf, type Pixels, type Plane } from './pixels.ts';
import { shrinkPlane } from './resize-pixels.ts';

export interface PerceptualHashOptions {
  /**
   * 'frequency' (the default): the 64 lowest frequencies of 32 x 32 brightnesses against their median
   * (Zauner 2010), which stands scaling, recompression and changes of brightness and contrast.
   * 'difference': each of 8 x 9 brightnesses against the one before it. 'average': each of 8 x 8 against
   * their mean.
   */
  readonly method?: 'frequency' | 'difference' | 'average' | undefined;
}

/**
 * 64 bits, in 8 bytes, that hardly change where a picture looks the same: compare by `hammingDistance`.
 * Row by row, the first bit highest. A picture without any detail has a hash that says nothing. Throws
 * `InvalidExamples`.
 */
export function perceptualHash(pixels: Pixels, options: PerceptualHashOptions = {}): Uint8Array {
  checkPixels(pixels);
  return hashOf(lumaOf(pixels), options.method ?? 'frequency');
}

/** How many bits differ. Throws `InvalidArgument` where the lengths do. */
export function hammingDistance(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) {
    throw new InvalidArgument('b', `has ${b.length} bytes; the first hash has ${a.length}`);
  }
  let distance = 0;
  for (let at = 0; at < a.length; at++) distance += BITS[a[at]! ^ b[at]!]!;
  return distance;
}

const BITS: Uint8Array = new Uint8Array(256);
for (let byte = 1; byte < 256; byte++) BITS[byte] = BITS[byte >> 1]! + (byte & 1);

function hashOf(luma: Plane, method: 'frequency' | 'difference' | 'average'): Uint8Array {
  if (method === 'frequency') {
    const low = lowFrequencies(shrinkPlane(luma, 32, 32));
    const sorted = Float64Array.from(low).sort();
    return pack(low, 0.5 * (sorted[31]! + sorted[32]!));
  }
  if (method === 'average') {
    const { values } = shrinkPlane(luma, 8, 8);
    return pack(
      values,
      values.reduce((sum, value) => sum + value / 64, 0),
    );
  }
  const { values } = shrinkPlane(luma, 9, 8);
  const rises = new Float64Array(64);
  for (let at = 0; at < 64; at++) {
    const from = at + (at >> 3);
    rises[at] = values[from + 1]! - values[from]!;
  }
  return pack(rises, 0);
}

/** A bit for each of 64 numbers: whether it is above the level by more than rounding. */
function pack(values: Float64Array, level: number): Uint8Array {
  const hash = new Uint8Array(8);
  for (let at = 0; at < 64; at++) {
    if (values[at]! > level + 1e-9) hash[at >> 3]! |= 128 >> (at & 7);
  }
  return hash;
}

/** cos(pi (2 x + 1) f / 64) for frequencies f to 8 and places x to 32. */
const COSINES: Float64Array = Float64Array.from({ length: 8 * 32 }, (_, at) =>
  Math.cos((Math.PI * (2 * (at & 31) + 1) * (at >> 5)) / 64),
);

/** The 8 x 8 lowest frequencies of the discrete cosine transform (II) of 32 x 32 numbers. */
function lowFrequencies({ values }: Plane): Float64Array {
  const rows = new Float64Array(32 * 8);
  for (let y = 0; y < 32; y++) {
    for (let f = 0; f < 8; f++) {
      let sum = 0;
      for (let x = 0; x < 32; x++) sum += values[32 * y + x]! * COSINES[32 * f + x]!;
      rows[8 * y + f] = sum;
    }
  }
  const low = new Float64Array(64);
  for (let g = 0; g < 8; g++) {
    for (let f = 0; f < 8; f++) {
      let sum = 0;
      for (let y = 0; y < 32; y++) sum += rows[8 * y + f]! * COSINES[32 * g + y]!;
      low[8 * g + f] = sum;
    }
  }
  return low;
}
