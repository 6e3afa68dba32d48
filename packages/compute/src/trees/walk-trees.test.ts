import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../build.ts';
import { openKernels } from '../kernel-session.ts';
import { type NumberTrees, walkTrees, walkTreesOn } from './walk-trees.ts';

before(build);

const columns = 5;

/** Trees of uneven depth, some of them a leaf alone. */
function drawnTrees(trees: number, seed: number): NumberTrees {
  const random = seededRandom(seed);
  const splits: [number, number, number, number, number][] = [];
  const values: number[] = [];
  const leaf = (): number => ~(values.push(random.normal()) - 1);
  const grow = (depth: number): number => {
    if (depth === 0 || random.uniform() < 0.2) return leaf();
    const own = [random.below(columns), random.below(9) - 4, random.below(2), 0, 0] as const;
    const at = splits.push([...own]) - 1;
    splits[at]![3] = grow(depth - 1);
    splits[at]![4] = grow(depth - 1);
    return at;
  };
  const roots = Int32Array.from({ length: trees }, (_, tree) => grow(tree % 9));
  const of = (part: number): number[] => splits.map((split) => split[part]!);
  return {
    ...{ roots, features: Int32Array.from(of(0)), thresholds: Float64Array.from(of(1)) },
    ...{ missingLeft: Uint8Array.from(of(2)), left: Int32Array.from(of(3)) },
    ...{ right: Int32Array.from(of(4)), values: Float64Array.from(values) },
  };
}

/** Whole numbers, so that some lie at thresholds. */
function drawnRows(rows: number, missing: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: rows * columns }, () =>
    random.uniform() < missing ? Number.NaN : random.below(11) - 5,
  );
}

/** One row through one tree, as the words of the interface say it. */
function leafValueOf(trees: NumberTrees, tree: number, row: Float64Array): number {
  const from = (at: number): number => {
    if (at < 0) return trees.values[~at]!;
    const value = row[trees.features[at]!]!;
    const left = Number.isNaN(value) ? trees.missingLeft[at] : value <= trees.thresholds[at]!;
    return from(left ? trees.left[at]! : trees.right[at]!);
  };
  return from(trees.roots[tree]!);
}

for (const [rows, outputs, missing] of [
  [1, 1, 0],
  [7, 1, 0.2],
  [300, 3, 0],
  [1001, 3, 0.2],
  [129, 1, 0],
] as const) {
  test(`${rows} rows of ${outputs} outputs, ${missing} missing, are walked to the same bits`, async () => {
    const trees = drawnTrees(30, rows);
    const values = drawnRows(rows, missing, 2);
    const expected = new Float64Array(rows * outputs).fill(0.5);
    for (let row = 0; row < rows; row++) {
      const own = values.subarray(row * columns, (row + 1) * columns);
      for (let tree = 0; tree < 30; tree++) {
        expected[row * outputs + (tree % outputs)]! += leafValueOf(trees, tree, own);
      }
    }
    const plain = new Float64Array(rows * outputs).fill(0.5);
    walkTrees(trees, { rows, columns, values }, plain, outputs);
    assert.deepEqual(plain, expected);
    for (const threads of [1, 2]) {
      await using session = await openKernels({ threads });
      for (const given of [values, Float32Array.from(values)]) {
        const found = new Float64Array(rows * outputs).fill(0.5);
        await walkTreesOn(session, trees, { rows, columns, values: given }, found, outputs);
        assert.deepEqual(found, expected);
      }
    }
  });
}
