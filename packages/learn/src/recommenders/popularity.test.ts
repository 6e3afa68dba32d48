import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fit, interactionsFromPairs, popularity, recommendOne } from '../index.ts';
import { estimatorLaws } from './recommender-laws.fixture.ts';

estimatorLaws({ specification: popularity(), historyIsUser: true, foldIn: 'scores' });

test('items come by how many people met them, equal ones by index', async () => {
  const plays = interactionsFromPairs({
    users: 3,
    items: 4,
    userIndices: [0, 1, 2, 0, 1, 2],
    itemIndices: [3, 3, 3, 1, 0, 1],
  });
  const { items, scores } = recommendOne(await fit(popularity(), plays), { user: 0 }, { k: 4 });
  assert.deepEqual([...items], [3, 1, 0, 2]);
  assert.deepEqual([...scores], [3, 2, 1, 0]);
});
