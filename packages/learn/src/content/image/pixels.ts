import { InvalidExamples } from '../../error.ts';

/** A decoded picture: rows from the top, the channels of a pixel together. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 1: grey. 3: red, green, blue, as sRGB has them. 4: with opacity, not multiplied into the colour. */
  readonly channels: 1 | 3 | 4;
  /** width x height x channels, from 0 to 255. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** One number a pixel, row by row. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: Float64Array;
}

/** Refuses a picture whose parts do not fit together, with `InvalidExamples`. */
export function checkPixels(pixels: Pixels): void {
  const { width, height, channels, data } = pixels;
  if (!isSide(width) || !isSide(height)) {
    throw new InvalidExamples(`a picture is ${width} x ${height}; sides are from 1 to 65536`);
  }
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new InvalidExamples(`a picture has ${channels} channels; 1, 3 or 4 are allowed`);
  }
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) {
    throw new InvalidExamples('the data of a picture are no bytes');
  }
  if (data.length !== width * height * channels) {
    throw new InvalidExamples(
      `a picture of ${width} x ${height} x ${channels} holds ${data.length} bytes`,
    );
  }
}

function isSide(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 65536;
}

/** The picture as it looks on white paper: without opacity. The same object where it has none. */
export function onWhite(pixels: Pixels): Pixels {
  if (pixels.channels !== 4) return pixels;
  const { width, height, data: source } = pixels;
  const data = new Uint8Array(width * height * 3);
  for (let to = 0, from = 0; to < data.length; to += 3, from += 4) {
    const opacity = source[from + 3]!;
    const white = 255 * (255 - opacity) + 127;
    data[to] = (source[from]! * opacity + white) / 255;
    data[to + 1] = (source[from + 1]! * opacity + white) / 255;
    data[to + 2] = (source[from + 2]! * opacity + white) / 255;
  }
  return { width, height, channels: 3, data };
}

/** The brightness of each pixel from 0 to 255: 0.299 red, 0.587 green, 0.114 blue (ITU-R BT.601). */
export function lumaOf(pixels: Pixels): Plane {
  const { width, height, channels, data } = onWhite(pixels);
  if (channels === 1) return { width, height, values: Float64Array.from(data) };
  const values = new Float64Array(width * height);
  for (let at = 0, from = 0; at < values.length; at++, from += 3) {
    values[at] = (299 * data[from]! + 587 * data[from + 1]! + 114 * data[from + 2]!) / 1000;
  }
  return { width, height, values };
}
