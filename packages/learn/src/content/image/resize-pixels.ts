import { InvalidArgument } from '../../error.ts';
import { checkPixels, type Pixels, type Plane } from './pixels.ts';

export interface ResizeOptions {
  readonly width: number;
  readonly height: number;
  /**
   * 'area' (the default) averages what a new pixel covers, parts of pixels by their share: no detail is
   * skipped when it shrinks. 'bilinear' reads between the four nearest centres, for pictures that grow.
   */
  readonly method?: 'area' | 'bilinear' | undefined;
}

/** The picture in another size. Throws `InvalidExamples`, and `InvalidArgument` for a size. */
export function resizePixels(pixels: Pixels, options: ResizeOptions): Pixels {
  checkPixels(pixels);
  const { width, height, method = 'area' } = options;
  for (const [name, side] of Object.entries({ width, height })) {
    if (Number.isInteger(side) && side >= 1 && side <= 65536) continue;
    throw new InvalidArgument(name, `is ${side}; a whole number from 1 to 65536 is allowed`);
  }
  const { channels, data: source } = pixels;
  if (width === pixels.width && height === pixels.height) return pixels;
  const data = new Uint8Array(width * height * channels);
  const reach = method === 'area' ? areaReach : bilinearReach;
  const [across, down] = [reach(pixels.width, width), reach(pixels.height, height)];
  eachScaledRow(source, pixels.width, channels, across, down, (row, values) => {
    const from = row * values.length;
    for (let at = 0; at < values.length; at++) data[from + at] = values[at]! + 0.5;
  });
  return { width, height, channels, data };
}

/** A plane in another size, by the average of what each new pixel covers. */
export function shrinkPlane(plane: Plane, width: number, height: number): Plane {
  if (width === plane.width && height === plane.height) return plane;
  const values = new Float64Array(width * height);
  const [across, down] = [areaReach(plane.width, width), areaReach(plane.height, height)];
  eachScaledRow(plane.values, plane.width, 1, across, down, (row, scaled) => {
    values.set(scaled, row * width);
  });
  return { width, height, values };
}

/** What each new place reads: `counts[i]` old places from `starts[i]`, with weights that add up to 1. */
interface Reach {
  readonly size: number;
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** size x most. */
  readonly weights: Float64Array;
  readonly most: number;
}

function areaReach(from: number, size: number): Reach {
  const most = Math.ceil(from / size) + 1;
  const [starts, counts] = [new Int32Array(size), new Int32Array(size)];
  const weights = new Float64Array(size * most);
  for (let at = 0; at < size; at++) {
    // In units of 1 / size of an old place, so that all edges are whole numbers.
    const [low, high] = [at * from, (at + 1) * from];
    const first = Math.floor(low / size);
    const last = Math.ceil(high / size);
    starts[at] = first;
    counts[at] = last - first;
    for (let old = first; old < last; old++) {
      const covered = Math.min(high, (old + 1) * size) - Math.max(low, old * size);
      weights[at * most + old - first] = covered / from;
    }
  }
  return { size, starts, counts, weights, most };
}

function bilinearReach(from: number, size: number): Reach {
  const [starts, counts] = [new Int32Array(size), new Int32Array(size)];
  const weights = new Float64Array(size * 2);
  for (let at = 0; at < size; at++) {
    const centre = Math.min(Math.max(((at + 0.5) * from) / size - 0.5, 0), from - 1);
    const first = Math.min(Math.floor(centre), Math.max(from - 2, 0));
    starts[at] = first;
    counts[at] = Math.min(2, from);
    weights[at * 2] = 1 - (centre - first);
    weights[at * 2 + 1] = centre - first;
  }
  return { size, starts, counts, weights, most: 2 };
}

/** Down first, whole rows at a time, then across; `visit` gets each new row in one reused buffer. */
function eachScaledRow(
  source: ArrayLike<number>,
  width: number,
  channels: number,
  across: Reach,
  down: Reach,
  visit: (row: number, values: Float64Array) => void,
): void {
  const wide = new Float64Array(width * channels);
  const values = new Float64Array(across.size * channels);
  for (let row = 0; row < down.size; row++) {
    wide.fill(0);
    for (let k = 0; k < down.counts[row]!; k++) {
      const from = (down.starts[row]! + k) * wide.length;
      addScaled(wide, source, from, down.weights[row * down.most + k]!);
    }
    for (let channel = 0; channel < channels; channel++) {
      scaleAcross(wide, values, across, channels, channel);
    }
    visit(row, values);
  }
}

function addScaled(out: Float64Array, source: ArrayLike<number>, from: number, weight: number) {
  for (let at = 0; at < out.length; at++) out[at]! += weight * source[from + at]!;
}

function scaleAcross(
  wide: Float64Array,
  values: Float64Array,
  { size, starts, counts, weights, most }: Reach,
  channels: number,
  channel: number,
): void {
  for (let at = 0; at < size; at++) {
    const from = starts[at]! * channels + channel;
    let sum = 0;
    for (let k = 0; k < counts[at]!; k++) {
      sum += weights[at * most + k]! * wide[from + k * channels]!;
    }
    values[at * channels + channel] = sum;
  }
}
