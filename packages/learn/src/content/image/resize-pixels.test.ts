import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgument, InvalidExamples } from '../../error.ts';
import { drawn, restless } from './pictures.fixture.ts';
import type { Pixels } from './pixels.ts';
import { resizePixels } from './resize-pixels.ts';

function near(found: ArrayLike<number>, wanted: readonly number[], tolerance: number): void {
  assert.equal(found.length, wanted.length);
  wanted.forEach((value, at) => {
    assert.ok(Math.abs(found[at]! - value) <= tolerance, `${at}: ${found[at]}, not ${value}`);
  });
}

// OpenCV 5.0.0 on floats, which ours are but for rounding to bytes.
test('areas are averaged as OpenCV averages them', () => {
  const { data } = resizePixels(drawn(40, 30, restless), { width: 7, height: 4 });
  const wanted = [
    132.065, 63.175, 117.3967, 65.2983, 122.875, 122.1567, 77.8917, 136.4417, 126.49, 117.9667,
    143.4, 126.28, 158.0417, 111.525, 123.0833, 194.1017, 134.665, 121.4433, 155.0683, 130.0184,
    120.23,
  ];
  near(data.subarray(42, 63), wanted, 0.501);
});

test('between centres it reads as OpenCV and scikit-image do', () => {
  const options = { width: 11, height: 9, method: 'bilinear' } as const;
  const { data } = resizePixels(drawn(7, 5, restless), options);
  const wanted = [
    26, 6, 40, 29.1818, 6.4545, 44.5455, 33.6364, 7.2727, 50.9091, 38.0909, 9.1818, 57.2727,
    42.5455, 11.8182, 63.6364, 47, 15, 70, 51.4545, 19.4545, 76.3636, 55.9091, 24.4545, 82.7273,
    60.3636, 30.1818, 89.0909, 64.8182, 37, 95.4545, 68, 42, 100,
  ];
  near(data.subarray(4 * 33, 5 * 33), wanted, 0.501);
});

test('an even picture stays even and a mean stays the mean, in sizes down to one pixel', () => {
  for (const [width, height] of [
    [1, 1],
    [1, 17],
    [23, 1],
    [31, 29],
  ] as const) {
    for (const method of ['area', 'bilinear'] as const) {
      const even = drawn(width, height, () => [77, 3, 255, 128]);
      for (const [w, h] of [
        [1, 1],
        [5, 1],
        [64, 40],
      ] as const) {
        const { data } = resizePixels(even, { width: w, height: h, method });
        assert.equal(data.length, w * h * 4);
        for (let at = 0; at < data.length; at++) assert.equal(data[at], [77, 3, 255, 128][at % 4]);
      }
    }
    const grey = drawn(width, height, (x, y) => [(x * 31 + y * 17) % 256]);
    const mean = Array.from(grey.data).reduce((sum, value) => sum + value, 0) / (width * height);
    const one = resizePixels(grey, { width: 1, height: 1 });
    assert.ok(Math.abs(one.data[0]! - mean) <= 0.501);
  }
});

test('pictures and sizes that cannot be are refused', () => {
  const good = drawn(4, 3, restless);
  const wrong: readonly object[] = [
    { ...good, width: 5 },
    { ...good, width: 0 },
    { ...good, height: 3.5 },
    { ...good, channels: 2 },
    { ...good, data: Array.from(good.data) },
    { width: 0, height: 0, channels: 1, data: new Uint8Array(0) },
  ];
  for (const pixels of wrong) {
    assert.throws(() => resizePixels(pixels as Pixels, { width: 2, height: 2 }), InvalidExamples);
  }
  for (const width of [0, -1, 1.5, Number.NaN, 1e6]) {
    assert.throws(() => resizePixels(good, { width, height: 2 }), InvalidArgument);
  }
});
