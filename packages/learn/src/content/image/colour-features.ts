import { writeLab } from './lab.ts';
import type { Pixels } from './pixels.ts';

/** A named part of a row of features. */
export type Named = readonly (readonly [string, number])[];

/**
 * Colour of a picture of one or three channels: mean and deviation of red, green, blue (0 to 1) and of L*,
 * a*, b*; shares by hue (each pixel counted by its chroma), saturation, value, L*, a*, b*; and colourfulness
 * (Hasler and Suesstrunk 2003, equation 10, of values from 0 to 255).
 */
export function colourFeatures(pixels: Pixels): Named {
  const { channels, data } = pixels;
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
  const moments = new Moments(COLUMNS.length);
  const shares = new Float64Array(SHARES.length);
  // Red, green, blue, L*, a*, b*, red less green, yellow less blue.
  const pixel = new Float64Array(COLUMNS.length);
  for (let at = 0; at < data.length; at += channels) {
    const r = data[at]!;
    const g = data[at + green]!;
    const b = data[at + blue]!;
    pixel[0] = r;
    pixel[1] = g;
    pixel[2] = b;
    writeLab(r, g, b, pixel, 3);
    pixel[6] = r - g;
    pixel[7] = (r + g) / 2 - b;
    moments.add(pixel);
    countColour(shares, pixel);
  }
  const spread = Math.sqrt(moments.variance(6) + moments.variance(7));
  return [
    ...COLUMNS.slice(0, 6).flatMap((name, k) => [
      [`${name}-mean`, moments.mean(k) / UNITS[k]!] as const,
      [`${name}-deviation`, Math.sqrt(moments.variance(k)) / UNITS[k]!] as const,
    ]),
    ...namedShares(shares, data.length / channels),
    ['colourfulness', spread + 0.3 * Math.hypot(moments.mean(6), moments.mean(7))],
  ];
}

const COLUMNS = ['red', 'green', 'blue', 'lightness', 'lab-a', 'lab-b', 'red-green', 'yellow-blue'];
const UNITS = [255, 255, 255, 1, 1, 1];

/** Sums of columns, from their first values, so that a constant one has no deviation at all. */
class Moments {
  count = 0;
  readonly first: Float64Array;
  readonly sums: Float64Array;
  readonly squares: Float64Array;

  constructor(columns: number) {
    this.first = new Float64Array(columns);
    this.sums = new Float64Array(columns);
    this.squares = new Float64Array(columns);
  }

  add(values: Float64Array): void {
    const { first, sums, squares } = this;
    if (this.count === 0) first.set(values);
    this.count += 1;
    for (let k = 0; k < values.length; k++) {
      const shifted = values[k]! - first[k]!;
      sums[k]! += shifted;
      squares[k]! += shifted * shifted;
    }
  }

  mean(column: number): number {
    return this.first[column]! + this.sums[column]! / this.count;
  }

  variance(column: number): number {
    const mean = this.sums[column]! / this.count;
    return Math.max(0, this.squares[column]! / this.count - mean * mean);
  }
}

/** Bins of the histograms: 30 degrees of hue; quarters; eighths of L* and of -128 to 128. */
const BINS = { hue: 12, saturation: 4, value: 4, lightness: 8, 'lab-a': 8, 'lab-b': 8 };
const SHARES = Object.entries(BINS).flatMap(([name, bins]) =>
  Array.from({ length: bins }, (_, at) => `${name}-${at}`),
);

function countColour(shares: Float64Array, pixel: Float64Array): void {
  const red = pixel[0]!;
  const green = pixel[1]!;
  const blue = pixel[2]!;
  const value = Math.max(red, green, blue);
  const chroma = value - Math.min(red, green, blue);
  if (chroma > 0) shares[(sextant(red, green, blue, value, chroma) * 2) | 0]! += chroma;
  shares[12 + (value === 0 ? 0 : bin((chroma / value) * 4, 4))]! += 1;
  shares[16 + bin(value / 63.75, 4)]! += 1;
  shares[20 + bin(pixel[3]! / 12.5, 8)]! += 1;
  shares[28 + bin((pixel[4]! + 128) / 32, 8)]! += 1;
  shares[36 + bin((pixel[5]! + 128) / 32, 8)]! += 1;
}

/** Hue from 0 up to, without, 6: red at 0, green at 2, blue at 4. */
function sextant(red: number, green: number, blue: number, value: number, chroma: number): number {
  if (value === red) return (green >= blue ? 0 : 6) + (green - blue) / chroma;
  return value === green ? 2 + (blue - red) / chroma : 4 + (red - green) / chroma;
}

function bin(place: number, bins: number): number {
  if (place <= 0) return 0;
  return place >= bins ? bins - 1 : place | 0;
}

/** Shares of all pixels; of hue, of all chroma, and 0 in a grey picture. */
function namedShares(shares: Float64Array, pixels: number): Named {
  const chroma = shares.subarray(0, BINS.hue).reduce((sum, value) => sum + value, 0);
  return SHARES.map((name, at) => {
    const total = at < BINS.hue ? Math.max(chroma, Number.MIN_VALUE) : pixels;
    return [name, shares[at]! / total];
  });
}
