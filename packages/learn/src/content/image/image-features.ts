import { InvalidArgument } from '../../error.ts';
import type { ContentVector } from '../content-rows.ts';
import { brightnessFeatures } from './brightness-features.ts';
import { colourFeatures, type Named } from './colour-features.ts';
import { dominantColours } from './dominant-colours.ts';
import { edgeOrientations } from './edge-orientations.ts';
import { checkPixels, lumaOf, onWhite, type Pixels } from './pixels.ts';
import { resizePixels } from './resize-pixels.ts';

export interface ImageFeaturesOptions {
  /**
   * Larger pictures are first shrunk until no side passes this, so that features of a picture's sizes agree
   * and time is bounded; 256 by default, from 16 to 4096.
   */
  readonly side?: number | undefined;
  /** Main colours, each with its Lab and share; 4 by default, from 0 to 16. */
  readonly colours?: number | undefined;
  /** Cells a side of the edges' histograms; 4 by default, from 0 to 16. */
  readonly cells?: number | undefined;
  /** Directions of edges told apart in each cell; 8 by default, from 2 to 36. */
  readonly orientations?: number | undefined;
}

/**
 * A picture as a row of numbers, always as many for the same options: its form (log of width over height),
 * colour, brightness, main colours and edges. Opacity is laid on white. Throws `InvalidExamples` and
 * `InvalidArgument`.
 */
export function imageFeatures(pixels: Pixels, options: ImageFeaturesOptions = {}): ContentVector {
  checkPixels(pixels);
  const { side = 256, colours = 4, cells = 4, orientations = 8 } = options;
  requireWhole('side', side, 16, 4096);
  requireWhole('colours', colours, 0, 16);
  requireWhole('cells', cells, 0, 16);
  requireWhole('orientations', orientations, 2, 36);
  const small = within(onWhite(pixels), side);
  const luma = lumaOf(small);
  const edges = edgeOrientations(luma, cells, orientations);
  const all: Named = [
    ['form', Math.log(pixels.width / pixels.height)],
    ...colourFeatures(small),
    ...brightnessFeatures(luma),
    ...mainColours(small, colours),
    ...Array.from(edges, (value, at) => {
      const cell = Math.floor(at / orientations);
      const place = `${Math.floor(cell / cells)}-${cell % cells}`;
      return [`edges-${place}-${at % orientations}`, value] as const;
    }),
  ];
  return { names: all.map(([name]) => name), values: Float64Array.from(all, ([, value]) => value) };
}

function requireWhole(name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new InvalidArgument(name, `is ${value}; a whole number from ${low} to ${high} is allowed`);
}

function within(pixels: Pixels, side: number): Pixels {
  const scale = side / Math.max(pixels.width, pixels.height);
  if (scale >= 1) return pixels;
  const width = Math.max(1, Math.round(pixels.width * scale));
  const height = Math.max(1, Math.round(pixels.height * scale));
  return resizePixels(pixels, { width, height });
}

/** Where a picture has fewer, its first colour comes again with no share, so that the row is full. */
function mainColours(pixels: Pixels, count: number): Named {
  if (count === 0) return [];
  const found = dominantColours(pixels, { count });
  return Array.from({ length: count }, (_, at) => {
    const { lab, share } = found[at] ?? { ...found[0]!, share: 0 };
    return [
      [`colour-${at}-share`, share] as const,
      ...lab.map((value, k) => [`colour-${at}-${'lab'[k]}`, value] as const),
    ];
  }).flat();
}
