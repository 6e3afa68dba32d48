import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EmptyInput, InvalidArgument, InvalidExamples } from '../../error.ts';
import { contentRows } from '../content-rows.ts';
import { brightnessFeatures } from './brightness-features.ts';
import type { Named } from './colour-features.ts';
import { edgeOrientations } from './edge-orientations.ts';
import { imageFeatures } from './image-features.ts';
import { writeLab } from './lab.ts';
import { cover, drawn, folded, restless, slanted } from './pictures.fixture.ts';
import { lumaOf, type Pixels } from './pixels.ts';
import { resizePixels } from './resize-pixels.ts';

function near(found: ArrayLike<number>, wanted: readonly number[], tolerance: number): void {
  assert.equal(found.length, wanted.length);
  wanted.forEach((value, at) => {
    assert.ok(Math.abs(found[at]! - value) <= tolerance, `${at}: ${found[at]}, not ${value}`);
  });
}

function labOf(red: number, green: number, blue: number): number[] {
  const lab = new Float64Array(3);
  writeLab(red, green, blue, lab, 0);
  return [...lab];
}

const columns = (named: Named | ReturnType<typeof imageFeatures>, name: RegExp): number[] => {
  if ('names' in named) return [...named.values].filter((_, at) => name.test(named.names[at]!));
  return named.filter(([own]) => name.test(own)).map(([, value]) => value);
};

// brucelindbloom.com (D65, sRGB); scikit-image 0.26.0 rounds its matrix at the sixth place.
test('Lab is that of published tables and of scikit-image', () => {
  near(labOf(255, 0, 0), [53.2408, 80.0925, 67.2032], 1e-3);
  near(labOf(0, 255, 0), [87.7347, -86.1827, 83.1793], 1e-3);
  near(labOf(0, 0, 255), [32.297, 79.1875, -107.8602], 1e-3);
  near(labOf(12, 200, 77), [70.81574, -66.54354, 48.87318], 5e-3);
  near(labOf(1, 2, 3), [0.5098, -0.12249, -0.470496], 5e-3);
  for (const value of [0, 1, 128, 255]) near(labOf(value, value, value).slice(1), [0, 0], 1e-9);
  near(labOf(255, 255, 255), [100, 0, 0], 1e-9);
});

// NumPy 2.4.6 and scikit-image 0.26.0 (rgb2lab, rgb2hsv) over the same 40 x 30 pixels.
test('means, deviations and histograms of colour are those of scikit-image', () => {
  const found = imageFeatures(drawn(40, 30, restless));
  const spread = [0.49312418, 0.28932733, 0.45422222, 0.28129003, 0.48142484, 0.28641757];
  near(columns(found, /^(red|green|blue)-/), spread, 1e-8);
  const lab = [53.7784066, 20.6470294, 11.3240361, 41.9495831, 1.500933, 43.8609405];
  near(columns(found, /-(mean|deviation)$/).slice(6), lab, 5e-3);
  const hue = [
    0.1017763, 0.0829359, 0.0812016, 0.0656333, 0.0715815, 0.0718931, 0.0718389, 0.0909504,
    0.091892, 0.0817706, 0.094629, 0.0938973,
  ];
  // A hue on an edge may fall to either side; there are few.
  near(columns(found, /^hue-/), hue, 1e-3);
  near(columns(found, /^saturation-/), [0.0616667, 0.1766667, 0.3016667, 0.46], 1e-3);
  near(columns(found, /^value-/), [0.0275, 0.1425, 0.31, 0.52], 1e-3);
  const lightness = [0.02167, 0.05833, 0.14833, 0.21583, 0.21583, 0.15, 0.1425, 0.0475];
  near(columns(found, /^lightness-\d/), lightness, 1e-3);
  const a = [0, 0.03417, 0.1525, 0.21583, 0.23, 0.25083, 0.11667, 0];
  near(columns(found, /^lab-a-\d/), a, 1e-3);
  const b = [0.005, 0.06833, 0.18, 0.23333, 0.225, 0.21917, 0.06917, 0];
  near(columns(found, /^lab-b-\d/), b, 1e-3);
  near(columns(found, /^colourfulness/), [136.48739275174404], 1e-9);
});

