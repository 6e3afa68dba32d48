import { canonicalJson, type Digest, type Json } from '@backlot/core';
import type { MeasuredMetric, ModelCard } from './model-card.ts';
import type { ModelVersion } from './version.ts';

/** A value that differs between two versions; one side is absent when it was added or removed. */
export interface Change {
  /** Such as `evaluation.protocol`. */
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
}

export type MetricVerdict = 'better' | 'worse' | 'undecided';

/** One metric of both versions on one slice (`all`, or `storefront JP`). */
export interface MetricChange {
  readonly slice: string;
  readonly name: string;
  readonly before: number;
  readonly after: number;
  readonly difference: number;
  /** The difference's interval; absent when either side has none. */
  readonly low?: number;
  readonly high?: number;
  /** By whether the interval leaves zero out; larger is better. */
  readonly verdict: MetricVerdict;
  readonly accounts: number;
}

/** What an approver reads: everything that another version changes. */
export interface VersionDiff {
  readonly model: string;
  readonly before: number;
  readonly after: number;
  readonly parameters: readonly Change[];
  readonly data: readonly Change[];
  readonly code?: { readonly before: Digest; readonly after: Digest };
  readonly metrics: readonly MetricChange[];
  readonly card: readonly Change[];
}

export interface DescribedVersion {
  readonly version: ModelVersion;
  readonly card: ModelCard;
}

/** Compares two versions of a model. */
export function diffVersions(before: DescribedVersion, after: DescribedVersion): VersionDiff {
  const [old, next] = [before.version, after.version];
  return {
    ...{ model: next.model, before: old.version, after: next.version },
    parameters: diffJson(old.parameters, next.parameters),
    data: diffJson(old.inputs, next.inputs),
    ...(old.code !== next.code && { code: { before: old.code, after: next.code } }),
    metrics: diffMetrics(before.card, after.card),
    card: diffJson(cardRest(before.card), cardRest(after.card)),
  };
}

/** What the other parts of the diff do not show already. */
function cardRest(card: ModelCard): Json {
  const { parameters: _p, code: _c, comparison: _b, evaluation, baseline: _l, ...rest } = card;
  const { metrics: _m, slices: _s, ...protocol } = evaluation;
  return JSON.parse(canonicalJson({ ...rest, evaluation: protocol })) as Json;
}

/** The leaves at which two JSON values differ, in the order of their paths. */
export function diffJson(before: Json | undefined, after: Json | undefined, path = ''): Change[] {
  if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) =>
      diffJson(member(before, key), member(after, key), path === '' ? key : `${path}.${key}`),
    );
  }
  if (canonicalJson({ v: before }) === canonicalJson({ v: after })) return [];
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

type Tree = { readonly [key: string]: Json | undefined };

function isTree(value: Json | undefined): value is Tree {
  return typeof value === 'object' && value !== null;
}

function member(tree: Tree, key: string): Json | undefined {
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}

function diffMetrics(before: ModelCard, after: ModelCard): readonly MetricChange[] {
  const old = new Map(metricsBySlice(before));
  return metricsBySlice(after).flatMap(([key, next]) => {
    const found = old.get(key);
    return found ? [changeOf(next.slice, found.metric, next.metric)] : [];
  });
}

type SlicedMetric = { readonly slice: string; readonly metric: MeasuredMetric };

function metricsBySlice({ evaluation }: ModelCard): readonly (readonly [string, SlicedMetric])[] {
  const slices = [
    { slice: 'all', metrics: evaluation.metrics },
    ...evaluation.slices.map(({ dimension, value, metrics }) => ({
      slice: `${dimension} ${value}`,
      metrics,
    })),
  ];
  return slices.flatMap(({ slice, metrics }) =>
    metrics.map((metric) => [`${slice}\n${metric.name}`, { slice, metric }] as const),
  );
}

/**
 * The difference of two independent estimates: half-widths add in quadrature. Both versions are
 * measured on mostly the same accounts and so are positively correlated, which makes this interval
 * too wide rather than too narrow; it never calls a difference that a paired one would not.
 */
function changeOf(slice: string, before: MeasuredMetric, after: MeasuredMetric): MetricChange {
  const difference = after.value - before.value;
  const change = {
    ...{ slice, name: after.name, before: before.value, after: after.value, difference },
    accounts: after.accounts,
  };
  const [below, above] = [spread(after, before), spread(before, after)];
  if (below === undefined || above === undefined || before.level !== after.level) {
    return { ...change, verdict: 'undecided' };
  }
  const [low, high] = [difference - below, difference + above];
  return { ...change, low, high, verdict: low > 0 ? 'better' : high < 0 ? 'worse' : 'undecided' };
}

/** How far the difference may fall: the lower half of one side with the upper half of the other. */
function spread(falling: MeasuredMetric, rising: MeasuredMetric): number | undefined {
  if (falling.low === undefined || rising.high === undefined) return undefined;
  return Math.hypot(falling.value - falling.low, rising.high - rising.value);
}
