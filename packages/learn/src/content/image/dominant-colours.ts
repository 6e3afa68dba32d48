import { InvalidArgument } from '../../error.ts';
import { writeLab } from './lab.ts';
import { checkPixels, onWhite, type Pixels } from './pixels.ts';

export interface Colour {
  /** From 0 to 255. */
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** L*, a*, b*. */
  readonly lab: readonly [number, number, number];
  /** The part of the picture that is of about this colour. */
  readonly share: number;
}

/**
 * The main colours of a picture, the most common first: k-means in Lab, where equal distances look about
 * equally large, over the picture's colours counted in 32^3 cells. The first centre is the fullest cell,
 * each next one the cell with the most squared distance left in it, so that nothing is drawn by chance.
 * Fewer than `count` come back where the picture has fewer cells. Throws `InvalidExamples` and
 * `InvalidArgument`.
 */
export function dominantColours(
  pixels: Pixels,
  options: { readonly count?: number | undefined } = {},
): readonly Colour[] {
  checkPixels(pixels);
  const { count = 5 } = options;
  if (!(Number.isInteger(count) && count >= 1 && count <= 64)) {
    throw new InvalidArgument('count', `is ${count}; a whole number from 1 to 64 is allowed`);
  }
  const cells = colourCells(onWhite(pixels));
  const owner = groupCells(cells, firstCentres(cells, count));
  return coloursOf(cells, owner, count).sort((a, b) => b.share - a.share);
}

/** The colours that a picture has, near ones together. */
interface Cells {
  readonly size: number;
  readonly weights: Float64Array;
  /** size x 3: the mean red, green, blue. */
  readonly rgb: Float64Array;
  /** size x 3. */
  readonly lab: Float64Array;
}

function colourCells({ channels, data }: Pixels): Cells {
  const sums = new Float64Array(4 << 15);
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
  for (let at = 0; at < data.length; at += channels) {
    const r = data[at]!;
    const g = data[at + green]!;
    const b = data[at + blue]!;
    const cell = 4 * (((r >> 3) << 10) | ((g >> 3) << 5) | (b >> 3));
    sums[cell]! += 1;
    sums[cell + 1]! += r;
    sums[cell + 2]! += g;
    sums[cell + 3]! += b;
  }
  const used: number[] = [];
  for (let cell = 0; cell < sums.length; cell += 4) if (sums[cell]! > 0) used.push(cell);
  const weights = Float64Array.from(used, (cell) => sums[cell]!);
  const [rgb, lab] = [new Float64Array(3 * used.length), new Float64Array(3 * used.length)];
  used.forEach((cell, at) => {
    for (let k = 0; k < 3; k++) rgb[3 * at + k] = sums[cell + 1 + k]! / sums[cell]!;
    writeLab(rgb[3 * at]!, rgb[3 * at + 1]!, rgb[3 * at + 2]!, lab, 3 * at);
  });
  return { size: used.length, weights, rgb, lab };
}

/** Up to count x 3 numbers of Lab. */
function firstCentres({ size, weights, lab }: Cells, count: number): Float64Array {
  const least = new Float64Array(size).fill(Infinity);
  const centres: number[] = [];
  let next = weights.indexOf(weights.reduce((most, value) => Math.max(most, value), 0));
  while (centres.length < 3 * count && next >= 0) {
    const centre = lab.subarray(3 * next, 3 * next + 3);
    centres.push(...centre);
    let most = 0;
    next = -1;
    for (let cell = 0; cell < size; cell++) {
      least[cell] = Math.min(least[cell]!, squaredDistance(lab, 3 * cell, centre, 0));
      if (weights[cell]! * least[cell]! > most) {
        most = weights[cell]! * least[cell]!;
        next = cell;
      }
    }
  }
  return Float64Array.from(centres);
}

/** The centre of each cell, after at most 20 rounds of Lloyd's; `centres` moves along. */
function groupCells(cells: Cells, centres: Float64Array): Uint8Array {
  const owner = new Uint8Array(cells.size);
  for (let round = 0; round < 20; round++) {
    const moved = assignCells(cells, centres, owner);
    if (round > 0 && !moved) break;
    moveCentres(cells, centres, owner);
  }
  return owner;
}

function assignCells({ size, lab }: Cells, centres: Float64Array, owner: Uint8Array): boolean {
  let moved = false;
  for (let cell = 0; cell < size; cell++) {
    let best = 0;
    let least = Infinity;
    for (let at = 0; at < centres.length; at += 3) {
      const distance = squaredDistance(lab, 3 * cell, centres, at);
      if (distance < least) {
        least = distance;
        best = at / 3;
      }
    }
    if (owner[cell] !== best) moved = true;
    owner[cell] = best;
  }
  return moved;
}

function moveCentres({ size, weights, lab }: Cells, centres: Float64Array, owner: Uint8Array) {
  const sums = new Float64Array(centres.length);
  const totals = new Float64Array(centres.length / 3);
  for (let cell = 0; cell < size; cell++) {
    const [k, weight] = [owner[cell]!, weights[cell]!];
    totals[k]! += weight;
    for (let j = 0; j < 3; j++) sums[3 * k + j]! += weight * lab[3 * cell + j]!;
  }
  // A centre that no cell is nearest to stays where it was.
  for (let at = 0; at < centres.length; at++) {
    const total = totals[Math.floor(at / 3)]!;
    if (total > 0) centres[at] = sums[at]! / total;
  }
}

function squaredDistance(a: Float64Array, i: number, b: Float64Array, j: number): number {
  return (a[i]! - b[j]!) ** 2 + (a[i + 1]! - b[j + 1]!) ** 2 + (a[i + 2]! - b[j + 2]!) ** 2;
}

/** Each group's mean colour and its Lab; groups without cells are left out. */
function coloursOf({ size, weights, rgb }: Cells, owner: Uint8Array, count: number): Colour[] {
  const sums = new Float64Array(4 * count);
  let all = 0;
  for (let cell = 0; cell < size; cell++) {
    const [at, weight] = [4 * owner[cell]!, weights[cell]!];
    all += weight;
    sums[at]! += weight;
    for (let j = 0; j < 3; j++) sums[at + 1 + j]! += weight * rgb[3 * cell + j]!;
  }
  const found: Colour[] = [];
  const lab = new Float64Array(3);
  for (let at = 0; at < sums.length; at += 4) {
    const weight = sums[at]!;
    if (weight === 0) continue;
    const [red, green, blue] = [sums[at + 1]!, sums[at + 2]!, sums[at + 3]!].map((s) => s / weight);
    writeLab(red!, green!, blue!, lab, 0);
    const [l, a, b] = lab as unknown as [number, number, number];
    found.push({ red: red!, green: green!, blue: blue!, lab: [l, a, b], share: weight / all });
  }
  return found;
}