// scikit-image 0.26.0: shannon_entropy, laplace (3 x 3), and NumPy's deviation and percentiles.
test('contrast, range, sharpness and entropy are those of scikit-image', () => {
  const found = brightnessFeatures(lumaOf(drawn(64, 64, folded)));
  const wanted = [0.1726652192712311, (178 - 31) / 255, 2.59338729278207, 7.461606516828687];
  near(
    found.map(([, value]) => value),
    wanted,
    1e-12,
  );
});

// scikit-image 0.26.0: hog(orientations=8, pixels_per_cell=(16, 16), cells_per_block=(4, 4),
// block_norm='L2'), which sums cells in floats.
test('directions of edges are those of the histogram of oriented gradients', () => {
  const found = edgeOrientations(lumaOf(drawn(64, 64, folded)), 4, 8);
  const first = [0.01209999, 0, 0.30855776, 0, 0.01661732, 0, 0, 0];
  near(found.subarray(0, 8), first, 1e-6);
  const sixth = [
    0.009556867, 0.010347989, 0.213727032, 0, 0.016617322, 0.077719089, 0.003762905, 0.003475224,
  ];
  near(found.subarray(40, 48), sixth, 1e-6);
  assert.ok(Math.abs(found.reduce((sum, value) => sum + value, 0) - 5.363308893616209) < 1e-5);
});

test('a row is as long for every picture, finite, and the same for grey however it is written', () => {
  const names = imageFeatures(drawn(3, 2, restless)).names;
  assert.equal(new Set(names).size, names.length);
  for (const [width, height] of [
    [1, 1],
    [1, 400],
    [1000, 1],
    [13, 299],
    [257, 256],
  ] as const) {
    const grey = imageFeatures(drawn(width, height, (x, y) => [(x * 3 + y) % 256]));
    assert.deepEqual(grey.names, names);
    assert.ok(grey.values.every(Number.isFinite));
    const written = drawn(width, height, (x, y) => {
      const value = (x * 3 + y) % 256;
      return [value, value, value, 255];
    });
    near(imageFeatures(written).values, [...grey.values], 1e-9);
  }
});

test('opacity is laid on white', () => {
  const clear = imageFeatures(drawn(5, 5, () => [10, 200, 30, 0]));
  near(clear.values, [...imageFeatures(drawn(5, 5, () => [255, 255, 255])).values], 1e-9);
  const half = imageFeatures(drawn(5, 5, () => [0, 100, 200, 51]));
  near(half.values, [...imageFeatures(drawn(5, 5, () => [204, 224, 244])).values], 1e-9);
});

test('sizes of one picture give nearly the same row, other pictures another', () => {
  const distance = (a: Float64Array, b: Float64Array): number =>
    Math.sqrt(a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0));
  const edges = (pixels: Pixels): Float64Array =>
    Float64Array.from(columns(imageFeatures(pixels), /^(edges|hue|red|green|blue)/));
  const large = cover(5, 320, 320);
  const same = distance(edges(large), edges(resizePixels(large, { width: 200, height: 200 })));
  const other = distance(edges(large), edges(cover(6, 320, 320)));
  assert.ok(same < 0.25 && other > 4 * same, `${same} ${other}`);
});

test('rows stack into a matrix; other names, no rows and wrong options are refused', () => {
  const vectors = [drawn(4, 4, restless), drawn(9, 2, slanted)].map((one) => imageFeatures(one));
  const { names, features } = contentRows(vectors);
  assert.deepEqual([features.rows, features.columns], [2, names.length]);
  assert.deepEqual(features.values.slice(names.length), vectors[1]!.values);
  const other = imageFeatures(drawn(4, 4, restless), { cells: 3 });
  assert.throws(() => contentRows([...vectors, other]), InvalidExamples);
  assert.throws(() => contentRows([]), EmptyInput);
  for (const options of [{ side: 8 }, { colours: 17 }, { cells: -1 }, { orientations: 1.5 }]) {
    assert.throws(() => imageFeatures(drawn(4, 4, restless), options), InvalidArgument);
  }
});
