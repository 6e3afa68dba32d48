import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from '../../../compute/build.ts';
import { fit, itemKnn, itemsOf, score, transpose } from '../index.ts';
import { estimatorLaws, smallInteractions } from './recommender-laws.fixture.ts';

await build();
estimatorLaws({
  specification: itemKnn({ neighbours: 10 }),
  historyIsUser: true,
  foldIn: 'scores',
});

test('scores are those of a brute-force reading of the definition', async () => {
  const data = smallInteractions(3, 30, 20);
  const parameters = { neighbours: 6, damping: 0.4, shrinkage: 0.7 };
  const model = await fit(itemKnn(parameters), data);
  const byItem = transpose(data);
  const similar = (i: number, j: number): number => {
    const [mine, theirs] = [itemsOf(byItem, i), itemsOf(byItem, j)];
    const both = [...mine].filter((user) => theirs.includes(user));
    const sum = both.reduce((total, user) => total + itemsOf(data, user).length ** -0.4, 0);
    return Math.fround(sum / (Math.sqrt(mine.length) * Math.sqrt(theirs.length) + 0.7));
  };
  for (let item = 0; item < 20; item++) {
    const neighbours = Array.from({ length: 20 }, (_, other) => other)
      .filter((other) => other !== item && similar(item, other) > 0)
      .sort((a, b) => similar(item, b) - similar(item, a) || a - b)
      .slice(0, 6);
    for (let user = 0; user < 30; user++) {
      const wanted = neighbours
        .filter((other) => itemsOf(data, user).includes(other))
        .reduce((total, other) => total + similar(item, other), 0);
      const found = score(model, Int32Array.of(user), Int32Array.of(item))[0]!;
      assert.ok(Math.abs(found - wanted) < 1e-6);
    }
  }
});
