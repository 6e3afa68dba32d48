import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from '../../../../compute/build.ts';
import {
  evaluateUsers,
  fit,
  foldIn,
  interactionsFromPairs,
  itemsOf,
  popularity,
  ultraGCN,
} from '../../index.ts';
import { estimatorLaws, smallInteractions } from '../recommender-laws.fixture.ts';
import { itemConstraints, pullsOf } from './item-constraints.ts';
import { halves } from './split-halves.fixture.ts';

await build();
const quick = { factors: 5, epochs: 6, negatives: 6, negativeWeight: 5 };
estimatorLaws({ specification: ultraGCN(quick), historyIsUser: false });
estimatorLaws({
  specification: ultraGCN({ ...quick, itemWeight: 0, negativeFlat: 1 }),
  historyIsUser: false,
});

test('constraints between items are those of the definition, written out', async () => {
  const data = smallInteractions(3, 30, 16);
  const met = (user: number, item: number): number => Number(itemsOf(data, user).includes(item));
  const places = [...Array(16).keys()];
  const together = places.map((i) =>
    places.map((j) => {
      let sum = 0;
      for (let user = 0; user < 30; user++) sum += met(user, i) * met(user, j);
      return sum;
    }),
  );
  const sums = together.map((row) => row.reduce((sum, one) => sum + one, 0));
  const { width, neighbours, weights } = await itemConstraints(data, 4, undefined);
  assert.equal(width, 4);
  for (const i of places) {
    const omegas = places
      .filter((j) => j !== i && together[i]![j]! > 0)
      .map((j) => {
        const share = together[i]![j]! / (sums[i]! - together[i]![i]!);
        return { j, omega: share * Math.sqrt(sums[i]! / sums[j]!) };
      })
      .sort((a, b) => b.omega - a.omega);
    omegas.slice(0, 4).forEach(({ omega }, place) => {
      assert.ok(Math.abs(weights[4 * i + place]! - omega) < 1e-6);
      const listed = omegas.find(({ j }) => j === neighbours[4 * i + place])!;
      assert.ok(Math.abs(listed.omega - omega) < 1e-6);
    });
  }
  const pulls = pullsOf([2, 5], { width, neighbours, weights });
  for (const item of places) {
    let wanted = 0;
    for (const from of [2, 5]) {
      for (let place = 0; place < 4; place++) {
        if (neighbours[4 * from + place] === item) wanted += weights[4 * from + place]!;
      }
    }
    assert.ok(Math.abs((pulls.get(item) ?? 0) - wanted) < 1e-6);
  }
});

test('what camps of users meet next is found, far above what is popular', async () => {
  const [train, held] = halves(smallInteractions(11, 600, 120));
  const ndcg = async (specification: Parameters<typeof fit>[0]): Promise<number> => {
    const model = await fit(specification, train, { seed: 1 });
    const { ndcg: found } = await evaluateUsers(model, { train, test: held, k: 20 });
    return found.reduce((sum, one) => sum + one, 0) / found.length;
  };
  const found = await ndcg(ultraGCN({ factors: 8, epochs: 30, negatives: 30, negativeWeight: 30 }));
  const floor = await ndcg(popularity());
  assert.ok(found > 1.4 * floor, `${found} ${floor}`);
});

test('an item that nobody met with another has no neighbours, and the loss falls', async () => {
  const lone = interactionsFromPairs({
    ...{ users: 3, items: 4 },
    userIndices: [0, 1, 1, 2],
    itemIndices: [0, 1, 2, 3],
  });
  const { weights } = await itemConstraints(lone, 2, undefined);
  assert.deepEqual(
    [...weights].map((one) => one > 0),
    [0, 0, 1, 0, 1, 0, 0, 0].map(Boolean),
  );
  const losses: number[] = [];
  await fit(ultraGCN({ ...quick, epochs: 20 }), smallInteractions(4), {
    onProgress: ({ loss }) => losses.push(loss!),
  });
  assert.ok(losses.at(-1)! < 0.9 * losses[0]!, `${losses}`);
});

test('a user folded in by their own history comes out near their own vector', async () => {
  const data = smallInteractions(14, 300, 200);
  const hyper = { factors: 8, epochs: 60, negatives: 60, negativeWeight: 30 };
  const model = await fit(ultraGCN(hyper), data, { seed: 2 });
  let near = 0;
  for (let user = 0; user < 60; user++) {
    const own = model.tensors.userVectors!.data.subarray(8 * user, 8 * user + 8);
    const found = foldIn(model, itemsOf(data, user));
    const product = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a).reduce((sum, value, k) => sum + value * b[k]!, 0);
    near += product(own, found) / Math.sqrt(product(own, own) * product(found, found)) / 60;
  }
  assert.ok(near > 0.8, `${near}`);
});
