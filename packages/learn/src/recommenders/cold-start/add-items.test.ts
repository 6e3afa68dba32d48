import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { cholesky, choleskySolve } from '@backlot/compute';
import { seededRandom } from '@backlot/core';
import { build } from '../../../../compute/build.ts';
import {
  addItems,
  decodeRecommender,
  ease,
  encodeModel,
  type Features,
  fit,
  foldIn,
  type Interactions,
  implicitALS,
  interactionsFromPairs,
  itemKnn,
  itemsOf,
  matrixFromRows,
  popularity,
  type RecommenderModel,
  recommend,
  recommendOne,
  slim,
  takeRows,
  tfIdf,
  UnsupportedVerb,
} from '../../index.ts';
import { mapContent } from './content-map.ts';

await build();

/** People who like some of eight topics; an item has two topics, in parts, and is met by who likes them. */
function drawn(seed: number) {
  const random = seededRandom(seed);
  const [users, items, topics] = [300, 240, 8];
  const likes = Array.from({ length: users }, () =>
    Array.from({ length: topics }, () => (random.uniform() < 0.25 ? 1 : 0.03)),
  );
  const content = Array.from({ length: items }, () => {
    const row = new Array<number>(topics).fill(0);
    row[random.below(topics)]! += 0.7;
    row[random.below(topics)]! += 0.3;
    return row;
  });
  const [userIndices, itemIndices]: [number[], number[]] = [[], []];
  likes.forEach((like, user) => {
    content.forEach((row, item) => {
      const chance = 0.35 * row.reduce((sum, part, topic) => sum + part * like[topic]!, 0);
      if (random.uniform() > chance) return;
      userIndices.push(user);
      itemIndices.push(item);
    });
  });
  return { users, items, content: matrixFromRows(content), userIndices, itemIndices };
}

interface Split {
  readonly train: Interactions;
  readonly known: Features;
  readonly added: Features;
  /** By user, the added items that they met, from 0. */
  readonly met: readonly ReadonlySet<number>[];
}

/** The last items are those that nobody met yet. */
function split(
  data: {
    users: number;
    items: number;
    userIndices: readonly number[];
    itemIndices: readonly number[];
  },
  content: Features,
  fresh: number,
): Split {
  const known = data.items - fresh;
  const met = Array.from({ length: data.users }, () => new Set<number>());
  const [userIndices, itemIndices]: [number[], number[]] = [[], []];
  data.userIndices.forEach((user, at) => {
    const item = data.itemIndices[at]!;
    if (item >= known) met[user]!.add(item - known);
    else {
      userIndices.push(user);
      itemIndices.push(item);
    }
  });
  const places = Array.from({ length: data.items }, (_, item) => item);
  return {
    train: interactionsFromPairs({ users: data.users, items: known, userIndices, itemIndices }),
    known: takeRows(content, places.slice(0, known)),
    added: takeRows(content, places.slice(known)),
    met,
  };
}

/** Enough for a mean, few enough for a test. */
const mostUsers = 400;

/** How often an added item that someone met is above one that they did not; half is chance. */
function ordered(model: RecommenderModel, { train, met }: Split): number {
  const fresh = model.signature.items - train.items;
  let [sum, users] = [0, 0];
  met.forEach((own, user) => {
    if (own.size === 0 || own.size === fresh || itemsOf(train, user).length === 0) return;
    if (users === mostUsers) return;
    const candidates = new Uint8Array(model.signature.items).fill(1, train.items);
    const { items } = recommendOne(model, { user }, { k: fresh, candidates });
    let [above, pairs] = [0, 0];
    for (const item of items) {
      if (own.has(item - train.items)) pairs += fresh - own.size - above;
      else above++;
    }
    sum += pairs / (own.size * (fresh - own.size));
    users++;
  });
  return sum / users;
}

test('factors of new items are those of a ridge regression on content', () => {
  const random = seededRandom(2);
  const [rows, columns, width] = [30, 4, 3];
  const sparse = (count: number) => ({
    ...{ rows: count, columns },
    offsets: Int32Array.from({ length: count + 1 }, (_, row) => row * columns),
    indices: Int32Array.from({ length: count * columns }, (_, at) => at % columns),
    values: Float64Array.from({ length: count * columns }, () => random.normal()),
  });
  const [known, added] = [sparse(rows), sparse(5)];
  const factors = Float32Array.from({ length: rows * width }, () => random.normal());
  const weights = Float64Array.from({ length: rows }, () => 0.2 + random.uniform());
  const n = columns + 1;
  const row = (values: Float64Array, at: number): number[] => [
    ...values.subarray(at * columns, (at + 1) * columns),
    1,
  ];
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) matrix[i * n + i] = 0.7;
  for (let item = 0; item < rows; item++) {
    const x = row(known.values, item);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) matrix[i * n + j]! += weights[item]! * x[i]! * x[j]!;
    }
  }
  const factor = cholesky(matrix, n);
  const found = mapContent(known, factors, weights, 0.7, added);
  for (let k = 0; k < width; k++) {
    const right = new Float64Array(n);
    for (let item = 0; item < rows; item++) {
      row(known.values, item).forEach((value, i) => {
        right[i]! += weights[item]! * value * factors[item * width + k]!;
      });
    }
    const solution = choleskySolve(factor, right);
    for (let one = 0; one < 5; one++) {
      const wanted = row(added.values, one).reduce(
        (sum, value, i) => sum + value * solution[i]!,
        0,
      );
      assert.ok(Math.abs(found[one * width + k]! - wanted) < 1e-6);
    }
  }
});

