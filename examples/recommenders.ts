/**
 * Films that people rated well: recommenders measured on what each person rated last, a list made less
 * alike, and films that nobody has rated yet.
 */

import { seededRandom } from '@backlot/core';
import {
  addItems,
  contentSimilarity,
  evaluateUsers,
  fit,
  implicitALS,
  interactionsFromPairs,
  intraListDiversity,
  itemKnn,
  itemsOf,
  matrixFromRows,
  maximalMarginalRelevance,
  popularity,
  recommendOne,
  slim,
  summarise,
} from '@backlot/learn';
import { sharedLines } from './data.ts';

interface Rating {
  readonly user: string;
  readonly item: string;
  readonly at: number;
}

const lines =
  sharedLines('movietweetings-100k/ratings.dat') ??
  sharedLines('movietweetings-100k/ratings.dat.gz');
const ratings: readonly Rating[] = lines
  ? lines.flatMap((line) => {
      const [user, item, rating, at] = line.split('::');
      return Number(rating) >= 7 ? [{ user: user!, item: item!, at: Number(at) }] : [];
    })
  : drawn();

/** Two camps that meet items of their own. */
function drawn(): readonly Rating[] {
  const random = seededRandom(1);
  return Array.from({ length: 20_000 }, (_, at) => {
    const user = random.below(500);
    return { user: `${user}`, item: `${2 * random.below(200) + (user % 2)}`, at };
  });
}

const places = (names: readonly string[]) =>
  new Map([...new Set(names)].map((name, at) => [name, at]));
const [users, items] = [
  places(ratings.map(({ user }) => user)),
  places(ratings.map(({ item }) => item)),
];
const byUser = Map.groupBy(
  [...ratings].sort((a, b) => a.at - b.at),
  ({ user }) => user,
);
const parts = { train: [] as Rating[], test: [] as Rating[] };
for (const own of byUser.values()) {
  const kept = own.length < 5 ? own.length : Math.ceil(0.8 * own.length);
  parts.train.push(...own.slice(0, kept));
  parts.test.push(...own.slice(kept));
}
const matrix = (part: readonly Rating[]) =>
  interactionsFromPairs({
    ...{ users: users.size, items: items.size },
    userIndices: part.map(({ user }) => users.get(user)!),
    itemIndices: part.map(({ item }) => items.get(item)!),
  });
const [train, test] = [matrix(parts.train), matrix(parts.test)];
for (const specification of [
  popularity(),
  itemKnn({ damping: 0.5 }),
  slim(),
  implicitALS({ factors: 64, alpha: 10, regularisation: 0.1, frequencyScaling: 1 }),
]) {
  const model = await fit(specification, train, { seed: 1 });
  const { ndcg } = summarise(await evaluateUsers(model, { train, test, k: 20 }), {
    seed: 1,
    resamples: 200,
  });
  console.log(
    `${specification.kind}: NDCG@20 ${ndcg.mean.toFixed(4)} (${ndcg.low.toFixed(4)} to ${ndcg.high.toFixed(4)})`,
  );
}

/** Genres by film: of two for drawn items, which are odd and even. */
const films = new Map(
  sharedLines('movietweetings-100k/movies.dat.gz')?.map((line) => {
    const [id, title, genres] = line.split('::');
    return [id!, { title: title!, genres: (genres ?? '').split('|') }];
  }),
);
const filmOf = (item: string) =>
  films.get(item) ?? { title: `item ${item}`, genres: [Number(item) % 2 ? 'odd' : 'even'] };
const names = [...items.keys()];
const genres = [...new Set(names.flatMap((item) => filmOf(item).genres))];
const rowOf = (own: readonly string[]) => genres.map((genre) => (own.includes(genre) ? 1 : 0));
const content = matrixFromRows(names.map((item) => rowOf(filmOf(item).genres)));

const model = await fit(slim(), train);
const active = [...users.values()].find((user) => itemsOf(train, user).length >= 10)!;
const best = recommendOne(model, { user: active }, { k: 50, exclude: itemsOf(train, active) });
const similarity = contentSimilarity(content);
const mixed = maximalMarginalRelevance(best, { k: 5, tradeOff: 0.5, similarity });
for (const [label, list] of [
  ['the best', best.items.subarray(0, 5)],
  ['less alike', mixed.items],
] as const) {
  const titles = Array.from(list, (item) => filmOf(names[item]!).title).join('; ');
  console.log(`${label} (diversity ${intraListDiversity(list, similarity).toFixed(2)}): ${titles}`);
}

const fresh = genres.slice(0, 8).map((genre) => ({ title: `a new ${genre}`, row: rowOf([genre]) }));
const added = matrixFromRows(fresh.map(({ row }) => row));
const larger = await addItems(model, { known: content, added });
const candidates = new Uint8Array(items.size + fresh.length).fill(1, items.size);
const first = recommendOne(larger, { user: active }, { k: 3, candidates });
const titles = Array.from(first.items, (item) => fresh[item - items.size]!.title).join('; ');
console.log(`of films that nobody has rated: ${titles}`);
