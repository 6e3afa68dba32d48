/** Films that people rated well: three recommenders measured on what each person rated last. */

import { seededRandom } from '@backlot/core';
import {
  evaluateUsers,
  fit,
  implicitALS,
  interactionsFromPairs,
  itemKnn,
  popularity,
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
