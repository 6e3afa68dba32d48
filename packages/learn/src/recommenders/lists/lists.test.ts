import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cholesky, choleskyLogDeterminant } from '@backlot/compute';
import { seededRandom } from '@backlot/core';
import {
  calibratedList,
  calibrationDivergence,
  capExposure,
  categoryShares,
  contentSimilarity,
  coverageOf,
  determinantalList,
  exposureGini,
  exposures,
  fuseRanks,
  InvalidArgument,
  intraListDiversity,
  type Matrix,
  matrixFromRows,
  maximalMarginalRelevance,
  type Recommendations,
  rerank,
  type ScoredList,
  type SparseMatrix,
} from '../../index.ts';

function drawn(seed: number, count = 25, width = 6): { list: ScoredList; rows: Matrix } {
  const random = seededRandom(seed);
  const scores = Float32Array.from({ length: count }, () => random.normal())
    .sort()
    .reverse();
  const items = Int32Array.from(scores.keys());
  random.shuffle(items);
  const rows = Array.from({ length: count }, () =>
    Array.from({ length: width }, () => random.normal()),
  );
  return { list: { items, scores }, rows: matrixFromRows(rows) };
}

const scaled = ({ scores }: ScoredList): number[] =>
  Array.from(scores, (score) => (score - scores.at(-1)!) / (scores[0]! - scores.at(-1)!));

/** Takes one after another the place of the largest value beside those taken. */
function greedy(
  count: number,
  k: number,
  value: (taken: readonly number[], place: number) => number,
) {
  const taken: number[] = [];
  while (taken.length < k) {
    const left = Array.from({ length: count }, (_, place) => place).filter(
      (place) => !taken.includes(place),
    );
    const values = left.map((place) => value(taken, place));
    taken.push(left[values.indexOf(Math.max(...values))]!);
  }
  return taken;
}

test('marginal relevance is its definition', () => {
  for (const seed of [1, 2, 3]) {
    const { list, rows } = drawn(seed);
    const similarity = contentSimilarity(rows);
    const relevance = scaled(list);
    for (const tradeOff of [0, 0.3, 0.8, 1]) {
      const wanted = greedy(25, 10, (taken, place) => {
        const item = list.items[place]!;
        const alike = taken.map((other) => similarity(item, list.items[other]!));
        const most = taken.length > 0 ? Math.max(...alike) : 0;
        return tradeOff * relevance[place]! - (1 - tradeOff) * most;
      });
      const found = maximalMarginalRelevance(list, { k: 10, tradeOff, similarity });
      assert.deepEqual(
        [...found.items],
        wanted.map((place) => list.items[place]!),
      );
      assert.deepEqual(
        [...found.scores],
        wanted.map((place) => list.scores[place]!),
      );
    }
    const { items } = maximalMarginalRelevance(list, { k: 30, tradeOff: 1, similarity });
    assert.deepEqual(items, list.items);
  }
});

test('the determinantal list is the greedy one by determinants', () => {
  for (const seed of [4, 5, 6]) {
    const { list, rows } = drawn(seed, 18, 12);
    const similarity = contentSimilarity(rows);
    const relevance = scaled(list);
    for (const tradeOff of [0, 0.5, 0.9]) {
      const quality = (place: number): number =>
        Math.exp((tradeOff / (2 * (1 - tradeOff))) * relevance[place]!);
      const wanted = greedy(18, 8, (taken, place) => {
        const all = [...taken, place];
        const kernel = all.flatMap((a) =>
          all.map((b) => quality(a) * similarity(list.items[a]!, list.items[b]!) * quality(b)),
        );
        return choleskyLogDeterminant(cholesky(Float64Array.from(kernel), all.length));
      });
      const found = determinantalList(list, { k: 8, tradeOff, similarity });
      assert.deepEqual(
        [...found.items],
        wanted.map((place) => list.items[place]!),
      );
    }
  }
});

test('a determinantal list ends where nothing new is left', () => {
  const { list, rows } = drawn(7, 12, 3);
  const similarity = contentSimilarity(rows);
  assert.equal(determinantalList(list, { k: 8, tradeOff: 0.5, similarity }).items.length, 3);
});

