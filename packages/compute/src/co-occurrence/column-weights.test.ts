import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../build.ts';
import { openKernels } from '../kernel-session.ts';
import { coOccurrence, plainCoOccurrence } from './co-occurrence.ts';
import { type ColumnWeightsOptions, columnWeights, plainColumnWeights } from './column-weights.ts';

before(() => build());

function met(seed: number, users: number, items: number, each: number) {
  const random = seededRandom(seed);
  const rows = Array.from({ length: users }, () => {
    const own = new Set<number>();
    for (let draw = 0; draw < 1 + random.below(each); draw++) {
      own.add(Math.floor(items * random.uniform() * random.uniform()));
    }
    return [...own].sort((a, b) => a - b);
  });
  const offsets = new Int32Array(users + 1);
  rows.forEach((row, user) => {
    offsets[user + 1] = offsets[user]! + row.length;
  });
  return { users, items, offsets, indices: Int32Array.from(rows.flat()) };
}

type Met = ReturnType<typeof met>;

function turned({ users, items, offsets, indices }: Met): Met {
  const rows = Array.from({ length: items }, () => [] as number[]);
  for (let user = 0; user < users; user++) {
    for (const item of indices.subarray(offsets[user], offsets[user + 1])) rows[item]!.push(user);
  }
  const ends = new Int32Array(items + 1);
  rows.forEach((row, item) => {
    ends[item + 1] = ends[item]! + row.length;
  });
  return { users: items, items: users, offsets: ends, indices: Int32Array.from(rows.flat()) };
}

async function fitted(
  data: Met,
  shares: Float64Array,
  options: ColumnWeightsOptions,
  threads: number,
) {
  await using session = await openKernels({ threads });
  const pairs = await coOccurrence(session, data, turned(data), shares);
  return await columnWeights(session, pairs, options);
}

const exact = { tolerance: 1e-12, maxSweeps: 2000 };
const sharesOf = (seed: number, users: number): Float64Array => {
  const random = seededRandom(seed);
  return Float64Array.from({ length: users }, () => 0.2 + random.uniform());
};

test('sums of pairs are those of a plain count', async () => {
  const data = met(1, 80, 37, 9);
  const shares = sharesOf(2, 80);
  const wanted = plainCoOccurrence(data, shares);
  await using session = await openKernels({ threads: 3 });
  const pairs = await coOccurrence(session, data, turned(data), shares);
  const offsets = session.int32(pairs.offsets);
  const found = new Float64Array(37 * 37);
  for (let item = 0; item < 37; item++) {
    for (let at = offsets[item]!; at < offsets[item + 1]!; at++) {
      found[item * 37 + session.int32(pairs.others)[at]!] = session.float32(pairs.sums)[at]!;
    }
    assert.equal(pairs.diagonal[item], wanted[item * 37 + item]);
  }
  assert.deepEqual(found, wanted.map(Math.fround));
});

test('weights are those of the plain twin, at any number of threads', async () => {
  for (const [seed, nonNegative, candidates, l1] of [
    [3, true, 100, 0.3],
    [4, false, 100, 0.3],
    [5, true, 6, 0.05],
    [6, false, 7, 0],
    [7, true, 1, 0.1],
  ] as const) {
    const data = met(seed, 120, 40, 8);
    const shares = sharesOf(seed, 120);
    const penalties = Float64Array.from({ length: 40 }, (_, item) => 0.5 + (item % 3));
    const options = { candidates, l1, penalties, nonNegative, ...exact };
    const sums = plainCoOccurrence(data, shares);
    const found = await fitted(data, shares, options, 2);
    assert.deepEqual(await fitted(data, shares, options, 1), found);
    for (let item = 0; item < 40; item++) {
      const dense = new Float64Array(40);
      for (let at = found.offsets[item]!; at < found.offsets[item + 1]!; at++) {
        dense[found.indices[at]!] = found.weights[at]!;
      }
      const wanted = plainColumnWeights(sums, 40, item, options);
      // Sums are kept as floats, 6e-8 of them.
      wanted.forEach((weight, other) => {
        assert.ok(Math.abs(weight - dense[other]!) < 1e-6, `${seed} ${item} ${other}`);
      });
    }
  }
});

test('weights meet the conditions of the optimum (Karush, Kuhn and Tucker)', async () => {
  const data = met(8, 300, 60, 12);
  const shares = new Float64Array(300).fill(1);
  const [l1, l2] = [0.8, 2];
  const penalties = new Float64Array(60).fill(l2);
  const options = { candidates: 1000, l1, penalties, nonNegative: true, ...exact };
  const found = await fitted(data, shares, options, 2);
  const sums = plainCoOccurrence(data, shares);
  let positive = 0;
  for (let item = 0; item < 60; item++) {
    const weights = new Float64Array(60);
    for (let at = found.offsets[item]!; at < found.offsets[item + 1]!; at++) {
      weights[found.indices[at]!] = found.weights[at]!;
    }
    assert.equal(weights[item], 0);
    for (let one = 0; one < 60; one++) {
      if (one === item) continue;
      let gradient = l1 + l2 * weights[one]! - sums[item * 60 + one]!;
      for (let other = 0; other < 60; other++)
        gradient += sums[one * 60 + other]! * weights[other]!;
      if (weights[one]! > 0) {
        positive++;
        assert.ok(Math.abs(gradient) < 1e-4, `${gradient}`);
      } else assert.ok(gradient > -1e-4, `${gradient}`);
    }
  }
  assert.ok(positive > 100);
});
