import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { InvalidArgument, minHash, nearDuplicates, type Signatures } from '../index.ts';
import { languageTexts } from './languages.fixture.ts';

/** Texts of numbered words; every second text is like the one before, more or less. */
function randomTexts(seed: number, texts: number): string[] {
  const random = seededRandom(seed);
  let last: number[] = [];
  return Array.from({ length: texts }, (_, at) => {
    const keep = at % 2 === 0 ? 0 : random.uniform();
    const fresh = () => Array.from({ length: 40 }, () => random.below(1000));
    last = fresh().map((word, place) => (random.uniform() < keep ? last[place]! : word));
    return last.map((word) => `w${word}`).join(' ');
  });
}

function jaccard(a: string, b: string): number {
  const [left, right] = [new Set(a.split(' ')), new Set(b.split(' '))];
  return left.intersection(right).size / left.union(right).size;
}

function estimate({ hashes, values }: Signatures, left: number, right: number): number {
  let equal = 0;
  for (let at = 0; at < hashes; at++) {
    equal += Number(values[left * hashes + at] === values[right * hashes + at]);
  }
  return equal / hashes;
}

test('the share of equal numbers is the Jaccard similarity, within binomial error', () => {
  const texts = randomTexts(1, 120);
  const hashes = 1024;
  const signatures = minHash(texts, { hashes, shingle: 1, seed: 4 });
  let [sum, squares, pairs] = [0, 0, 0];
  for (let at = 0; at < texts.length; at += 2) {
    const exact = jaccard(texts[at]!, texts[at + 1]!);
    if (exact === 0 || exact === 1) continue;
    const error = estimate(signatures, at, at + 1) - exact;
    const standard = error / Math.sqrt((exact * (1 - exact)) / hashes);
    assert.ok(Math.abs(standard) < 4.5, `${exact}: off by ${standard} deviations`);
    [sum, squares, pairs] = [sum + standard, squares + standard * standard, pairs + 1];
  }
  assert.ok(Math.abs(sum / Math.sqrt(pairs)) < 4, `mean ${sum / pairs}`);
  assert.ok(
    Math.abs(squares / pairs - 1) < 4 * Math.sqrt(2 / pairs),
    `variance ${squares / pairs}`,
  );
});

test('with a band for each number, the pairs are those that comparing all finds', () => {
  const texts = randomTexts(2, 60);
  const signatures = minHash(texts, { hashes: 64, shingle: 1 });
  const expected: number[][] = [];
  for (let left = 0; left < 60; left++) {
    for (let right = left + 1; right < 60; right++) {
      const similarity = estimate(signatures, left, right);
      if (similarity >= 0.3) expected.push([left, right, similarity]);
    }
  }
  const { left, right, similarity } = nearDuplicates(signatures, { bands: 64, threshold: 0.3 });
  assert.ok(expected.length > 5);
  assert.deepEqual(
    Array.from(left, (row, at) => [row, right[at], similarity[at]]),
    expected,
  );
  // Fewer bands find a part of them, the alike ones for certain.
  const few = nearDuplicates(signatures, { bands: 8, threshold: 0.3 });
  assert.ok(few.left.length < left.length);
  const rest = Array.from(few.left, (row, at) => `${row} ${few.right[at]}`);
  assert.ok(rest.every((pair) => expected.some(([a, b]) => `${a} ${b}` === pair)));
});

test('a changed word leaves texts near, in every script; other sentences are far', () => {
  const { texts } = languageTexts.train;
  const changed = texts.map((text) => `${text} 2026`);
  const signatures = minHash([...texts, ...changed], { of: 'characters', shingle: 3 });
  const { left, right } = nearDuplicates(signatures, { threshold: 0.6 });
  assert.deepEqual(
    [...left],
    Array.from(texts, (_, row) => row),
  );
  assert.deepEqual(
    [...right],
    Array.from(texts, (_, row) => row + texts.length),
  );
});

test('short and empty texts have their places, and the seed chooses the hashes', () => {
  const texts = ['a', 'A', 'b', '', ' ', 'a b c d'];
  const { left, right, similarity } = nearDuplicates(minHash(texts), { threshold: 1 });
  assert.deepEqual(
    [[...left], [...right], [...similarity]],
    [
      [0, 3],
      [1, 4],
      [1, 1],
    ],
  );
  assert.deepEqual(minHash(texts, { seed: 1 }), minHash(texts, { seed: 1 }));
  assert.notDeepEqual(minHash(texts, { seed: 1 }), minHash(texts, { seed: 2 }));
});

test('arguments out of range are refused', () => {
  const signatures = minHash(['a', 'a', 'a'], { hashes: 12 });
  assert.throws(() => minHash([], { hashes: 0 }), InvalidArgument);
  assert.throws(() => minHash([], { shingle: 1.5 }), InvalidArgument);
  assert.throws(() => nearDuplicates(signatures, { bands: 5 }), InvalidArgument);
  assert.throws(() => nearDuplicates(signatures, { threshold: Number.NaN }), InvalidArgument);
  assert.throws(() => nearDuplicates(signatures, { most: 2 }), InvalidArgument);
  assert.equal(nearDuplicates(signatures, { most: 3 }).left.length, 3);
});
