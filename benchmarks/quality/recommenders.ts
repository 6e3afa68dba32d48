/**
 * Recommenders trained by steps, and blocks of dimensions, on purchases of music, all items ranked. With
 * `--choose` the settings that were tried are held against a part of the training rows; without, the chosen
 * ones are fitted to all training rows and measured on the test rows. `--blocks` sets whole rounds of
 * implicit factorisation beside rounds by blocks.
 */
import { parseArgs } from 'node:util';
import {
  bpr,
  evaluateUsers,
  fit,
  type Interactions,
  implicitALS,
  interactionsFromPairs,
  type Specification,
  ultraGCN,
} from '@backlot/learn';
import { readSplit } from '../als/amazon-cds.ts';

const threads = 2;

const tried: readonly Specification[] = [
  bpr({ epochs: 60, learningRate: 0.2 }),
  bpr({ epochs: 60, learningRate: 0.3, regularisation: 0.005 }),
  bpr({ epochs: 60, learningRate: 0.2, negatives: 'popularity', biasRegularisation: 0.001 }),
  bpr({ epochs: 60, learningRate: 0.2, negatives: 'popularity', regularisation: 0.02 }),
  ultraGCN({ epochs: 15 }),
  ultraGCN({ epochs: 15, regularisation: 0.01 }),
  ultraGCN({ epochs: 15, learningRate: 0.005 }),
  ultraGCN({ epochs: 10, regularisation: 0.0001 }),
];

const chosen: readonly Specification[] = [
  bpr({ epochs: 60, learningRate: 0.2, negatives: 'popularity', regularisation: 0.02 }),
  ultraGCN({ epochs: 24 }),
];

const wide = { factors: 512, alpha: 20, regularisation: 1 };
const blocks: readonly Specification[] = [
  implicitALS({ ...wide, iterations: 16 }),
  implicitALS({ ...wide, iterations: 16, block: 128 }),
  implicitALS({ ...wide, iterations: 16, block: 64 }),
  implicitALS({ ...wide, iterations: 8 }),
  implicitALS({ ...wide, iterations: 8, block: 128 }),
];

interface Split {
  readonly train: Interactions;
  readonly test: Interactions;
}

/** About a tenth of the training items of those who have five or more, by a hash of their places. */
function holdOut(all: Interactions): Split {
  const [kept, held] = [0, 1].map(() => ({
    userIndices: [] as number[],
    itemIndices: [] as number[],
  }));
  for (let user = 0; user < all.users; user++) {
    const [begin, end] = [all.offsets[user]!, all.offsets[user + 1]!];
    for (let at = begin; at < end; at++) {
      const part = Math.imul(user * 31 + at, 0x9e3779b1) >>> 0;
      const to = end - begin >= 5 && part < 0.1 * 2 ** 32 ? held! : kept!;
      to.userIndices.push(user);
      to.itemIndices.push(all.indices[at]!);
    }
  }
  const { users, items } = all;
  return {
    train: interactionsFromPairs({ users, items, ...kept! }),
    test: interactionsFromPairs({ users, items, ...held! }),
  };
}

async function measure(specification: Specification, { train, test }: Split): Promise<string> {
  const before = process.cpuUsage();
  const model = await fit(specification, train, { threads, seed: 1 });
  const { user, system } = process.cpuUsage(before);
  const { recall, ndcg } = await evaluateUsers(model, { train, test, k: 20, threads });
  const mean = (values: Float64Array): string =>
    (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(4);
  const time = `${((user + system) / 1e6).toFixed(0)} s of processors`;
  return `Recall@20 ${mean(recall)}, NDCG@20 ${mean(ndcg)}, ${time}`;
}

const { values } = parseArgs({
  options: {
    choose: { type: 'boolean', default: false },
    blocks: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
const all = await readSplit('train');
const split = values.choose ? holdOut(all) : { train: all, test: await readSplit('test') };
const list = values.blocks ? blocks : values.choose ? tried : chosen;
for (const specification of list) {
  if (values.only && specification.kind !== values.only) continue;
  const { kind, parameters } = specification;
  console.log(`${kind} ${JSON.stringify(parameters)}: ${await measure(specification, split)}`);
}