test('new items of a known structure are put in order, by every kind that takes them', async () => {
  const data = drawn(1);
  const parts = split(data, data.content, 60);
  // Chance is 0.5; 0.7 is what the very probabilities that drew the data would come near.
  for (const specification of [
    implicitALS({ factors: 12, alpha: 5, regularisation: 5 }),
    itemKnn({ neighbours: 60 }),
    slim({ candidates: 60, l1: 0.5, l2: 20 }),
    ease({ l2: 100, neighboursKept: 60 }),
  ]) {
    const model = await fit(specification, parts.train, { seed: 1 });
    const { known, added } = parts;
    const larger = await addItems(model, { known, added, interactions: parts.train });
    assert.equal(larger.signature.items, 240);
    const quality = ordered(larger, parts);
    assert.ok(quality > 0.7, `${specification.kind} ${quality}`);
    // The known items' scores are what they were.
    const users = Int32Array.of(0, 7);
    const query = { k: 200 };
    const [before, after] = [
      await recommend(model, users, query),
      await recommend(larger, users, query),
    ];
    const kept = [...after.items.subarray(0, 200)].filter((item) => item >= 0 && item < 180);
    assert.deepEqual(kept, [...before.items.subarray(0, kept.length)]);
    assert.deepEqual(decodeRecommender(encodeModel(larger)), larger);
    assert.ok(foldIn(larger, Int32Array.of(3, 200)).every(Number.isFinite));
  }
});

test('factors of new items by their neighbours, too', async () => {
  const data = drawn(3);
  const parts = split(data, data.content, 60);
  const model = await fit(implicitALS({ factors: 12, alpha: 5, regularisation: 5 }), parts.train);
  const larger = await addItems(model, { ...parts, by: 'neighbours', neighbours: 10 });
  assert.ok(ordered(larger, parts) > 0.7);
});

test('what cannot be done is refused', async () => {
  const data = drawn(4);
  const parts = split(data, data.content, 60);
  const { known, added } = parts;
  const none = await fit(popularity(), parts.train);
  await assert.rejects(addItems(none, { known, added }), UnsupportedVerb);
  const dense = await fit(ease(), parts.train);
  await assert.rejects(addItems(dense, { known, added }), UnsupportedVerb);
  const model = await fit(itemKnn(), parts.train);
  await assert.rejects(addItems(model, { known, added, by: 'regression' }), UnsupportedVerb);
  for (const options of [
    { known: added, added },
    { known, added: matrixFromRows([[1]]) },
    { known, added, neighbours: 0 },
    { known, added, penalty: 0 },
    { known: { texts: new Array<string>(180).fill('a') }, added: { texts: ['b'] } },
    {
      known: matrixFromRows(new Array(180).fill([Number.NaN, 1])),
      added: matrixFromRows([[1, 2]]),
    },
  ]) {
    await assert.rejects(addItems(model, options), { code: 'E-LEARN-005' });
  }
});

const folder = join(import.meta.dirname, '../../../../../../shared/data/movietweetings-100k');
const skip = existsSync(folder) ? false : 'the data set movietweetings-100k is not there';

test('films that nobody has rated are put in order by genres and titles', { skip }, async () => {
  const lines = (name: string): string[] =>
    gunzipSync(readFileSync(join(folder, name)))
      .toString()
      .trim()
      .split('\n');
  const texts = new Map<string, string>();
  for (const line of lines('movies.dat.gz')) {
    const [id, title, genres] = line.trim().split('::');
    // A genre is a word of its own, not one of a title.
    const marked = (genres ?? '').split('|').map((genre) => `genre${genre.replaceAll('-', '')}`);
    texts.set(id!, `${marked.join(' ')} ${title}`);
  }
  const ratings = lines('ratings.dat.gz')
    .map((line) => line.split('::'))
    .filter(([, item, rating]) => Number(rating) >= 6 && texts.has(item!));
  const counts = Map.groupBy(ratings, ([, item]) => item!);
  const names = [...counts.keys()].filter((item) => counts.get(item)!.length >= 10).sort();
  seededRandom(5).shuffle(names);
  const places = new Map(names.map((name, at) => [name, at]));
  const kept = ratings.filter(([, item]) => places.has(item!));
  const users = new Map([...new Set(kept.map(([user]) => user!))].map((name, at) => [name, at]));
  const parts = split(
    {
      ...{ users: users.size, items: names.length },
      userIndices: kept.map(([user]) => users.get(user!)!),
      itemIndices: kept.map(([, item]) => places.get(item!)!),
    },
    { texts: names.map((name) => texts.get(name)!) },
    Math.floor(names.length / 10),
  );
  const found: Record<string, number> = {};
  for (const specification of [
    implicitALS({ factors: 16, alpha: 10, regularisation: 10 }),
    slim(),
  ]) {
    const model = await fit(specification, parts.train, { seed: 1 });
    const { known, added } = parts;
    const options = { known, added, transformer: tfIdf(), interactions: parts.train };
    found[specification.kind] = ordered(await addItems(model, options), parts);
  }
  // Chance is 0.5.
  assert.ok(found.implicitALS! > 0.66 && found.slim! > 0.66, JSON.stringify(found));
});