test('both ways of diversifying make lists less alike at a price in relevance', () => {
  const { list, rows } = drawn(8, 60, 4);
  const similarity = contentSimilarity(rows);
  const plain = intraListDiversity(list.items.subarray(0, 4), similarity);
  const mean = ({ scores }: ScoredList): number => scores.reduce((sum, one) => sum + one, 0) / 4;
  for (const way of [maximalMarginalRelevance, determinantalList]) {
    const found = way(list, { k: 4, tradeOff: 0.4, similarity });
    assert.ok(intraListDiversity(found.items, similarity) > plain + 0.1);
    assert.ok(mean(found) < mean({ items: list.items, scores: list.scores.subarray(0, 4) }));
  }
});

test('similarities of sparse rows are those of dense ones', () => {
  const dense = matrixFromRows([
    [1, 0, 2],
    [0, 3, 0],
    [2, 1, 0],
    [0, 0, 0],
  ]);
  const sparse: SparseMatrix = {
    ...{ rows: 4, columns: 3, offsets: Int32Array.of(0, 2, 3, 5, 5) },
    ...{ indices: Int32Array.of(0, 2, 1, 0, 1), values: Float64Array.of(1, 2, 3, 2, 1) },
  };
  const [first, second] = [contentSimilarity(dense), contentSimilarity(sparse)];
  for (let a = 0; a < 4; a++) for (let b = 0; b < 4; b++) assert.equal(first(a, b), second(a, b));
  assert.ok(Math.abs(first(0, 2) - 2 / 5) < 1e-12);
  assert.equal(first(3, 3), 1);
  assert.equal(first(3, 0), 0);
});

test('a calibrated list is the greedy one by its objective, and nearer to the person', () => {
  const { list } = drawn(9, 30);
  const random = seededRandom(10);
  const categories = matrixFromRows(
    Array.from({ length: 30 }, () => {
      const row = [random.uniform(), random.uniform(), random.uniform()];
      const sum = row[0]! + row[1]! + row[2]!;
      return row.map((share) => share / sum);
    }),
  );
  const shares = Float64Array.of(0.7, 0.2, 0.1);
  const relevance = scaled(list);
  const divergenceOf = (items: readonly number[]): number => {
    let sum = 0;
    shares.forEach((share, c) => {
      const listed = items.reduce((total, item) => total + categories.values[item * 3 + c]!, 0);
      sum += share * Math.log(share / (0.99 * (listed / items.length) + 0.01 * share));
    });
    return sum;
  };
  const wanted = greedy(30, 8, (taken, place) => {
    const all = [...taken, place];
    const gained = all.reduce((sum, one) => sum + relevance[one]!, 0);
    return 0.4 * gained - 0.6 * divergenceOf(all.map((one) => list.items[one]!));
  });
  const found = calibratedList(list, { k: 8, tradeOff: 0.6, categories, shares });
  assert.deepEqual(
    [...found.items],
    wanted.map((place) => list.items[place]!),
  );
  const listed = categoryShares(found.items, categories);
  assert.ok(
    Math.abs(calibrationDivergence(shares, listed) - divergenceOf([...found.items])) < 1e-12,
  );
  const before = categoryShares(list.items.subarray(0, 8), categories);
  const after = calibratedList(list, { k: 8, tradeOff: 0.99, categories, shares });
  const far = calibrationDivergence(shares, before);
  assert.ok(calibrationDivergence(shares, categoryShares(after.items, categories)) < far / 2);
  assert.equal(calibrationDivergence(shares, shares), 0);
});

test('shares count an item as often as its weight', () => {
  const categories = matrixFromRows([
    [1, 0],
    [0.5, 0.5],
  ]);
  assert.deepEqual([...categoryShares(Int32Array.of(0, 1), categories)], [0.75, 0.25]);
  assert.deepEqual([...categoryShares(Int32Array.of(0, 1), categories, [1, 3])], [0.625, 0.375]);
  assert.deepEqual([...categoryShares(new Int32Array(0), categories)], [0, 0]);
});

function listsOf(rows: readonly (readonly number[])[]): Recommendations {
  const k = Math.max(...rows.map(({ length }) => length));
  const items = new Int32Array(rows.length * k).fill(-1);
  const scores = new Float32Array(items.length).fill(-Infinity);
  rows.forEach((row, at) => {
    items.set(row, at * k);
    row.forEach((_, place) => {
      scores[at * k + place] = 10 - place;
    });
  });
  return { users: Int32Array.from(rows.keys()), k, items, scores };
}

