import type { Merge } from './linkage.ts';

/** A cluster of the condensed tree: it is born from its parent and loses rows until it ends or splits. */
interface CondensedCluster {
  readonly parent: number;
  /** 1 / distance at its birth. */
  readonly birth: number;
  readonly children: number[];
  /** Rows that leave it by themselves, and 1 / distance where they do. */
  readonly rows: number[];
  readonly leaves: number[];
  size: number;
}

/**
 * The hierarchy of single linkage with only splits into two parts of at least so many rows (Campello, Moulavi and
 * Sander 2013). Cluster 0 is the whole; a parent comes before its children.
 */
export function condense(
  merges: readonly Merge[],
  n: number,
  least: number,
): readonly CondensedCluster[] {
  const clusters: CondensedCluster[] = [newCluster(-1, 0, n)];
  const sizeOf = (node: number): number => (node < n ? 1 : merges[node - n]!.size);
  const open: { node: number; cluster: number }[] = [{ node: 2 * n - 2, cluster: 0 }];
  while (open.length > 0) {
    const { node, cluster } = open.pop()!;
    if (node < n) continue;
    const { first, second, distance } = merges[node - n]!;
    const density = distance > 0 ? 1 / distance : Infinity;
    const sides = [first, second];
    const both = sides.every((side) => sizeOf(side) >= least);
    for (const side of sides) {
      if (both) {
        const child = clusters.push(newCluster(cluster, density, sizeOf(side))) - 1;
        clusters[cluster]!.children.push(child);
        open.push({ node: side, cluster: child });
      } else if (sizeOf(side) >= least) open.push({ node: side, cluster });
      else {
        for (const row of rowsBelow(merges, n, side)) {
          clusters[cluster]!.rows.push(row);
          clusters[cluster]!.leaves.push(density);
        }
      }
    }
  }
  return clusters;
}

function newCluster(parent: number, birth: number, size: number): CondensedCluster {
  return { parent, birth, size, children: [], rows: [], leaves: [] };
}

function rowsBelow(merges: readonly Merge[], n: number, node: number): number[] {
  const out: number[] = [];
  const open = [node];
  while (open.length > 0) {
    const at = open.pop()!;
    if (at < n) out.push(at);
    else open.push(merges[at - n]!.second, merges[at - n]!.first);
  }
  return out;
}

/**
 * The clusters of largest excess of mass, none within another: each row's time in it, in densities, added up. The
 * whole is one of them only where `single` allows it.
 */
export function excessOfMass(
  clusters: readonly CondensedCluster[],
  single: boolean,
): readonly number[] {
  const best = clusters.map(({ birth, leaves, children }) => {
    const out = leaves.reduce((sum, density) => sum + (finite(density) - birth), 0);
    return children.reduce((sum, child) => {
      const { size, birth: split } = clusters[child]!;
      return sum + size * (split - birth);
    }, out);
  });
  const chosen = clusters.map(() => true);
  for (let at = clusters.length - 1; at >= 0; at--) {
    const { children } = clusters[at]!;
    if (children.length === 0) continue;
    const below = children.reduce((sum, child) => sum + best[child]!, 0);
    if (below > best[at]! || (at === 0 && !single)) {
      chosen[at] = false;
      best[at] = below;
    }
  }
  if (!single) chosen[0] = false;
  const inside = clusters.map(() => false);
  return clusters.flatMap(({ parent }, at) => {
    inside[at] = parent >= 0 && (inside[parent]! || chosen[parent]!);
    return chosen[at] && !inside[at] ? [at] : [];
  });
}

/** Rows that lie on each other leave at no density; a large number stands for it. */
function finite(density: number): number {
  return Math.min(density, 1e15);
}

/** By row the place of its chosen cluster (-1 for none) and how strongly it belongs, from 0 to 1. */
export function labelRows(
  clusters: readonly CondensedCluster[],
  chosen: readonly number[],
  n: number,
): { readonly labels: Int32Array; readonly strengths: Float64Array } {
  const owner = new Int32Array(clusters.length).fill(-1);
  clusters.forEach(({ parent }, at) => {
    const place = chosen.indexOf(at);
    owner[at] = place >= 0 ? place : parent >= 0 ? owner[parent]! : -1;
  });
  const labels = new Int32Array(n).fill(-1);
  const strengths = new Float64Array(n);
  clusters.forEach(({ rows, leaves }, at) => {
    rows.forEach((row, place) => {
      labels[row] = owner[at]!;
      strengths[row] = finite(leaves[place]!);
    });
  });
  const ends = chosen.map((at) => endOf(clusters, at));
  labels.forEach((label, row) => {
    const end = label < 0 ? 0 : ends[label]!;
    strengths[row] = label < 0 ? 0 : end > 0 ? Math.min(1, strengths[row]! / end) : 1;
  });
  return { labels, strengths };
}

/** The density at which a cluster itself ends: its last row leaves it or it splits. */
function endOf(clusters: readonly CondensedCluster[], at: number): number {
  const { leaves, children } = clusters[at]!;
  const births = children.map((child) => clusters[child]!.birth);
  return [...leaves, ...births].reduce((most, one) => Math.max(most, finite(one)), 0);
}
