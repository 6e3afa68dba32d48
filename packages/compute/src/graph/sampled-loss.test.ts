import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidExpression } from '../error.ts';
import { doubles, evaluate, gradientError } from './evaluate.fixture.ts';
import { input } from './expression.ts';
import { sampledCrossEntropy } from './sampled-loss.ts';

const x = (name: string, shape: readonly (number | string)[]) => input(name, shape, 'double');
const [queries, positives, negatives] = [x('q', ['n', 2, 3]), x('p', ['n', 2, 3]), x('m', [4, 3])];
const [ofPositives, ofNegatives] = [x('lp', ['n', 2]), x('lm', [4])];
const feeds = {
  ...{ q: doubles([2, 2, 3], 1), p: doubles([2, 2, 3], 2), m: doubles([4, 3], 3) },
  ...{ lp: doubles([2, 2], 4), lm: doubles([4], 5) },
};

test('the loss is its closed form, and its gradients are those of differences', async () => {
  for (const corrected of [false, true]) {
    const result = corrected
      ? sampledCrossEntropy(queries, positives, negatives, {
          logChances: { positives: ofPositives, negatives: ofNegatives },
        })
      : sampledCrossEntropy(queries, positives, negatives);
    const found = await evaluate({ result }, feeds);
    const [q, p, m, lp, lm] = Object.values(feeds).map(({ data }) => data as Float64Array);
    assert.deepEqual(found.result!.shape, [2, 2]);
    for (let row = 0; row < 4; row++) {
      const dot = (of: Float64Array, at: number): number =>
        [0, 1, 2].reduce((sum, i) => sum + q![row * 3 + i]! * of[at * 3 + i]!, 0);
      const own = dot(p!, row) - (corrected ? lp![row]! : 0);
      const all = [0, 1, 2, 3].map((at) => dot(m!, at) - (corrected ? lm![at]! : 0));
      const total = [own, ...all].reduce((sum, score) => sum + Math.exp(score), 0);
      const value = (found.result!.data as Float64Array)[row]!;
      // A handful of doubles of size 1.
      assert.ok(Math.abs(value - (Math.log(total) - own)) < 1e-12);
    }
    // Central differences of step 1e-5 in doubles.
    const of = [queries, positives, negatives];
    assert.ok((await gradientError(result, of, feeds, [2, 2])) < 2e-8);
  }
});

test('shapes that do not go together are refused', () => {
  const many = x('many', ['count', 3]);
  assert.throws(() => sampledCrossEntropy(queries, positives, many), InvalidExpression);
  assert.throws(() => sampledCrossEntropy(queries, negatives, negatives), InvalidExpression);
});
