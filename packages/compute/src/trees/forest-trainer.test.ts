import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../build.ts';
import { openKernels } from '../kernel-session.ts';
import { type BinnedTable, binTable } from './binned-table.ts';
import { exactRows } from './exact-rows.ts';
import { binOf } from './feature-bins.ts';
import { type ForestLimits, ForestTrainer } from './forest-trainer.ts';
import type { ForestTree } from './forest-tree.ts';
import { type PlainNode, plainForestTree } from './plain-forest.ts';
import { denseSource } from './table-source.ts';

before(build);

const gini: ForestLimits = {
  ...{ criterion: 'gini', classes: 3, featuresPerSplit: 3, randomThresholds: false },
  ...{ bootstrap: true, depth: null, leaves: null, minRows: 1, minDecrease: 0, votes: false },
};
const squared: ForestLimits = { ...gini, criterion: 'squared', classes: 0 };

interface Case {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
  readonly classes: Float64Array;
  readonly numbers: Float64Array;
  readonly weights: Float64Array;
}

/** Numbers with some missing, few numbers, one number, and three columns that exclude each other. */
function randomCase(seed: number, rows: number): Case {
  const random = seededRandom(seed);
  const columns = 7;
  const values = new Float64Array(rows * columns);
  const [classes, numbers] = [new Float64Array(rows), new Float64Array(rows)];
  const weights = Float64Array.from({ length: rows }, () => random.below(4) * random.uniform());
  for (let row = 0; row < rows; row++) {
    const x = values.subarray(row * columns, (row + 1) * columns);
    x.set([random.normal(), random.below(5), 7, random.normal(), 0, 0, 0]);
    const which = random.below(20);
    if (which < 3) x[4 + which] = 1 + random.below(4);
    if (which === 19) x[5] = Number.NaN;
    if (random.uniform() < 0.15) x[0] = Number.NaN;
    const signal = (x[0]! > 0 ? 2 : 0) + x[1]! * x[3]! + 3 * x[4]!;
    numbers[row] = (Number.isNaN(signal) ? 3 : signal) + random.normal();
    classes[row] = numbers[row]! < 0 ? 0 : numbers[row]! < 2 ? 1 : 2;
  }
  return { rows, columns, values, classes, numbers, weights };
}

async function grown(
  one: Case,
  limits: ForestLimits,
  options: { readonly weighted?: boolean; readonly threads?: number; readonly trees?: number } = {},
) {
  const { weighted = false, threads = 1, trees = 1 } = options;
  await using session = await openKernels({ threads });
  const source = denseSource(one.values, one.rows, one.columns);
  const table = await binTable(session, source, { bins: 40, categorical: new Set() });
  const target = targetOf(one, limits);
  const weights = weighted ? one.weights : undefined;
  const trainer = new ForestTrainer(session, table, { target, weights }, limits, trees);
  const keys = Uint32Array.from({ length: 2 * trees }, (_, at) => 77 + 13 * at);
  const found: ForestTree[] = [];
  for (let first = 0; first < trees; first += trainer.batch) {
    found.push(...(await trainer.grow(keys.subarray(2 * first, 2 * (first + trainer.batch)))));
  }
  return { trees: found, table, votes: limits.votes ? trainer.votes : undefined };
}

/** As many classes as the limits have, the last of them all that is above. */
function targetOf({ classes, numbers }: Case, limits: ForestLimits): Float64Array {
  if (limits.classes === 0) return numbers;
  return classes.map((label) => Math.min(label, limits.classes - 1));
}

function binsOf(one: Case, { features }: BinnedTable): readonly Uint8Array[] {
  return features.map((bins, feature) =>
    Uint8Array.from({ length: one.rows }, (_, row) =>
      binOf(bins, one.values[row * one.columns + feature]!),
    ),
  );
}

/** Of the features that vary: the others are not drawn. */
function placedFeatures({ places }: BinnedTable): readonly number[] {
  return places.map(({ feature }) => feature).sort((a, b) => a - b);
}

function placedBins(one: Case, table: BinnedTable) {
  const bins = binsOf(one, table);
  const placed = placedFeatures(table);
  return {
    bins: placed.map((feature) => bins[feature]!),
    counts: placed.map((feature) => table.features[feature]!.bins),
  };
}

function plain(one: Case, table: BinnedTable, limits: ForestLimits, weighted: boolean) {
  const target = targetOf(one, limits);
  const rows = exactRows(target, weighted ? one.weights : undefined, limits.classes === 0);
  return plainForestTree({ ...placedBins(one, table), rows, limits, key: [77, 90] });
}

