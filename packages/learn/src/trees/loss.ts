import type { Examples } from '../examples.ts';
import { groupNdcg } from '../metrics/ranking.ts';
import { weightedQuantile } from '../metrics/weighted.ts';
import type { GradientBoostingValues } from './gradient-boosting.ts';

/** Where scores begin: the best constant; log odds, log shares or the logarithm of the mean by objective. */
export function startOf(
  { objective, quantile }: GradientBoostingValues,
  { target, weights }: Examples,
  classes: number,
): Float64Array {
  const weight = (row: number): number => weights?.[row] ?? 1;
  let [sum, total] = [0, 0];
  target!.forEach((value, row) => {
    sum += weight(row) * value;
    total += weight(row);
  });
  const mean = sum / total;
  switch (objective) {
    case 'squared':
      return Float64Array.of(mean);
    case 'poisson':
      return Float64Array.of(Math.log(Math.max(mean, 1e-12)));
    case 'quantile':
      return Float64Array.of(weightedQuantile(target!, weights, quantile));
    case 'ranking':
      return Float64Array.of(0);
    case 'classes': {
      const shares = new Float64Array(classes);
      target!.forEach((label, row) => {
        shares[label]! += weight(row) / total;
      });
      const drawn = (share: number): number => Math.min(Math.max(share, 1e-12), 1 - 1e-12);
      if (classes > 2) return shares.map((share) => Math.log(drawn(share)));
      const share = drawn(shares[1]!);
      return Float64Array.of(Math.log(share / (1 - share)));
    }
  }
}

type Loss = (scores: Float64Array, rows: number, watched: Int32Array) => number;

/** The mean loss on some rows, which early stopping watches; of rankings minus NDCG@10. */
export function lossOf(values: GradientBoostingValues, examples: Examples, classes: number): Loss {
  if (values.objective === 'ranking') return rankingLoss(examples);
  const { target, weights } = examples;
  return (scores, rows, watched) => {
    let [sum, total] = [0, 0];
    for (const row of watched) {
      const weight = weights?.[row] ?? 1;
      sum += weight * rowLoss(values, target![row]!, scores, rows, row, classes);
      total += weight;
    }
    return sum / total;
  };
}

function rowLoss(
  { objective, quantile }: GradientBoostingValues,
  y: number,
  scores: Float64Array,
  rows: number,
  row: number,
  classes: number,
): number {
  const score = scores[row]!;
  switch (objective) {
    case 'poisson':
      return Math.exp(score) - y * score;
    case 'quantile':
      return y >= score ? quantile * (y - score) : (1 - quantile) * (score - y);
    case 'classes': {
      if (classes <= 2)
        return Math.max(score, 0) - y * score + Math.log1p(Math.exp(-Math.abs(score)));
      let [most, sum] = [-Infinity, 0];
      for (let label = 0; label < classes; label++)
        most = Math.max(most, scores[label * rows + row]!);
      for (let label = 0; label < classes; label++)
        sum += Math.exp(scores[label * rows + row]! - most);
      return most + Math.log(sum) - scores[y * rows + row]!;
    }
    default:
      return (y - score) ** 2;
  }
}

function rankingLoss({ target, groups }: Examples): Loss {
  return (scores, _, watched) => {
    const inside = new Set(watched);
    const all = groupNdcg({ target: target!, scores, groups: groups! }, 10);
    let [start, sum, count] = [0, 0, 0];
    groups!.forEach((size, group) => {
      if (inside.has(start)) {
        sum -= all[group]!;
        count++;
      }
      start += size;
    });
    return sum / count;
  };
}
