import type { Matrix } from '../matrix.ts';
import { type Column, weightOf } from './weighted.ts';

interface Contingency {
  readonly pairs: ReadonlyMap<string, number>;
  readonly first: ReadonlyMap<number, number>;
  readonly second: ReadonlyMap<number, number>;
  readonly total: number;
}

function contingency(first: Column, second: Column): Contingency {
  weightOf(first, second, undefined);
  const pairs = new Map<string, number>();
  const [ones, others] = [new Map<number, number>(), new Map<number, number>()];
  const add = <K>(counts: Map<K, number>, key: K): void => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  for (let row = 0; row < first.length; row++) {
    add(pairs, `${first[row]} ${second[row]}`);
    add(ones, first[row]!);
    add(others, second[row]!);
  }
  return { pairs, first: ones, second: others, total: first.length };
}

/** How far two clusterings agree beyond chance: 1 the same, 0 as by chance (Hubert and Arabie 1985). */
export function adjustedRandIndex(first: Column, second: Column): number {
  const table = contingency(first, second);
  const twos = (counts: Iterable<number>): number => {
    let sum = 0;
    for (const count of counts) sum += (count * (count - 1)) / 2;
    return sum;
  };
  const [both, one, other] = [
    twos(table.pairs.values()),
    twos(table.first.values()),
    twos(table.second.values()),
  ];
  const expected = (one * other) / ((table.total * (table.total - 1)) / 2);
  const most = (one + other) / 2;
  return most === expected ? 1 : (both - expected) / (most - expected);
}

/** Mutual information over the mean of both entropies: 1 the same, 0 independent. */
export function normalisedMutualInformation(first: Column, second: Column): number {
  const table = contingency(first, second);
  const entropy = (counts: ReadonlyMap<number, number>): number => {
    let sum = 0;
    for (const count of counts.values())
      sum -= (count / table.total) * Math.log(count / table.total);
    return sum;
  };
  const [one, other] = [entropy(table.first), entropy(table.second)];
  if (one === 0 && other === 0) return 1;
  let shared = 0;
  for (const [pair, count] of table.pairs) {
    const [a, b] = pair.split(' ').map(Number);
    const expected = table.first.get(a!)! * table.second.get(b!)!;
    shared += (count / table.total) * Math.log((table.total * count) / expected);
  }
  return Math.max(0, (2 * shared) / (one + other));
}

/**
 * The mean over rows of (b - a) / max(a, b): a the mean distance to its own cluster's rows, b to the
 * nearest other cluster's (Rousseeuw 1987). Rows labelled below 0 are left out; all pairs are measured.
 */
export function silhouette({ rows, columns, values }: Matrix, labels: Column): number {
  const clusters = [...new Set(Array.from(labels).filter((label) => label >= 0))];
  const sizes = new Map(clusters.map((label) => [label, 0]));
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!;
    if (label >= 0) sizes.set(label, sizes.get(label)! + 1);
  }
  let [sum, counted] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const own = labels[row]!;
    if (own < 0) continue;
    counted++;
    if (sizes.get(own) === 1) continue;
    const sums = new Map(clusters.map((label) => [label, 0]));
    for (let other = 0; other < rows; other++) {
      const label = labels[other]!;
      if (label >= 0) sums.set(label, sums.get(label)! + distance(values, columns, row, other));
    }
    const inside = sums.get(own)! / (sizes.get(own)! - 1);
    const outside = clusters
      .filter((label) => label !== own)
      .reduce((least, label) => Math.min(least, sums.get(label)! / sizes.get(label)!), Infinity);
    if (outside < Infinity) sum += (outside - inside) / Math.max(inside, outside);
  }
  return sum / counted;
}

function distance(values: Matrix['values'], columns: number, a: number, b: number): number {
  let sum = 0;
  for (let column = 0; column < columns; column++) {
    sum += (values[a * columns + column]! - values[b * columns + column]!) ** 2;
  }
  return Math.sqrt(sum);
}
