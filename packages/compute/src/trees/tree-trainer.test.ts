import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../build.ts';
import { openKernels } from '../kernel-session.ts';
import { type BinnedTable, binTable } from './binned-table.ts';
import { binOf } from './feature-bins.ts';
import type { GrownTree } from './grown-tree.ts';
import { type PlainTree, plainGrow } from './plain-grow.ts';
import { denseSource } from './table-source.ts';
import { type GrowLimits, TreeTrainer } from './tree-trainer.ts';

before(build);

const limits: GrowLimits = {
  leaves: 31,
  depth: 64,
  minRows: 5,
  minHessian: 0,
  minGain: 0,
  l2: 1,
  categoricalL2: 10,
  categoricalSmooth: 10,
  maxCategories: 32,
};

interface Case {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
  readonly gradients: Float64Array;
  readonly hessians: Float64Array;
}

/** Columns in turn: numbers with some missing, few numbers, categories, and two that exclude each other. */
function randomCase(seed: number, rows: number): Case {
  const random = seededRandom(seed);
  const columns = 6;
  const values = new Float64Array(rows * columns);
  const gradients = new Float64Array(rows);
  const hessians = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const x = values.subarray(row * columns, (row + 1) * columns);
    const which = random.below(12);
    x.set([random.normal(), random.below(5), random.below(9), 0, 0, random.below(3)]);
    if (which === 0) x[3] = 1 + random.below(3);
    if (which === 1) x[4] = Math.round(10 * random.normal()) / 10;
    if (random.uniform() < 0.1) x[0] = Number.NaN;
    const signal = (x[0]! > 0 ? 1 : -1) + [2, 0, 1, 0, -1, 2, 0, -2, 0.5][x[2]!]! * x[1]! + x[3]!;
    gradients[row] = (Number.isNaN(signal) ? 3 : signal) + random.normal();
    hessians[row] = 0.1 + random.uniform();
  }
  return { rows, columns, values, gradients, hessians };
}

type Options = {
  readonly threads: number;
  readonly limits?: Partial<GrowLimits>;
  readonly monotone?: ReadonlyMap<number, 1 | -1>;
  readonly categorical?: ReadonlySet<number>;
  readonly grown?: Int32Array;
};

const allRows = (rows: number): Int32Array => Int32Array.from({ length: rows }, (_, row) => row);

async function growOnce(one: Case, options: Options) {
  await using session = await openKernels({ threads: options.threads });
  const table = await binTable(session, denseSource(one.values, one.rows, one.columns), {
    bins: 255,
    categorical: options.categorical ?? new Set([2, 5]),
  });
  const trainer = new TreeTrainer(session, table, {
    outputs: 1,
    limits: { ...limits, ...options.limits },
    ...(options.monotone && { monotone: options.monotone }),
  });
  trainer.gradients.set(one.gradients);
  trainer.hessians.set(one.hessians);
  await trainer.derive('given');
  const tree = await trainer.grow(0, options.grown ?? allRows(one.rows), new Int32Array(0));
  const rows = tree.leaves.map(({ start, count }) =>
    [...trainer.order.subarray(start, start + count)].sort((a, b) => a - b),
  );
  return { tree, rows, table };
}

/** The kernel's units: powers of two by which the largest number has 18 bits. */
function unitOf(numbers: Float64Array): number {
  const most = numbers.reduce((largest, one) => Math.max(largest, Math.abs(one)), 0);
  return 2 ** Math.ceil(Math.log2(most)) / 2 ** 18;
}

function plainly(one: Case, table: BinnedTable, options: Options): PlainTree {
  const [g, h] = [unitOf(one.gradients), unitOf(one.hessians)];
  const asked = { ...limits, ...options.limits };
  return plainGrow({
    features: table.features,
    order: table.places.map(({ feature }) => feature),
    bins: table.features.map((feature, at) =>
      Uint8Array.from(allRows(one.rows), (row) =>
        binOf(feature, one.values[row * one.columns + at]!),
      ),
    ),
    gradients: one.gradients.map((value) => roundEven(value / g)),
    hessians: one.hessians.map((value) => Math.max(1, roundEven(value / h))),
    rows: [...(options.grown ?? allRows(one.rows))],
    limits: {
      ...asked,
      l2: asked.l2 / h,
      minHessian: asked.minHessian / h,
      minGain: (asked.minGain * h) / g ** 2,
      categoricalL2: asked.categoricalL2 / h,
      categoricalSmooth: asked.categoricalSmooth / h,
      categoricalRows: asked.categoricalSmooth,
    },
    ...(options.monotone && { monotone: options.monotone }),
  });
}

function roundEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
}

test('a tree is its twin: missing values, categories, bundles, bounds, limits; any number of threads', async () => {
  const settings: readonly Omit<Options, 'threads'>[] = [
    {},
    { limits: { leaves: 200, minRows: 1, l2: 0 } },
    { limits: { depth: 3, minHessian: 20, minGain: 5 } },
    { monotone: new Map([[0, 1] as const, [1, -1] as const]) },
    { categorical: new Set() },
    { grown: allRows(900).filter((row) => row % 3 !== 0) },
  ];
  for (const [round, options] of settings.entries()) {
    const one = randomCase(round, round === 0 ? 30_000 : 900);
    const found = await growOnce(one, { ...options, threads: 1 });
    const plain = plainly(one, found.table, { ...options, threads: 1 });
    assert.deepEqual(
      found.rows,
      plain.map(({ rows }) => [...rows].sort((a, b) => a - b)),
    );
    const units = [unitOf(one.gradients), unitOf(one.hessians)] as const;
    found.tree.leaves.forEach(({ gradient, hessian }, leaf) => {
      assert.equal(gradient, plain[leaf]!.gradient * units[0]);
      assert.equal(hessian, plain[leaf]!.hessian * units[1]);
    });
    const three = await growOnce(one, { ...options, threads: 3 });
    assert.deepEqual(three.tree, found.tree);
    assert.ok(found.tree.nodes.length > 2);
  }
});

test('threads that share out the columns of few rows grow the same tree', async () => {
  const narrow = randomCase(8, 1500);
  const columns = 43;
  const random = seededRandom(9);
  const values = Float64Array.from({ length: 1500 * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    // Others are noise between the columns that tell something.
    return column % 7 === 0 && column < 42
      ? narrow.values[row * 6 + column / 7]!
      : Math.round(4 * random.normal());
  });
  const one = { ...narrow, columns, values };
  const limits = { leaves: 60, minRows: 3 };
  const found = await growOnce(one, { threads: 1, limits });
  const plain = plainly(one, found.table, { threads: 1, limits });
  assert.deepEqual(
    found.rows,
    plain.map(({ rows }) => [...rows].sort((a, b) => a - b)),
  );
  for (const threads of [2, 3, 5, 6]) {
    assert.deepEqual((await growOnce(one, { threads, limits })).tree, found.tree);
  }
});

test('columns that exclude each other share one, and the tree is that of columns apart', async () => {
  const one = randomCase(3, 2000);
  const { table, tree } = await growOnce(one, { threads: 2, limits: { leaves: 100 } });
  assert.equal(table.columns, 5);
  const plain = plainly(one, table, { threads: 1, limits: { leaves: 100 } });
  assert.deepEqual(
    tree.leaves.map(({ count }) => count),
    plain.map(({ rows }) => rows.length),
  );
  assert.ok(tree.nodes.some(({ feature }) => feature === 3 || feature === 4));
});

test('with as many bins as values, the first split is the best of all exact ones', async () => {
  for (let seed = 10; seed < 20; seed++) {
    const random = seededRandom(seed);
    const rows = 60;
    const values = Float64Array.from({ length: rows * 3 }, () => random.below(20) / 4);
    // Multiples of 1/16 are exact in the kernel's units.
    const gradients = Float64Array.from({ length: rows }, () => (random.below(64) - 32) / 16);
    const hessians = new Float64Array(rows).fill(1);
    const one = { rows, columns: 3, values, gradients, hessians };
    const { tree } = await growOnce(one, {
      threads: 1,
      categorical: new Set(),
      limits: { leaves: 2, minRows: 1, l2: 0 },
    });
    const exact = exactGain(one);
    const { gain } = tree.nodes[0]!;
    assert.ok(Math.abs(gain - exact) < 1e-9 * exact, `${gain}, ${exact}`);
  }
});

