import {
  binTable,
  denseSource,
  ForestTrainer,
  type ForestTree,
  openKernels,
  randomStream,
  sparseSource,
} from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import { classesOf, type Examples } from '../examples.ts';
import type { FitOptions } from '../fit-options.ts';
import type { Matrix, SparseMatrix } from '../matrix.ts';
import type { Learned } from '../tabular-kind.ts';
import { ForestWriter } from './forest-model.ts';
import { featuresOf, type GrowthValues } from './forest-parameters.ts';
import { outOfBagScore } from './out-of-bag.ts';
import { pruneTree } from './prune-tree.ts';

/** A forest, or one tree, to be grown. */
interface ForestGrowth {
  readonly values: GrowthValues;
  readonly criterion: 'gini' | 'entropy' | 'squared';
  readonly trees: number;
  readonly bootstrap: boolean;
  readonly randomThresholds: boolean;
  readonly outOfBag: boolean;
  readonly balanced: boolean;
  /** The cost of a leaf; 0 prunes nothing. */
  readonly pruning: number;
}

/** One tree on all rows. */
export const oneTree = {
  trees: 1,
  bootstrap: false,
  randomThresholds: false,
  outOfBag: false,
} as const;

/** Grows the trees, and adds up what each column did for them. */
export async function growForest(
  growth: ForestGrowth,
  examples: Examples,
  options: FitOptions,
): Promise<Learned> {
  const { values, trees } = growth;
  const classes = growth.criterion === 'squared' ? 0 : classesOf(examples);
  const matrix = examples.features as Matrix | SparseMatrix;
  const { rows, columns } = matrix;
  await using session = await openKernels({
    ...(options.threads !== undefined && { threads: options.threads }),
    signal: options.signal,
  });
  const source =
    'offsets' in matrix ? sparseSource(matrix) : denseSource(matrix.values, rows, columns);
  const table = await binTable(session, source, { bins: values.bins, categorical: new Set() });
  const target = examples.target!;
  const weights = growth.balanced ? balancedWeights(examples, classes) : examples.weights;
  const limits = {
    ...{ criterion: growth.criterion, classes, featuresPerSplit: featuresOf(values, columns) },
    ...{ randomThresholds: growth.randomThresholds, bootstrap: growth.bootstrap },
    ...{ depth: values.depth, leaves: values.leaves, minRows: values.minRows },
    ...{ minDecrease: values.minDecrease, votes: growth.outOfBag },
  };
  const trainer = new ForestTrainer(session, table, { target, weights }, limits, trees);
  const writer = new ForestWriter(Math.max(1, classes));
  const bounds = table.features.map((feature) => feature.bounds);
  const importances = new Float64Array(columns);
  for (let first = 0; first < trees; first += trainer.batch) {
    throwIfCancelled(options.signal, 'the fit');
    const last = Math.min(trees, first + trainer.batch);
    for (const tree of await trainer.grow(keysOf(options.seed ?? 0, first, last))) {
      const kept = growth.pruning > 0 ? pruneTree(tree, growth.pruning) : tree;
      writer.add(kept, bounds);
      addImportances(kept, importances);
    }
    options.onProgress?.({ step: 'trees', done: last, total: trees });
  }
  return {
    tensors: writer.tensors(),
    facts: {
      importances: Array.from(normalised(importances)),
      ...(growth.outOfBag && { outOfBag: outOfBagScore(examples, trainer.votes, classes) }),
    },
  };
}

/** Two words for each tree, of a stream of its own. */
function keysOf(seed: number, first: number, last: number): Uint32Array {
  const keys = new Uint32Array(2 * (last - first));
  for (let tree = first; tree < last; tree++) {
    const stream = randomStream(seed, 'forest', tree);
    keys.set([stream.uint32(), stream.uint32()], 2 * (tree - first));
  }
  return keys;
}

/** Each class that there is weighs as much as any other, before the rows' own weights. */
function balancedWeights({ target, weights }: Examples, classes: number): Float64Array {
  const counts = new Float64Array(classes);
  for (const label of target!) counts[label]!++;
  const present = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  return target!.map(
    (label, row) => ((weights?.[row] ?? 1) * target!.length) / (present * counts[label]!),
  );
}

/** What each column's splits took of the impurity, as shares of a tree. */
function addImportances(tree: ForestTree, into: Float64Array): void {
  const own = new Float64Array(into.length);
  const reached = new Uint8Array(tree.nodes);
  reached[0] = 1;
  tree.left.forEach((child, node) => {
    if (child < 0 || !reached[node]) return;
    reached.fill(1, child, child + 2);
    own[tree.features[node]!]! += tree.gains[node]!;
  });
  normalised(own).forEach((share, column) => {
    into[column]! += share;
  });
}

/** As shares of their sum, or zeros where it is none. */
function normalised(numbers: Float64Array): Float64Array {
  const total = numbers.reduce((sum, one) => sum + one, 0);
  return total > 0 ? numbers.map((one) => one / total) : numbers.slice();
}
