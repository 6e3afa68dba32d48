import type { ForestTree } from '@backlot/compute';

/**
 * Minimal cost-complexity pruning (Breiman, Friedman, Olshen and Stone 1984, chapter 3): the smallest tree
 * of those that make impurity + alpha x leaves least. A node is kept split where its branches cost less
 * than it does as a leaf; from the leaves up this gives the same tree as cutting the weakest link again
 * and again while its strength is at most alpha.
 */
export function pruneTree(tree: ForestTree, alpha: number): ForestTree {
  const { nodes, weights, impurities } = tree;
  const left = tree.left.slice();
  const cost = new Float64Array(nodes);
  for (let node = nodes - 1; node >= 0; node--) {
    const alone = (weights[node]! / weights[0]!) * impurities[node]! + alpha;
    const child = left[node]!;
    const split = child >= 0 ? cost[child]! + cost[child + 1]! : Infinity;
    // What differs by rounding alone is no difference.
    if (alone > split * (1 + 1e-12)) cost[node] = split;
    else {
      cost[node] = alone;
      left[node] = -1;
    }
  }
  return { ...tree, left };
}
