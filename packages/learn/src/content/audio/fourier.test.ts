import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realFourier } from './fourier.ts';
import { congruent } from './sounds.fixture.ts';

const lengths = [
  ...Array.from({ length: 40 }, (_, at) => at + 1),
  ...[48, 64, 100, 127, 128, 256, 331, 500, 512, 1000, 1023, 1024],
];

// The definition; 1e-12 of the length is far above rounding and far below any wrong term.
test('every length gives the sums of the definition', () => {
  for (const size of lengths) {
    const values = congruent(size, 11);
    const { bins, transform } = realFourier(size);
    assert.equal(bins, Math.floor(size / 2) + 1);
    const [re, im] = [new Float64Array(bins), new Float64Array(bins)];
    const kept = values.slice();
    transform(values, re, im);
    assert.deepEqual(values, kept);
    for (let k = 0; k < bins; k++) {
      let [x, y] = [0, 0];
      for (let n = 0; n < size; n++) {
        const angle = (-2 * Math.PI * ((n * k) % size)) / size;
        x += values[n]! * Math.cos(angle);
        y += values[n]! * Math.sin(angle);
      }
      const error = Math.hypot(re[k]! - x, im[k]! - y);
      assert.ok(error < 1e-12 * (size + 10), `${size} ${k}: ${error}`);
    }
  }
});

test('long lengths keep the sum of squares (Parseval), whatever was transformed before', () => {
  for (const size of [65536, 44100, 30011]) {
    const values = congruent(size, 5);
    const fourier = realFourier(size);
    const [re, im] = [new Float64Array(fourier.bins), new Float64Array(fourier.bins)];
    fourier.transform(new Float64Array(size).fill(3), re, im);
    assert.ok(Math.abs(re[0]! - 3 * size) < 1e-6);
    fourier.transform(values, re, im);
    const squares = values.reduce((sum, value) => sum + value * value, 0);
    let powers = 0;
    for (let k = 0; k < fourier.bins; k++) {
      const twice = k === 0 || 2 * k === size ? 1 : 2;
      powers += (twice * (re[k]! ** 2 + im[k]! ** 2)) / size;
    }
    assert.ok(Math.abs(powers / squares - 1) < 1e-11);
  }
});
