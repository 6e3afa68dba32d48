import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from './seeded-random.ts';

// Seeds are fixed, so that a test either always passes or always fails. Tolerances are quantiles at
// about five standard deviations of the statistic's known distribution.

test('the same seed and stream give the same numbers, another of either gives others', () => {
  const draw = (seed: number, stream: number): readonly number[] => {
    const random = seededRandom(seed, stream);
    return Array.from({ length: 8 }, () => random.uint32());
  };
  assert.deepEqual(draw(7, 0), draw(7, 0));
  const seen = new Set<string>();
  // The last three differ only above the 32nd bit of the seed.
  for (const seed of [0, 1, 2, 7, 2 ** 31, 2 ** 32, 2 ** 32 + 7, 2 ** 33 + 7]) {
    for (const stream of [0, 1, 2, 1000]) seen.add(draw(seed, stream).join());
  }
  assert.equal(seen.size, 8 * 4);
});

test('no two of many seeds and streams begin alike', () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 300; seed++) {
    for (let stream = 0; stream < 300; stream++) {
      const random = seededRandom(seed, stream);
      seen.add(`${random.uint32()} ${random.uint32()} ${random.uint32()}`);
    }
  }
  assert.equal(seen.size, 300 * 300);
});

test('uniform numbers lie in [0, 1), with the moments of the uniform distribution', () => {
  const n = 200_000;
  const random = seededRandom(11);
  let [sum, squares, low] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const u = random.uniform();
    assert.ok(u >= 0 && u < 1);
    sum += u;
    squares += u * u;
    // The last of 53 bits is as random as the first.
    low += (u * 2 ** 53) % 2;
  }
  assert.ok(Math.abs(sum / n - 1 / 2) < 5 * Math.sqrt(1 / 12 / n));
  assert.ok(Math.abs(squares / n - 1 / 3) < 5 * Math.sqrt(4 / 45 / n));
  assert.ok(Math.abs(low / n - 1 / 2) < 5 * Math.sqrt(1 / 4 / n));
});

test('every bit of uint32 is fair, and neighbours are not correlated', () => {
  const n = 100_000;
  const random = seededRandom(12);
  const ones = new Array<number>(32).fill(0);
  let [previous, products] = [random.uint32() / 2 ** 32 - 0.5, 0];
  for (let i = 0; i < n; i++) {
    const value = random.uint32();
    for (let bit = 0; bit < 32; bit++) ones[bit]! += (value >>> bit) & 1;
    const centred = value / 2 ** 32 - 0.5;
    products += previous * centred;
    previous = centred;
  }
  for (const count of ones) assert.ok(Math.abs(count / n - 0.5) < 5 * Math.sqrt(0.25 / n));
  assert.ok(Math.abs(products / n) < 5 * (1 / 12 / Math.sqrt(n)));
});

test('below(n) is uniform over its whole range', () => {
  const random = seededRandom(13);
  for (const n of [2, 3, 6, 10, 100]) {
    const draws = 20_000 * Math.min(n, 10);
    const counts = new Array<number>(n).fill(0);
    for (let i = 0; i < draws; i++) counts[random.below(n)]!++;
    assert.ok(chiSquare(counts, draws / n) < chiSquareLimit(n - 1), `below(${n})`);
  }
  assert.equal(random.below(1), 0);
  assert.ok(random.below(2 ** 32) < 2 ** 32);
});

test('below has no modulo bias where a plain remainder would', () => {
  // With n = 3/4 of 2^32, a remainder would fall into the lowest third twice as often.
  const n = 3 * 2 ** 30;
  const random = seededRandom(14);
  const counts = [0, 0, 0];
  for (let i = 0; i < 30_000; i++) counts[Math.floor(random.below(n) / 2 ** 30)]!++;
  assert.ok(chiSquare(counts, 10_000) < chiSquareLimit(2));
});

test('below refuses what it cannot draw from', () => {
  for (const n of [0, -1, 1.5, Number.NaN, 2 ** 32 + 1]) {
    assert.throws(() => seededRandom(1).below(n), RangeError);
  }
});

test('a seed or stream that would be cut silently is refused', () => {
  for (const [seed, stream] of [
    [0.5, 0],
    [Number.NaN, 0],
    [2 ** 60, 0],
    [1, -1],
    [1, 0.5],
  ] as const) {
    assert.throws(() => seededRandom(seed, stream), RangeError);
  }
  seededRandom(-7);
});

test('normal numbers have the moments and the tails of the standard normal', () => {
  const n = 200_000;
  const random = seededRandom(15);
  let [sum, squares, fourths, beyond] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const z = random.normal();
    sum += z;
    squares += z * z;
    fourths += z ** 4;
    if (Math.abs(z) > 1.959963984540054) beyond++;
  }
  assert.ok(Math.abs(sum / n) < 5 / Math.sqrt(n));
  assert.ok(Math.abs(squares / n - 1) < 5 * Math.sqrt(2 / n));
  assert.ok(Math.abs(fourths / n - 3) < 5 * Math.sqrt(96 / n));
  assert.ok(Math.abs(beyond / n - 0.05) < 5 * Math.sqrt((0.05 * 0.95) / n));
});

test('a shuffle makes every order equally often', () => {
  const random = seededRandom(16);
  const counts = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    const order = random.shuffle([0, 1, 2, 3]).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 24);
  assert.ok(chiSquare([...counts.values()], 1000) < chiSquareLimit(23));
});

test('a shuffle works on typed arrays, in place, and loses nothing', () => {
  const items = Int32Array.from({ length: 100 }, (_, index) => index);
  assert.equal(seededRandom(17).shuffle(items), items);
  assert.notEqual(items.join(), Int32Array.from({ length: 100 }, (_, index) => index).join());
  assert.deepEqual(
    [...items].sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
  );
});

test('streams of one seed and seeds of one stream are not correlated', () => {
  const n = 5_000;
  const draw = (seed: number, stream: number): Float64Array => {
    const random = seededRandom(seed, stream);
    return Float64Array.from({ length: n }, () => random.uniform() - 0.5);
  };
  const first = draw(21, 0);
  for (let other = 1; other <= 40; other++) {
    for (const second of [draw(21, other), draw(21 + other, 0)]) {
      let product = 0;
      for (let i = 0; i < n; i++) product += first[i]! * second[i]!;
      assert.ok(Math.abs(product / n) < 5 * (1 / 12 / Math.sqrt(n)));
    }
  }
});

test('the first draws over many streams are themselves uniform', () => {
  const counts = new Array<number>(16).fill(0);
  for (let stream = 0; stream < 32_000; stream++) counts[seededRandom(5, stream).below(16)]!++;
  assert.ok(chiSquare(counts, 2000) < chiSquareLimit(15));
});

function chiSquare(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** The chi-square quantile at five standard normal deviations (Wilson and Hilferty, 1931). */
function chiSquareLimit(freedom: number): number {
  const step = 2 / (9 * freedom);
  return freedom * (1 - step + 5 * Math.sqrt(step)) ** 3;
}
