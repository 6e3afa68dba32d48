import { seededRandom } from '@backlot/core';
import type { Pixels } from './pixels.ts';

type Colouring = (x: number, y: number) => readonly number[];

/** A picture drawn by a function of the place that gives 1, 3 or 4 numbers. */
export function drawn(width: number, height: number, colouring: Colouring): Pixels {
  const channels = colouring(0, 0).length as 1 | 3 | 4;
  const data = new Uint8Array(width * height * channels);
  for (let at = 0; at < width * height; at++) {
    data.set(colouring(at % width, Math.floor(at / width)), at * channels);
  }
  return { width, height, channels, data };
}

/** Whole numbers only, so that other languages draw the same. */
export const restless: Colouring = (x, y) => [
  (x * 7 + y * 13) % 256,
  (x * x + 3 * y) % 256,
  (x * y * 5 + 40) % 256,
];

export const slanted: Colouring = (x, y) => [
  Math.abs(((x * 5 + y * 3) % 200) - 100) + Math.abs(((x * 2 - y * 7 + 22000) % 220) - 110),
];

export const folded: Colouring = (x, y) => [
  Math.abs(((x * 5) % 200) - 100) + Math.abs(((y * 7) % 220) - 110),
];

/** A cover drawn by chance: bars and blots of colour on a ground that changes slowly. */
export function cover(seed: number, width: number, height: number): Pixels {
  const random = seededRandom(seed);
  const blots = Array.from({ length: 7 }, () => ({
    ...{ x: random.uniform(), y: random.uniform(), size: 0.02 + 0.06 * random.uniform() },
    colour: [0, 1, 2].map(() => 255 * random.uniform()),
  }));
  const bars = Array.from({ length: 5 }, () => ({
    ...{ x: random.uniform(), y: random.uniform(), wide: 0.1 + 0.4 * random.uniform() },
    ...{ high: 0.05 + 0.2 * random.uniform(), grey: random.uniform() < 0.5 ? 20 : 235 },
  }));
  return drawn(width, height, (column, row) => {
    const [x, y] = [(column + 0.5) / width, (row + 0.5) / height];
    const sums = [40 + 60 * x, 60 + 40 * y, 80];
    let weight = 1;
    for (const blot of blots) {
      const near = 4 * Math.exp(-((x - blot.x) ** 2 + (y - blot.y) ** 2) / blot.size);
      weight += near;
      blot.colour.forEach((value, k) => {
        sums[k]! += near * value;
      });
    }
    const bar = bars.find(
      (one) => x > one.x && y > one.y && x < one.x + one.wide && y < one.y + one.high,
    );
    return sums.map((sum) => bar?.grey ?? Math.round(sum / weight));
  });
}

/** The picture brighter by a factor and a step, with noise of a size. */
export function disturbed(
  pixels: Pixels,
  change: { readonly factor?: number; readonly step?: number; readonly noise?: number },
  seed = 1,
): Pixels {
  const { factor = 1, step = 0, noise = 0 } = change;
  const random = seededRandom(seed);
  const data = pixels.data.map((value) => {
    const changed = factor * value + step + noise * (random.uniform() - 0.5);
    return Math.min(255, Math.max(0, Math.round(changed)));
  });
  return { ...pixels, data };
}
