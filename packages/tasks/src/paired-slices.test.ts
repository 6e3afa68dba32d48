import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserMetrics } from '@backlot/learn';
import { pairedSlices } from './paired-slices.ts';

function metrics(ndcg: readonly number[]): UserMetrics {
  const values = Float64Array.from(ndcg);
  return {
    ...{ k: 20, coverage: 0.5, recall: values, ndcg: values },
    ...{ recommendedPopularity: values, consumedPopularity: values },
    users: Int32Array.from(ndcg.keys()),
  };
}

test('a gain on the whole does not hide the loss of a slice', () => {
  const storefront = ['US', 'US', 'US', 'EG', 'EG', 'JP'];
  const first = metrics([0.9, 0.8, 0.9, 0.1, 0.2, 1]);
  const second = metrics([0.1, 0.2, 0.1, 0.4, 0.4, 0]);
  const found = pairedSlices(first, second, { storefront }, { seed: 1, leastUsers: 2 });
  assert.deepEqual(Object.keys(found.storefront!), ['EG', 'US']);
  const { EG, US } = found.storefront!;
  // By hand: (0.8 + 0.6 + 0.8) / 3 and (-0.3 - 0.2) / 2.
  assert.ok(Math.abs(US!.ndcg.mean - 2.2 / 3) < 1e-12 && US!.ndcg.low > 0);
  assert.ok(Math.abs(EG!.ndcg.mean + 0.25) < 1e-12 && EG!.ndcg.high < 0);
});
