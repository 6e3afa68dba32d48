import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { AnswerRefused } from './error.ts';
import { topItems } from './top-items.ts';

test('the best are those of a full sort, ties by item number', () => {
  const random = seededRandom(5);
  for (let round = 0; round < 500; round++) {
    const scores = Float32Array.from({ length: random.below(40) }, () => random.below(8) - 4);
    const k = 1 + random.below(12);
    const allowed = (item: number): boolean => (item * 7 + round) % 3 !== 0;
    const expected = [...scores.keys()]
      .filter(allowed)
      .sort((a, b) => scores[b]! - scores[a]! || a - b)
      .slice(0, k);
    const { items, scores: best } = topItems(scores, k, allowed);
    assert.deepEqual([...items], expected);
    assert.deepEqual(
      [...best],
      expected.map((item) => scores[item]),
    );
  }
});

test('a score that is not finite is refused wherever it stands', () => {
  for (const bad of [Number.NaN, Infinity, -Infinity]) {
    assert.throws(() => topItems(Float32Array.of(3, 2, bad), 1, () => true), AnswerRefused);
  }
});