/** The best gain over all columns and thresholds, from the definition. */
function exactGain({ rows, columns, values, gradients }: Case): number {
  const squareOverCount = (chosen: readonly number[]): number =>
    chosen.length === 0 ? -Infinity : chosen.reduce((a, b) => a + b, 0) ** 2 / chosen.length;
  const all = squareOverCount([...gradients]);
  let best = 0;
  for (let column = 0; column < columns; column++) {
    for (const threshold of values) {
      const left = [...gradients].filter((_, row) => values[row * columns + column]! <= threshold);
      const right = [...gradients].filter((_, row) => values[row * columns + column]! > threshold);
      if (left.length === 0 || right.length === 0) continue;
      best = Math.max(best, squareOverCount(left) + squareOverCount(right) - all);
    }
  }
  assert.ok(rows > 0);
  return best;
}

test('scores take the value of each row leaf, rows not grown on included', async () => {
  const one = randomCase(7, 5000);
  await using session = await openKernels({ threads: 2 });
  const source = denseSource(one.values, one.rows, one.columns);
  const table = await binTable(session, source, { bins: 64, categorical: new Set([2]) });
  const trainer = new TreeTrainer(session, table, { outputs: 1, limits });
  trainer.gradients.set(one.gradients);
  trainer.hessians.set(one.hessians);
  await trainer.derive('given');
  const rest = allRows(one.rows).filter((row) => row % 2 === 0);
  const grown = allRows(one.rows).filter((row) => row % 2 === 1);
  const tree = await trainer.grow(0, grown, rest);
  await trainer.addLeafValues(
    0,
    Float64Array.from(tree.leaves.keys(), (leaf) => leaf + 1),
  );
  for (let row = 0; row < one.rows; row++) {
    assert.equal(trainer.scores[row], 1 + leafByHand(tree, table, one, row), `row ${row}`);
  }
});

function leafByHand(tree: GrownTree, table: BinnedTable, one: Case, row: number): number {
  let at = 0;
  while (at >= 0) {
    const node = tree.nodes[at]!;
    const feature = table.features[node.feature]!;
    const bin = binOf(feature, one.values[row * one.columns + node.feature]!);
    const known = feature.categorical ? node.leftBins.includes(bin) : bin <= node.bin;
    at = (bin === feature.bins ? node.missingLeft : known) ? node.left : node.right;
  }
  return ~at;
}

test('gradients of each loss are the derivatives, in whole units', async () => {
  const rows = 501;
  const random = seededRandom(4);
  await using session = await openKernels({ threads: 2 });
  const values = Float64Array.from({ length: rows }, () => random.normal());
  const table = await binTable(session, denseSource(values, rows, 1), {
    bins: 16,
    categorical: new Set(),
  });
  const weights = Float64Array.from({ length: rows }, () => 0.5 + random.uniform());
  for (const [objective, outputs] of [
    ['squared', 1],
    ['logistic', 1],
    ['poisson', 1],
    ['quantile', 1],
    ['softmax', 3],
  ] as const) {
    const trainer = new TreeTrainer(session, table, { outputs, limits });
    const scores = Float64Array.from({ length: rows * outputs }, () => 2 * random.normal());
    trainer.scores.set(scores);
    const target = Float64Array.from({ length: rows }, () => random.below(outputs === 3 ? 3 : 2));
    trainer.target.set(target);
    await trainer.derive(objective, weights, 0.3);
    for (let row = 0; row < rows; row++) {
      const own = Array.from({ length: outputs }, (_, k) => scores[k * rows + row]!);
      const expected = plainGradients(objective, own, target[row]!, 0.3);
      expected.forEach((gradient, k) => {
        const found = trainer.gradients[k * rows + row]!;
        assert.ok(Math.abs(found - gradient * weights[row]!) < 1e-12 * (1 + Math.abs(found)));
      });
    }
  }
});

function plainGradients(
  objective: string,
  scores: readonly number[],
  target: number,
  alpha: number,
): readonly number[] {
  const [score] = scores as [number];
  if (objective === 'squared') return [score - target];
  if (objective === 'logistic') return [1 / (1 + Math.exp(-score)) - target];
  if (objective === 'poisson') return [Math.exp(score) - target];
  if (objective === 'quantile') return [target > score ? -alpha : 1 - alpha];
  const powers = scores.map((one) => Math.exp(one));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power, k) => power / total - (k === target ? 1 : 0));
}