function assertSame(tree: ForestTree, expected: readonly PlainNode[], table: BinnedTable): void {
  const placed = placedFeatures(table);
  assert.equal(tree.nodes, expected.length);
  const close = (a: number, b: number): void => {
    assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)), `${a}, expected ${b}`);
  };
  expected.forEach((node, at) => {
    assert.equal(tree.left[at], node.left);
    assert.equal(tree.counts[at], node.rows.length);
    close(tree.weights[at]!, node.weight);
    close(tree.impurities[at]!, node.impurity);
    if (node.left < 0) return;
    const { feature, bin, missingLeft } = node.split!;
    const found = [tree.features[at], tree.bins[at], tree.missingLeft[at]];
    assert.deepEqual(found, [placed[feature], bin, missingLeft ? 1 : 0]);
    close(tree.gains[at]!, node.gain);
  });
}

const cases: Readonly<Record<string, ForestLimits>> = {
  'gini, drawn rows and features': gini,
  'entropy, all features, at least four rows': {
    ...{ ...gini, criterion: 'entropy', featuresPerSplit: 7, minRows: 4 },
  },
  'squares, two features': { ...squared, featuresPerSplit: 2 },
  'squares, best first, at least three rows': { ...squared, leaves: 30, minRows: 3 },
  'gini, best first, no draws of rows': { ...gini, leaves: 25, bootstrap: false },
  'gini of two classes': { ...gini, classes: 2 },
  'gini, random thresholds': { ...gini, randomThresholds: true, bootstrap: false },
  'squares, random thresholds of one feature': {
    ...{ ...squared, randomThresholds: true, featuresPerSplit: 1, depth: 6 },
  },
  'squares that lower the variance enough': { ...squared, minDecrease: 0.01, bootstrap: false },
};

for (const [name, limits] of Object.entries(cases)) {
  test(`a tree of a forest is the plain one node by node: ${name}`, async () => {
    for (const weighted of [false, true]) {
      for (const [seed, rows] of [
        [1, 60],
        [2, 900],
      ] as const) {
        const one = randomCase(seed, rows);
        const { trees, table } = await grown(one, limits, { weighted });
        assert.ok(table.columns < one.columns, 'columns that exclude each other share one');
        assert.ok(trees[0]!.nodes > 5);
        assertSame(trees[0]!, plain(one, table, limits, weighted), table);
      }
    }
  });
}

test('the threads and the batches change nothing', async () => {
  const one = randomCase(3, 700);
  const limits = { ...gini, votes: true };
  const [first, second] = [
    await grown(one, limits, { trees: 9 }),
    await grown(one, limits, { trees: 9, threads: 2 }),
  ];
  assert.deepEqual(second.trees, first.trees);
  assert.deepEqual(second.votes, first.votes);
});

test('votes are those of the trees that did not see a row', async () => {
  for (const limits of [gini, squared]) {
    const one = randomCase(4, 300);
    const { trees, table, votes } = await grown(one, { ...limits, votes: true }, { trees: 12 });
    const bins = binsOf(one, table);
    const outputs = Math.max(1, limits.classes);
    const sums = new Float64Array(one.rows * outputs);
    const voters = new Int32Array(one.rows);
    trees.forEach((tree, at) => {
      const key = [77 + 26 * at, 90 + 26 * at] as const;
      const seen = bagOf(one, limits, table, key);
      for (let row = 0; row < one.rows; row++) {
        if (seen.has(row)) continue;
        const leaf = walk(tree, table, bins, row);
        voters[row]!++;
        for (let k = 0; k < outputs; k++) {
          sums[row * outputs + k]! += tree.values[leaf * outputs + k]!;
        }
      }
    });
    assert.deepEqual(votes!.voters, voters);
    votes!.sums.forEach((sum, at) => {
      assert.ok(Math.abs(sum - sums[at]!) < 1e-9);
    });
  }
});

function bagOf(
  one: Case,
  limits: ForestLimits,
  table: BinnedTable,
  key: readonly [number, number],
): ReadonlySet<number> {
  const target = limits.classes > 0 ? one.classes : one.numbers;
  const rows = exactRows(target, undefined, limits.classes === 0);
  const stump = { ...limits, depth: 0 };
  const [root] = plainForestTree({ ...placedBins(one, table), rows, limits: stump, key });
  return new Set(root!.rows.map(({ row }) => row));
}

function walk(
  tree: ForestTree,
  { features }: BinnedTable,
  bins: readonly Uint8Array[],
  row: number,
): number {
  let at = 0;
  while (tree.left[at]! >= 0) {
    const feature = tree.features[at]!;
    const bin = bins[feature]![row]!;
    const missing = bin === features[feature]!.bins;
    const goesLeft = missing ? tree.missingLeft[at] === 1 : bin <= tree.bins[at]!;
    at = tree.left[at]! + (goesLeft ? 0 : 1);
  }
  return at;
}
