import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { seededRandom } from '@backlot/core';
import { build } from '../../../compute/build.ts';
import {
  evaluateUsers,
  fit,
  type Interactions,
  interactionsFromPairs,
  multVae,
  popularity,
  type Specification,
  sasRec,
  twoTower,
} from '../index.ts';
import { estimatorLaws } from '../recommenders/recommender-laws.fixture.ts';

before(build);

estimatorLaws({
  specification: multVae({ hidden: 16, latent: 8, epochs: 15, learningRate: 0.01, batch: 32 }),
  ...{ historyIsUser: true, foldIn: 'userVectors' },
});
estimatorLaws({
  specification: twoTower({ width: 8, hidden: 8, epochs: 4, batch: 128 }),
  ...{ historyIsUser: true, foldIn: 'userVectors' },
});
estimatorLaws({
  specification: sasRec({ width: 8, length: 6, heads: 2, blocks: 1, epochs: 4, negatives: 20 }),
  ...{ historyIsUser: true, foldIn: 'userVectors' },
});

/** People walk along one of ten rings of items: what comes next is mostly the next of the ring. */
function rings(seed: number): { readonly train: Interactions; readonly test: Interactions } {
  const random = seededRandom(seed);
  const [users, items] = [300, 200];
  const walks = Array.from({ length: users }, () => {
    const ring = random.below(10);
    let place = random.below(20);
    return Array.from({ length: 9 }, () => {
      place = (place + (random.uniform() < 0.9 ? 1 : 2)) % 20;
      return ring * 20 + place;
    });
  });
  const part = (begin: number, end: number): Interactions => {
    const all = walks.flatMap((walk, user) =>
      walk.slice(begin, end).map((item, time) => ({ user, item, time })),
    );
    return interactionsFromPairs({
      ...{ users, items },
      userIndices: all.map(({ user }) => user),
      itemIndices: all.map(({ item }) => item),
      times: all.map(({ time }) => time),
    });
  };
  return { train: part(0, 8), test: part(8, 9) };
}

async function recallOf(
  specification: Specification,
  { train, test: held }: { readonly train: Interactions; readonly test: Interactions },
  k: number,
): Promise<number> {
  const { recall } = await evaluateUsers(await fit(specification, train, { seed: 1 }), {
    ...{ train, test: held, k },
  });
  return recall.reduce((sum, one) => sum + one, 0) / recall.length;
}

test('what comes next on a ring is found; the order is what the sequence model has over others', async () => {
  const data = rings(3);
  const floor = await recallOf(popularity(), data, 5);
  const coded = await recallOf(
    multVae({ hidden: 64, latent: 16, epochs: 60, learningRate: 0.01, batch: 64 }),
    data,
    5,
  );
  const towers = await recallOf(
    twoTower({ width: 16, hidden: 32, epochs: 20, batch: 256, learningRate: 0.01 }),
    data,
    5,
  );
  const small = { width: 32, length: 8, epochs: 25, batch: 64, learningRate: 0.01, blocks: 1 };
  const sequence = await recallOf(sasRec(small), data, 1);
  const sampled = await recallOf(sasRec({ ...small, negatives: 64 }), data, 1);
  const binary = await recallOf(sasRec({ ...small, negatives: 64, loss: 'binary' }), data, 1);
  const all = JSON.stringify({ floor, coded, towers, sequence, sampled, binary });
  assert.ok(floor < 0.1 && coded > 0.5 && towers > 0.5, all);
  // The next item is certain to 0.9, but for those of the ring that were met before.
  assert.ok(sequence > 0.8 && sampled > 0.75 && binary > 0.6, all);
});

const folder = join(import.meta.dirname, '../../../../../shared/data/movietweetings-100k');
const skip = existsSync(folder) ? false : 'the data set movietweetings-100k is not beside it';

test('the next films of movietweetings: better than what most people saw', { skip }, async () => {
  const text = gunzipSync(readFileSync(join(folder, 'ratings.dat.gz'))).toString();
  const data = lastTenth(
    text
      .trim()
      .split('\n')
      .map((line) => line.split('::').map(Number)),
  );
  const floor = await recallOf(popularity(), data, 20);
  const small = { epochs: 8, length: 20, width: 32, blocks: 1 };
  const sequence = await recallOf(sasRec({ ...small, learningRate: 0.005 }), data, 20);
  assert.ok(sequence > floor, `${sequence} ${floor}`);
});

/** Films and people with at least five ratings; the last rating of each person is held out. */
function lastTenth(rows: readonly (readonly number[])[]) {
  const often = (column: 0 | 1): ReadonlySet<number> => {
    const counts = new Map<number, number>();
    for (const row of rows) counts.set(row[column]!, (counts.get(row[column]!) ?? 0) + 1);
    return new Set([...counts].filter(([, count]) => count >= 10).map(([id]) => id));
  };
  const [people, films] = [often(0), often(1)];
  const kept = rows.filter(([user, film]) => people.has(user!) && films.has(film!));
  const [userOf, itemOf] = [people, films].map((ids) => {
    return new Map(Array.from(ids, (id, at) => [id, at] as const));
  });
  const last = new Map<number, readonly number[]>();
  for (const row of kept) if ((last.get(row[0]!)?.[3] ?? -1) <= row[3]!) last.set(row[0]!, row);
  const part = (held: boolean): Interactions => {
    const own = kept.filter((row) => (last.get(row[0]!) === row) === held);
    return interactionsFromPairs({
      ...{ users: people.size, items: films.size },
      userIndices: own.map(([user]) => userOf!.get(user!)!),
      itemIndices: own.map(([, film]) => itemOf!.get(film!)!),
      times: own.map((row) => row[3]!),
    });
  };
  return { train: part(false), test: part(true) };
}
