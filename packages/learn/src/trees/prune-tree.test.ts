import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ForestTree } from '@backlot/compute';
import { seededRandom } from '@backlot/core';
import { pruneTree } from './prune-tree.ts';

/** A tree whose splits part weights and lower the impurity at random. */
function randomTree(seed: number, splits: number): ForestTree {
  const random = seededRandom(seed);
  const nodes = 2 * splits + 1;
  const left = new Int32Array(nodes).fill(-1);
  const [weights, impurities] = [new Float64Array(nodes), new Float64Array(nodes)];
  [weights[0], impurities[0]] = [1, 1];
  const leaves = [0];
  for (let split = 0; split < splits; split++) {
    const [node] = leaves.splice(random.below(leaves.length), 1) as [number];
    const child = 1 + 2 * split;
    left[node] = child;
    const share = 0.1 + 0.8 * random.uniform();
    for (const [at, part] of [
      [child, share],
      [child + 1, 1 - share],
    ] as const) {
      weights[at] = weights[node]! * part;
      impurities[at] = impurities[node]! * (0.4 + 0.6 * random.uniform());
    }
    leaves.push(child, child + 1);
  }
  const none = new Int32Array(nodes);
  return {
    ...{ nodes, features: none, bins: none, missingLeft: new Uint8Array(nodes), left },
    ...{ counts: none, gains: new Float64Array(nodes), weights, impurities },
    values: new Float64Array(nodes),
  };
}

/** The weakest link is cut again and again, as Breiman et al. have it. */
function cutWeakest({ nodes, left: given, weights, impurities }: ForestTree, alpha: number) {
  const left = given.slice();
  for (;;) {
    const risks = new Float64Array(nodes);
    const leaves = new Int32Array(nodes);
    let [weakest, strength] = [-1, Infinity];
    for (let node = nodes - 1; node >= 0; node--) {
      const own = weights[node]! * impurities[node]!;
      const child = left[node]!;
      risks[node] = child < 0 ? own : risks[child]! + risks[child + 1]!;
      leaves[node] = child < 0 ? 1 : leaves[child]! + leaves[child + 1]!;
    }
    const reached = new Set([0]);
    for (let node = 0; node < nodes; node++) {
      const child = left[node]!;
      if (child < 0 || !reached.has(node)) continue;
      reached.add(child).add(child + 1);
      const link = (weights[node]! * impurities[node]! - risks[node]!) / (leaves[node]! - 1);
      if (link < strength) [weakest, strength] = [node, link];
    }
    if (weakest < 0 || strength > alpha) return [...reached].sort((a, b) => a - b);
    left[weakest] = -1;
  }
}

test('what is pruned at once is what cutting the weakest link again and again leaves', () => {
  for (let seed = 0; seed < 40; seed++) {
    const tree = randomTree(seed, 30);
    for (const alpha of [0.0005, 0.003, 0.01, 0.05]) {
      const { left } = pruneTree(tree, alpha);
      const reached = new Set([0]);
      left.forEach((child, node) => {
        if (child >= 0 && reached.has(node)) reached.add(child).add(child + 1);
      });
      assert.deepEqual(
        [...reached].sort((a, b) => a - b),
        cutWeakest(tree, alpha),
      );
    }
  }
});
