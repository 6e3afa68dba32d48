import { seededRandom } from '@backlot/core';
import { InvalidArgument } from '../error.ts';
import type { UserMetrics } from './evaluate.ts';
import type { Interactions } from './interactions.ts';

/** A mean over users with a bootstrap percentile interval. */
export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** What a report says of a model on all users or on a slice of them. */
export interface MetricSummary {
  /** Users with test items. */
  readonly users: number;
  readonly recall: Estimate;
  readonly ndcg: Estimate;
  /** Mean popularity of recommended items over that of consumed ones: above 1 leans to the popular. */
  readonly popularityBias: number;
}

export interface EvaluationSummary extends MetricSummary {
  readonly k: number;
  readonly coverage: number;
  /** The share of resamples that an interval holds, such as 0.95. */
  readonly level: number;
  /** By attribute, then by the attribute's value. */
  readonly slices: Readonly<Record<string, Readonly<Record<string, MetricSummary>>>>;
}

export interface SummariseOptions {
  readonly seed: number;
  /** 0.95 by default. */
  readonly level?: number;
  /** 1000 by default. */
  readonly resamples?: number;
  /** Each attribute has a text for every user of the model (not only those measured). */
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Means with percentile intervals of the bootstrap over users (Efron and Tibshirani 1993, chapter 13),
 * whole and by slice. Users are taken as independent draws; the intervals say nothing of another training
 * set.
 */
export function summarise(metrics: UserMetrics, options: SummariseOptions): EvaluationSummary {
  const plan = checkPlan(options);
  const all = Int32Array.from(metrics.users.keys());
  const slices: Record<string, Record<string, MetricSummary>> = {};
  for (const [attribute, values] of Object.entries(options.attributes ?? {})) {
    slices[attribute] = Object.fromEntries(
      [...groupUsers(metrics.users, values)].map(([value, members]) => [
        value,
        summariseUsers(metrics, members, plan),
      ]),
    );
  }
  const { k, coverage } = metrics;
  return { k, coverage, level: plan.level, ...summariseUsers(metrics, all, plan), slices };
}

interface Plan {
  readonly seed: number;
  readonly level: number;
  readonly resamples: number;
}

function checkPlan({
  seed,
  level = 0.95,
  resamples = 1000,
}: Omit<SummariseOptions, 'attributes'>): Plan {
  if (!(level > 0 && level < 1)) throw new InvalidArgument('level', `is ${level}; between 0 and 1`);
  if (!Number.isInteger(resamples) || resamples < 1 || resamples > 100000) {
    throw new InvalidArgument('resamples', `is ${resamples}; 1 to 100000 are allowed`);
  }
  return { seed, level, resamples };
}

function groupUsers(users: Int32Array, values: readonly string[]): ReadonlyMap<string, Int32Array> {
  const groups = new Map<string, number[]>();
  users.forEach((user, at) => {
    const value = values[user];
    if (value === undefined) throw new InvalidArgument('attributes', `say nothing of user ${user}`);
    const group = groups.get(value);
    if (group) group.push(at);
    else groups.set(value, [at]);
  });
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted.map(([value, members]) => [value, Int32Array.from(members)]));
}

function summariseUsers(metrics: UserMetrics, members: Int32Array, plan: Plan): MetricSummary {
  const pick = (values: Float64Array): Float64Array =>
    Float64Array.from(members, (at) => values[at]!);
  const [recall, ndcg] = estimates([pick(metrics.recall), pick(metrics.ndcg)], plan);
  const popularityBias =
    finiteMean(pick(metrics.recommendedPopularity)) / finiteMean(pick(metrics.consumedPopularity));
  return { users: members.length, recall: recall!, ndcg: ndcg!, popularityBias };
}

/** Intervals of several means from the same resamples. */
function estimates(columns: readonly Float64Array[], plan: Plan): readonly Estimate[] {
  const count = columns[0]!.length;
  const random = seededRandom(plan.seed);
  const means = columns.map(() => new Float64Array(plan.resamples));
  for (let resample = 0; resample < plan.resamples; resample++) {
    const totals = columns.map(() => 0);
    for (let draw = 0; draw < count; draw++) {
      const at = random.below(count);
      for (let c = 0; c < columns.length; c++) totals[c]! += columns[c]![at]!;
    }
    totals.forEach((total, c) => {
      means[c]![resample] = total / count;
    });
  }
  return columns.map((column, c) => ({
    mean: column.reduce((sum, value) => sum + value, 0) / count,
    ...interval(means[c]!.sort(), plan.level),
  }));
}

/** The nearest-rank percentiles of sorted means. */
function interval(
  sorted: Float64Array,
  level: number,
): { readonly low: number; readonly high: number } {
  const last = sorted.length - 1;
  const tail = (1 - level) / 2;
  return { low: sorted[Math.round(tail * last)]!, high: sorted[Math.round((1 - tail) * last)]! };
}

function finiteMean(values: Float64Array): number {
  const finite = values.filter((value) => Number.isFinite(value));
  return finite.reduce((sum, value) => sum + value, 0) / finite.length;
}

/** How much the first model is ahead of the second on the same users, by paired bootstrap. */
export interface PairedDifference {
  readonly level: number;
  readonly recall: Estimate;
  readonly ndcg: Estimate;
}

/** Differences user by user, so that what is hard about a user does not blur them. */
export function comparePaired(
  first: UserMetrics,
  second: UserMetrics,
  options: Omit<SummariseOptions, 'attributes'>,
): PairedDifference {
  const same =
    first.k === second.k &&
    first.users.length === second.users.length &&
    first.users.every((user, at) => user === second.users[at]);
  if (!same) throw new InvalidArgument('second', 'was measured on other users or at another k');
  const plan = checkPlan(options);
  const minus = (a: Float64Array, b: Float64Array): Float64Array =>
    a.map((value, at) => value - b[at]!);
  const columns = [minus(first.recall, second.recall), minus(first.ndcg, second.ndcg)];
  const [recall, ndcg] = estimates(columns, plan);
  return { level: plan.level, recall: recall!, ndcg: ndcg! };
}

/**
 * An attribute for slices: how many items each user met in training, in bands such as `1-4`, `5-9`, `20+`.
 */
export function activityOf(
  train: Interactions,
  bounds: readonly number[] = [1, 5, 10, 20, 50],
): string[] {
  const starts = [0, ...bounds];
  const names = starts.map((start, at) => {
    const next = starts[at + 1];
    if (next === undefined) return `${start}+`;
    return next === start + 1 ? `${start}` : `${start}-${next - 1}`;
  });
  return Array.from({ length: train.users }, (_, user) => {
    const count = train.offsets[user + 1]! - train.offsets[user]!;
    return names[starts.findLastIndex((start) => start <= count)]!;
  });
}
