import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Cancelled, seededRandom } from '@backlot/core';
import { build } from '../../../compute/build.ts';
import { tabularKindOf } from '../estimators.ts';
import {
  constant,
  decisionTreeRegressor,
  decodeModel,
  type Examples,
  encodeModel,
  extraTreesRegressor,
  fit,
  gradientBoosting,
  type Matrix,
  meanContributions,
  predict,
  predictProbabilities,
  randomForestClassifier,
  type Specification,
  scoreRows,
  type TabularModel,
  treeContributions,
} from '../index.ts';
import { nodeCovers } from '../trees/tree-ensemble.ts';

before(build);

const columns = 5;

/** Rows of which column 4 holds one of four categories and column 1 is missing here and there. */
function drawn(seed: number, rows: number, classes: number): Examples & { features: Matrix } {
  const random = seededRandom(seed);
  const values = new Float64Array(rows * columns);
  const target = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const x = Array.from({ length: columns }, () => random.normal());
    x[4] = random.below(4);
    const score = x[0]! * x[1]! + (x[4] === 2 ? 1.5 : 0) + 0.5 * x[2]! + 0.2 * random.normal();
    if (random.uniform() < 0.2) x[1] = Number.NaN;
    values.set(x, row * columns);
    target[row] = classes === 0 ? score : Math.min(classes - 1, Math.max(0, Math.floor(score + 1)));
  }
  const weights = Float64Array.from({ length: rows }, () => 0.5 + random.uniform());
  return { features: { rows, columns, values }, target, weights };
}

/** What the trees say when only the columns of a set are known, by the shares at every other node. */
function knowing(model: TabularModel, x: Float64Array, known: number): Float64Array {
  const trees = tabularKindOf(model.kind).trees!(model);
  const covers = nodeCovers(trees);
  const coverOf = (at: number): number => (at >= 0 ? covers[at]! : trees.covers[~at]!);
  const sums = Float64Array.from(trees.start);
  const visit = (tree: number, at: number, weight: number): void => {
    if (at < 0) {
      trees.addLeaf(tree, ~at, weight, sums, 0);
      return;
    }
    const [left, right] = [trees.left[at]!, trees.right[at]!];
    const column = trees.features[at]!;
    if (known & (1 << column)) {
      visit(tree, trees.goesLeft(at, x[column]!) ? left : right, weight);
      return;
    }
    for (const child of [left, right]) {
      visit(tree, child, (weight * coverOf(child)) / covers[at]!);
    }
  };
  trees.roots.forEach((root, tree) => {
    visit(tree, root, trees.scale);
  });
  return sums;
}

/** Shapley values by their definition, over all subsets of the other columns. */
function bySubsets(model: TabularModel, x: Float64Array, column: number): Float64Array {
  const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
  const sums = new Float64Array(knowing(model, x, 0).length);
  for (let known = 0; known < 1 << columns; known++) {
    if (known & (1 << column)) continue;
    let size = 0;
    for (let at = 0; at < columns; at++) size += (known >> at) & 1;
    const weight = (factorial(size) * factorial(columns - size - 1)) / factorial(columns);
    const [without, joined] = [knowing(model, x, known), knowing(model, x, known | (1 << column))];
    joined.forEach((value, output) => {
      sums[output]! += weight * (value - without[output]!);
    });
  }
  return sums;
}

const cases: readonly (readonly [string, Specification, number])[] = [
  ['boosted numbers', gradientBoosting({ rounds: 6, leaves: 8, categorical: [4], minRows: 3 }), 0],
  ['two classes', gradientBoosting({ objective: 'classes', rounds: 5, leaves: 6 }), 2],
  ['three classes', gradientBoosting({ objective: 'classes', rounds: 4, categorical: [4] }), 3],
  ['a tree', decisionTreeRegressor({ depth: 9 }), 0],
  ['a forest of classes', randomForestClassifier({ trees: 5, depth: 6 }), 3],
  ['extra trees', extraTreesRegressor({ trees: 4, depth: 7 }), 0],
];

for (const [name, specification, classes] of cases) {
  test(`${name}: contributions are Shapley values by their definition, and add up`, async () => {
    const examples = drawn(3, 120, classes);
    const model = await fit(specification, examples, { seed: 1 });
    const few = { rows: 6, columns, values: examples.features.values.slice(0, 6 * columns) };
    // A category that no row had, and nothing known at all.
    few.values[4] = 9;
    few.values.fill(Number.NaN, columns, 2 * columns);
    const { base, values, outputs } = await treeContributions(model, few);
    const prepared = tabularKindOf(model.kind).trees!(model).prepare(few).values as Float64Array;
    for (let row = 0; row < 6; row++) {
      const x = prepared.subarray(row * columns, (row + 1) * columns);
      const sums = Float64Array.from(base);
      for (let column = 0; column < columns; column++) {
        const expected = bySubsets(model, x, column);
        for (let output = 0; output < outputs; output++) {
          const found = values[(row * columns + column) * outputs + output]!;
          // Sums of a few hundred products in doubles.
          assert.ok(Math.abs(found - expected[output]!) < 1e-11, `${row} ${column}: ${found}`);
          sums[output]! += found;
        }
      }
      const said = await saidOf(model, {
        rows: 1,
        columns,
        values: few.values.slice(row * columns, (row + 1) * columns),
      });
      if (said)
        for (const [at, one] of sums.entries()) assert.ok(Math.abs(one - said[at]!) < 1e-11);
    }
  });
}

/** What the model says before any link, where a verb tells. */
async function saidOf(model: TabularModel, row: Matrix): Promise<Float64Array | undefined> {
  if (model.kind.endsWith('Classifier')) {
    return (await predictProbabilities(model, row)).values as Float64Array;
  }
  if (model.signature.classes > 2) return undefined;
  return model.signature.classes === 2 ? scoreRows(model, row) : predict(model, row);
}

test('a deep tree add up to what is predicted', async () => {
  const examples = drawn(5, 400, 0);
  const model = await fit(decisionTreeRegressor({ minRows: 1 }), examples);
  const { base, values } = await treeContributions(model, examples.features);
  const predicted = await predict(model, examples.features);
  predicted.forEach((value, row) => {
    const own = values.subarray(row * columns, (row + 1) * columns);
    const sum = own.reduce((total, one) => total + one, base[0]!);
    assert.ok(Math.abs(sum - value) < 1e-9, `row ${row}: ${sum}, not ${value}`);
  });
  const means = meanContributions({ rows: 400, columns, outputs: 1, base, values });
  // The third column is noise but for rounding; the first interacts with the second.
  assert.ok(means[0]! > means[3]! && means[1]! > means[3]! && means[4]! > means[3]!);
});

test('a model read from bytes explains alike; others and rows that do not fit are refused', async () => {
  const examples = drawn(7, 80, 0);
  const model = await fit(gradientBoosting({ rounds: 3 }), examples);
  const read = decodeModel(encodeModel(model)) as TabularModel;
  const found = await treeContributions(read, examples.features);
  assert.deepEqual(found, await treeContributions(model, examples.features));
  const plain = await fit(constant(), examples);
  await assert.rejects(treeContributions(plain, examples.features), { code: 'E-LEARN-008' });
  const narrow = { rows: 1, columns: 2, values: new Float64Array(2) };
  await assert.rejects(treeContributions(model, narrow), { code: 'E-LEARN-007' });
  await assert.rejects(
    treeContributions(model, examples.features, { signal: AbortSignal.abort() }),
    Cancelled,
  );
});
