import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawBeta, drawBinomial, drawGamma, drawPoisson } from './draw.ts';
import { philox } from './philox.ts';
import { randomStream } from './random-stream.ts';
import { aliasTable, permutation, sampleDistinct, sampleWeighted } from './sample.ts';

test('Philox4x32-10 gives the known answers of its authors (Random123, kat_vectors)', () => {
  const out = new Uint32Array(4);
  philox(0, 0, 0, 0, 0, 0, out);
  assert.deepEqual([...out], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  philox(-1, -1, -1, -1, -1, -1, out);
  assert.deepEqual([...out], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
  philox(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, out);
  assert.deepEqual([...out], [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]);
});

test('a number is reached by its index, in any order, without moving the stream', () => {
  const stream = randomStream(5, 'rows');
  const other = randomStream(5).child('rows');
  const drawn = Array.from({ length: 9 }, () => stream.uniform());
  for (const i of [8, 0, 3, 7]) assert.equal(other.at(i), drawn[i]);
  assert.equal(other.uniform(), drawn[0]);
  const normals = randomStream(5, 'rows').fillNormal(new Float64Array(5));
  assert.equal(other.normalAt(4), normals[4]);
  assert.throws(() => other.at(-1), RangeError);
  assert.throws(() => other.at(0.5), RangeError);
});

test('paths that differ in anything give other streams; a path is its steps', () => {
  const paths = [[], [0], [1], ['1'], ['a'], ['ab'], ['a', 'b'], ['abc'], ['abcd'], [0, 0], [-1]];
  const firsts = paths.map((path) => randomStream(3, ...path).uniform());
  firsts.push(randomStream(4).uniform(), randomStream(2 ** 40 + 3).uniform());
  assert.equal(new Set(firsts).size, firsts.length);
  assert.equal(randomStream(3, 'tree', 4).at(6), randomStream(3).child('tree').child(4).at(6));
  assert.throws(() => randomStream(0.5), RangeError);
  assert.throws(() => randomStream(1, Number.NaN), RangeError);
});

test('neighbouring streams are not correlated', () => {
  let sum = 0;
  for (let i = 0; i < 20_000; i++)
    sum += randomStream(9, i).normalAt(0) * randomStream(9, i + 1).normalAt(0);
  assert.ok(Math.abs(sum) < 4 * Math.sqrt(20_000), `${sum}`);
});

/** Counts against expectations; z is the chi-square's normal score (Wilson and Hilferty). */
function chiSquareScore(counts: readonly number[], expected: readonly number[]): number {
  let sum = 0;
  counts.forEach((count, i) => {
    sum += (count - expected[i]!) ** 2 / expected[i]!;
  });
  const df = counts.length - 1;
  return (Math.cbrt(sum / df) - (1 - 2 / (9 * df))) / Math.sqrt(2 / (9 * df));
}

function frequencies(draws: number, cells: number, draw: () => number): number[] {
  const counts = new Array<number>(cells).fill(0);
  for (let i = 0; i < draws; i++) counts[Math.min(cells - 1, Math.max(0, draw()))]!++;
  return counts;
}

test('uniforms, bits and bounded numbers are even by chi-square', () => {
  const stream = randomStream(1);
  const even = (cells: number): number[] => new Array(cells).fill(60_000 / cells);
  const cases: [number, () => number][] = [
    [100, () => Math.floor(stream.uniform() * 100)],
    [100, () => Math.floor(stream.openUniform() * 100)],
    [64, () => stream.uint32() & 63],
    [64, () => stream.uint32() >>> 26],
    [7, () => stream.below(7)],
    [24, () => rankOf(permutation(stream, 4))],
    [
      20,
      () => {
        const [i, j] = sampleDistinct(stream, 5, 2);
        return i! * 4 + j! - (j! > i! ? 1 : 0);
      },
    ],
  ];
  for (const [cells, draw] of cases) {
    const score = chiSquareScore(frequencies(60_000, cells, draw), even(cells));
    assert.ok(Math.abs(score) < 3.5, `${draw}: ${score}`);
  }
});

function rankOf(order: Uint32Array): number {
  return [6, 2, 1].reduce(
    (rank, unit, i) => rank + unit * order.slice(i).filter((value) => value < order[i]!).length,
    0,
  );
}

/** Kolmogorov's distance times root n; 1.95 is passed by chance once in a thousand. */
function kolmogorovDistance(draws: Float64Array, cdf: (x: number) => number): number {
  draws.sort();
  let most = 0;
  draws.forEach((x, i) => {
    const p = cdf(x);
    most = Math.max(most, p - i / draws.length, (i + 1) / draws.length - p);
  });
  return most * Math.sqrt(draws.length);
}

test('continuous draws follow their distribution functions', () => {
  const stream = randomStream(2);
  const cases: [() => number, (x: number) => number][] = [
    [() => stream.uniform(), (x) => x],
    [() => stream.exponential(), (x) => -Math.expm1(-x)],
    [() => stream.normal() ** 2 + stream.normal() ** 2, (x) => -Math.expm1(-x / 2)],
    [() => drawGamma(stream, 1), (x) => -Math.expm1(-x)],
    [() => drawGamma(stream, 3), (x) => 1 - Math.exp(-x) * (1 + x + (x * x) / 2)],
    [() => drawGamma(stream, 0.5) + drawGamma(stream, 0.5), (x) => -Math.expm1(-x)],
    [() => drawBeta(stream, 2, 1), (x) => x * x],
    [() => drawBeta(stream, 0.5, 0.5), (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
  ];
  for (const [draw, cdf] of cases) {
    const distance = kolmogorovDistance(Float64Array.from({ length: 20_000 }, draw), cdf);
    assert.ok(distance < 1.95, `${draw}: ${distance}`);
  }
});

test('counts follow their masses, in both methods of each', () => {
  const stream = randomStream(3);
  for (const mean of [3, 40]) {
    const mass = (k: number): number => poissonMass(mean, k);
    checkCounts(() => drawPoisson(stream, mean), mass, mean, Math.sqrt(mean));
  }
  for (const [n, p] of [
    [20, 0.2],
    [200, 0.3],
    [200, 0.7],
  ] as const) {
    const mass = (k: number): number => binomialMass(n, p, k);
    checkCounts(() => drawBinomial(stream, n, p), mass, n * p, Math.sqrt(n * p * (1 - p)));
  }
  assert.equal(drawPoisson(stream, 0), 0);
  assert.equal(drawBinomial(stream, 9, 1), 9);
  assert.ok(Number.isNaN(drawPoisson(stream, -1)) && Number.isNaN(drawBinomial(stream, 2, 2)));
});

function checkCounts(
  draw: () => number,
  mass: (k: number) => number,
  mean: number,
  spread: number,
): void {
  const from = Math.max(0, Math.floor(mean - 2 * spread));
  const cells = Math.ceil(4 * spread);
  const expected = Array.from({ length: cells }, (_, i) => 40_000 * mass(from + i));
  for (let k = 0; k < from; k++) expected[0]! += 40_000 * mass(k);
  expected[cells - 1] = 40_000 - expected.slice(0, -1).reduce((sum, value) => sum + value, 0);
  const counts = frequencies(40_000, cells, () => draw() - from);
  const score = chiSquareScore(counts, expected);
  assert.ok(Math.abs(score) < 3.5, `mean ${mean}: ${score}`);
}

function poissonMass(mean: number, k: number): number {
  return k === 0 ? Math.exp(-mean) : (poissonMass(mean, k - 1) * mean) / k;
}

function binomialMass(n: number, p: number, k: number): number {
  if (k === 0) return (1 - p) ** n;
  return (binomialMass(n, p, k - 1) * (n - k + 1) * p) / (k * (1 - p));
}

test('weights decide the alias table and the first of a weighted sample', () => {
  const stream = randomStream(4);
  const weights = [1, 0, 2, 5, 0.5];
  const expected = [1, 2, 5, 0.5].map((weight) => (30_000 * weight) / 8.5);
  const table = aliasTable(weights);
  for (const draw of [() => table.draw(stream), () => sampleWeighted(stream, weights, 3)[0]!]) {
    const counts = frequencies(30_000, 5, draw);
    assert.equal(counts.splice(1, 1)[0], 0);
    assert.ok(Math.abs(chiSquareScore(counts, expected)) < 3.5);
  }
  assert.throws(() => sampleWeighted(stream, weights, 5), RangeError);
  assert.throws(() => aliasTable([0, 0]), RangeError);
  assert.throws(() => aliasTable([1, -1]), RangeError);
});

test('samples without replacement never repeat', () => {
  const stream = randomStream(5);
  assert.equal(new Set(sampleDistinct(stream, 1e9, 500)).size, 500);
  assert.deepEqual(
    [...sampleDistinct(stream, 50, 50)].sort((a, b) => a - b),
    [...Array(50).keys()],
  );
  assert.equal(new Set(sampleWeighted(stream, new Float64Array(40).fill(1), 40)).size, 40);
  assert.throws(() => sampleDistinct(stream, 3, 4), RangeError);
});

test('floats are filled with uniforms below 1 and with normals', () => {
  const floats = randomStream(6).fillUniform(new Float32Array(5_000));
  assert.ok(floats.every((value) => value >= 0 && value < 1));
  const doubles = randomStream(6).fillUniform(new Float64Array(5));
  assert.equal(doubles[3], randomStream(6).at(3));
});