test('caps on exposure hold in each list and over all', () => {
  const providers = Int32Array.of(0, 0, 0, 1, 1, 2);
  const lists = listsOf([
    [0, 1, 2, 3, 5],
    [1, 0, 3, 4],
    [0, 2],
  ]);
  const { items, scores } = capExposure(lists, { k: 3, providers, mostInList: 1 });
  assert.deepEqual([...items], [0, 3, 5, 1, 3, -1, 0, -1, -1]);
  assert.deepEqual([...scores.subarray(0, 3)], [10, 7, 6]);
  // A third of nine places is three: the first place of each user takes them all.
  const spread = capExposure(lists, { k: 3, providers, mostOverall: 1 / 3 });
  assert.deepEqual([...spread.items], [0, 3, 5, 1, 3, 4, 0, -1, -1]);
  assert.deepEqual([...exposures(spread, 3, providers)], [3, 3, 1]);
});

test('ranks are fused by their reciprocals', () => {
  const [a, b] = [listsOf([[4, 1, 2]]), listsOf([[1, 3]])];
  const { items, scores } = fuseRanks([a, b], { k: 5 });
  assert.deepEqual([...items], [1, 4, 3, 2, -1]);
  assert.ok(Math.abs(scores[0]! - (1 / 62 + 1 / 61)) < 1e-7);
  assert.ok(Math.abs(scores[1]! - 1 / 61) < 1e-7);
  const weighted = fuseRanks([a, b], { k: 2, weights: [3, 1], constant: 0 });
  assert.deepEqual([...weighted.items], [4, 1]);
  assert.throws(() => fuseRanks([a, listsOf([[1], [2]])], { k: 2 }), InvalidArgument);
});

test('exposure is even, or one has it all', () => {
  assert.equal(exposureGini(Float64Array.of(3, 3, 3, 3)), 0);
  assert.equal(exposureGini(Float64Array.of(0, 0, 5, 0)), 0.75);
  // The mean absolute difference over twice the mean.
  const values = [1, 4, 2, 9, 0];
  const differences = values.flatMap((a) => values.map((b) => Math.abs(a - b)));
  const wanted = differences.reduce((sum, one) => sum + one, 0) / 25 / (2 * (16 / 5));
  assert.ok(Math.abs(exposureGini(Float64Array.from(values)) - wanted) < 1e-12);
  assert.equal(coverageOf(exposures(listsOf([[0, 1], [1]]), 4)), 0.5);
});

test('every list of several users is made anew', () => {
  const lists = listsOf([[3, 1, 2], [5]]);
  const found = rerank(lists, 2, ({ items, scores }) => ({
    items: items.slice().reverse(),
    scores: scores.slice().reverse(),
  }));
  assert.deepEqual([...found.items], [2, 1, 5, -1]);
  assert.deepEqual([...found.scores], [8, 9, 10, -Infinity]);
});

test('arguments out of range are refused', () => {
  const { list, rows } = drawn(11);
  const similarity = contentSimilarity(rows);
  const categories = matrixFromRows(Array.from({ length: 25 }, () => [1]));
  const shares = Float64Array.of(1);
  for (const call of [
    () => maximalMarginalRelevance(list, { k: 0, tradeOff: 0.5, similarity }),
    () => maximalMarginalRelevance(list, { k: 5, tradeOff: Number.NaN, similarity }),
    () =>
      maximalMarginalRelevance(
        { ...list, scores: list.scores.subarray(1) },
        { k: 5, tradeOff: 1, similarity },
      ),
    () => determinantalList(list, { k: 5, tradeOff: 1, similarity }),
    () => calibratedList(list, { k: 5, tradeOff: 0.5, categories, shares: Float64Array.of(1, 0) }),
    () => calibratedList(list, { k: 5, tradeOff: 0.5, categories, shares, smoothing: 0 }),
    () => capExposure(listsOf([[1]]), { k: 1, providers: Int32Array.of(0, 0), mostOverall: 0 }),
    () => capExposure(listsOf([[7]]), { k: 1, providers: Int32Array.of(0, 0) }),
    () => maximalMarginalRelevance(list, { k: 5, tradeOff: 0.5, similarity: () => Number.NaN }),
    () =>
      calibratedList(
        { ...list, items: list.items.map((item) => item + 1) },
        {
          ...{ k: 5, tradeOff: 0.5, categories, shares },
        },
      ),
    () => fuseRanks([], { k: 3 }),
  ]) {
    assert.throws(call, InvalidArgument);
  }
});
