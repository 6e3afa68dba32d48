/**
 * Weights between items on purchases of music (amazon-cds), beside factorisation and a fusion of both.
 * With `--choose` settings are compared on a fifth of the training rows that is held out; without, those
 * chosen so are fitted to all of them and measured on the test part.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '@backlot/core';
import {
  fit,
  fuseRanks,
  type Interactions,
  implicitALS,
  interactionsFromPairs,
  itemKnn,
  itemsOf,
  measureLists,
  type Recommendations,
  recommend,
  rerank,
  type Specification,
  slim,
} from '@backlot/learn';
import { amazonCds, readSplit } from '../als/amazon-cds.ts';

interface Data {
  readonly train: Interactions;
  readonly test: Interactions;
}

/** Of each training pair one in five is held out, drawn by a seed. */
function holdOut(all: Interactions): Data {
  const random = seededRandom(11);
  const parts = [0, 1].map(() => ({ userIndices: [] as number[], itemIndices: [] as number[] }));
  for (let user = 0; user < all.users; user++) {
    for (const item of itemsOf(all, user)) {
      const part = parts[random.uniform() < 0.2 ? 1 : 0]!;
      part.userIndices.push(user);
      part.itemIndices.push(item);
    }
  }
  const [train, test] = parts.map((part) =>
    interactionsFromPairs({ users: all.users, items: all.items, ...part }),
  );
  return { train: train!, test: test! };
}

/** The chosen settings, and some beside them. */
const chosen = { candidates: 150, damping: 0.25, l1: 0.5, l2: 5, dropout: 0.8 };
const tried: readonly Parameters<typeof slim>[0][] = [
  chosen,
  { ...chosen, dropout: 0 },
  { ...chosen, dropout: 0.5 },
  { ...chosen, dropout: 0.9 },
  { ...chosen, l1: 0.4 },
  { ...chosen, l1: 0.7 },
  { ...chosen, damping: 0 },
  { ...chosen, damping: 0.35 },
  { ...chosen, candidates: 300 },
  { ...chosen, nonNegative: false },
];
const factorisation = implicitALS({
  ...{ factors: 512, alpha: 20, regularisation: 1, iterations: 16 },
});

const mean = (values: Float64Array): string =>
  (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(4);

function show(
  label: string,
  lists: Recommendations,
  { train, test }: Data,
  seconds?: number,
): void {
  const { recall, ndcg } = measureLists(
    rerank(lists, 20, (list) => list),
    train,
    test,
  );
  const time = seconds === undefined ? '' : `  ${seconds.toFixed(1)} s`;
  console.log(`${label.padEnd(44)} ${mean(recall)}  ${mean(ndcg)}${time}`);
}

async function measure(specification: Specification, label: string, data: Data) {
  const start = performance.now();
  const model = await fit(specification, data.train, { threads: 2, seed: 1 });
  const seconds = (performance.now() - start) / 1000;
  const { offsets } = data.test;
  const users = Int32Array.from(offsets.keys()).filter(
    (user) => user < data.test.users && offsets[user + 1]! > offsets[user]!,
  );
  const lists = await recommend(model, users, { k: 100, exclude: data.train, threads: 2 });
  show(label, lists, data, seconds);
  return lists;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { choose: { type: 'boolean', default: false } } });
  if (!existsSync(join(import.meta.dirname, '../..', amazonCds.train))) {
    process.stderr.write(`${amazonCds.train} is not there\n`);
    return 2;
  }
  const all = { train: await readSplit('train'), test: await readSplit('test') };
  const data = values.choose ? holdOut(all.train) : all;
  console.log(`${''.padEnd(44)} Recall@20  NDCG@20  time to fit`);
  await measure(itemKnn(), 'item neighbours', data);
  const sparse = await measure(slim(chosen), 'sparse weights', data);
  if (values.choose) {
    for (const setting of tried.slice(1))
      await measure(slim(setting), JSON.stringify(setting), data);
  }
  const factors = await measure(factorisation, 'factorisation, 512 factors', data);
  for (const weight of values.choose ? [0.5, 1, 2] : [2]) {
    for (const constant of values.choose ? [10, 30, 60] : [10]) {
      const fused = fuseRanks([sparse, factors], { k: 20, constant, weights: [1, weight] });
      show(`both fused, weight ${weight}, constant ${constant}`, fused, data);
    }
  }
  return 0;
}

process.exitCode = await main();
