import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { build } from '../../../compute/build.ts';
import {
  evaluateUsers,
  fit,
  type Interactions,
  implicitALS,
  interactionsFromPairs,
  itemKnn,
  popularity,
  type Specification,
  slim,
} from '../index.ts';

const folder = join(import.meta.dirname, '../../../../../shared/data/amazon-cds');
const skip = existsSync(folder) ? false : 'the data set amazon-cds is not beside the repository';

function read(part: 'train' | 'test'): Interactions {
  const text = gunzipSync(readFileSync(join(folder, `${part}.txt.gz`))).toString();
  const pairs = text
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [user, ...items] = line.trim().split(' ').map(Number);
      return items.map((item) => [user!, item] as const);
    });
  return interactionsFromPairs({
    users: 43_169,
    items: 35_648,
    userIndices: pairs.map(([user]) => user),
    itemIndices: pairs.map(([, item]) => item),
  });
}

test('figures on amazon-cds, all items ranked', { skip }, async (t) => {
  await build();
  const [train, held] = [read('train'), read('test')];
  const measure = async (specification: Specification) => {
    const model = await fit(specification, train);
    const { recall, ndcg } = await evaluateUsers(model, { train, test: held, k: 20 });
    const mean = (values: Float64Array): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    return { recall: mean(recall), ndcg: mean(ndcg) };
  };
  await t.test('popularity is the floor that an independent script measured', async () => {
    const { recall, ndcg } = await measure(popularity());
    assert.ok(Math.abs(recall - 0.0122) < 1e-4 && Math.abs(ndcg - 0.0071) < 1e-4);
  });
  await t.test('item neighbours', async () => {
    // 0.149 and 0.101 are asked of the cosine with every person's weight damped by a square root.
    const { recall, ndcg } = await measure(itemKnn());
    assert.ok(recall > 0.159 && ndcg > 0.107, `${recall} ${ndcg}`);
  });
  await t.test(
    'sparse linear weights, by settings that a part of the training rows chose',
    async () => {
      const { recall, ndcg } = await measure(slim());
      assert.ok(recall > 0.174 && ndcg > 0.118, `${recall} ${ndcg}`);
    },
  );
  await t.test('implicit factorisation with 64 factors; more are in the benchmark', async () => {
    const { recall, ndcg } = await measure(
      implicitALS({ factors: 64, alpha: 10, regularisation: 0.02, iterations: 11 }),
    );
    // What implicit 0.7.3 reaches with fifteen rounds of conjugate gradients.
    assert.ok(recall > 0.115 && ndcg > 0.0744, `${recall} ${ndcg}`);
  });
});
