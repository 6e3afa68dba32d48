import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from '../../../../compute/build.ts';
import { tensorOf } from '../../fitted-model.ts';
import { bpr, evaluateUsers, fit, itemsOf, popularity, score } from '../../index.ts';
import { estimatorLaws, smallInteractions } from '../recommender-laws.fixture.ts';
import { foldInPairwise } from './fold-in-pairwise.ts';
import { halves } from './split-halves.fixture.ts';

await build();
estimatorLaws({ specification: bpr({ factors: 5, epochs: 8 }), historyIsUser: false });
estimatorLaws({
  specification: bpr({ factors: 9, epochs: 4, negatives: 'popularity' }),
  historyIsUser: false,
});

test('what camps of users meet next is found, far above what is popular', async () => {
  const [train, held] = halves(smallInteractions(11, 600, 120));
  const ndcg = async (specification: Parameters<typeof fit>[0]): Promise<number> => {
    const model = await fit(specification, train, { seed: 1 });
    const { ndcg: found } = await evaluateUsers(model, { train, test: held, k: 20 });
    return found.reduce((sum, one) => sum + one, 0) / found.length;
  };
  const found = await ndcg(bpr({ factors: 4, epochs: 60, learningRate: 0.2 }));
  const floor = await ndcg(popularity());
  assert.ok(found > 1.4 * floor, `${found} ${floor}`);
});

test('the loss that progress tells falls from ln 2', async () => {
  const data = smallInteractions(12);
  const losses: number[] = [];
  const hyper = { factors: 6, epochs: 30 };
  await fit(bpr(hyper), data, { onProgress: ({ loss }) => losses.push(loss!) });
  assert.equal(losses.length, 30);
  assert.ok(Math.abs(losses[0]! - Math.LN2) < 0.02 && losses.at(-1)! < 0.62, `${losses}`);
});

test('an item’s bias orders what is left when nobody is known', async () => {
  const data = smallInteractions(13);
  const model = await fit(bpr({ factors: 4, epochs: 40 }), data, { seed: 2 });
  const vector = foldInPairwise(model, new Int32Array(0));
  assert.deepEqual([...vector], [0, 0, 0, 0, 1]);
  // So do users of the model who met nothing.
  const cold = { ...data, users: data.users + 1 };
  const offsets = Int32Array.of(...data.offsets, data.offsets.at(-1)!);
  const more = await fit(bpr({ factors: 4, epochs: 5 }), { ...cold, offsets }, { seed: 2 });
  const rows = tensorOf(more, 'userVectors', 'float32').data;
  assert.deepEqual([...rows.subarray(-5)], [0, 0, 0, 0, 1]);
});

test('someone folded in by a user’s history ranks that history above the rest', async () => {
  const data = smallInteractions(14, 300, 200);
  const model = await fit(bpr({ factors: 8, epochs: 80, learningRate: 0.1 }), data, { seed: 2 });
  const auc = (scores: ArrayLike<number>, user: number): number => {
    const met = new Set(itemsOf(data, user));
    let [wins, pairs] = [0, 0];
    for (const item of met) {
      for (let other = 0; other < data.items; other++) {
        if (met.has(other)) continue;
        wins += Number(scores[item]! > scores[other]!);
        pairs++;
      }
    }
    return wins / pairs;
  };
  let [own, folded] = [0, 0];
  const width = 9;
  const items = model.tensors.itemVectors!.data;
  const all = Int32Array.from({ length: data.items }, (_, item) => item);
  for (let user = 0; user < 40; user++) {
    own += auc(score(model, new Int32Array(data.items).fill(user), all), user) / 40;
    const vector = foldInPairwise(model, itemsOf(data, user));
    const scores = Array.from(all, (item) =>
      vector.reduce((sum, value, k) => sum + value * items[item * width + k]!, 0),
    );
    folded += auc(scores, user) / 40;
  }
  assert.ok(own > 0.75 && folded > own - 0.05, `${own} ${folded}`);
});
