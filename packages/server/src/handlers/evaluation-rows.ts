import type { Digest } from '@backlot/core';
import type { MeasuredMetric, ModelCard } from '@backlot/registry';
import type { Objects } from '@backlot/store';
import * as z from 'zod';
import type { metricRow } from '../api/models.ts';

type MetricRow = z.input<typeof metricRow>;

/** What the model is compared with: what everyone likes. */
export const baselineName = 'popularity';

// Other fields may come along: an evaluation belongs to whoever measured, and this reads its numbers.
const interval = z.object({ mean: z.number(), low: z.number(), high: z.number() });
const measured = z.object({ users: z.int().min(0), recall: interval, ndcg: interval });
const evaluated = measured.extend({
  level: z.number(),
  slices: z.record(z.string(), z.record(z.string(), measured)).default({}),
});
const evaluation = z.object({
  candidate: z.string(),
  k: z.int(),
  models: z.record(z.string(), evaluated),
  differences: z
    .record(
      z.string(),
      z.object({
        ...{ level: z.number(), recall: interval, ndcg: interval },
        slices: z
          .record(z.string(), z.record(z.string(), z.object({ recall: interval, ndcg: interval })))
          .default({}),
      }),
    )
    .default({}),
});
type Evaluation = z.output<typeof evaluation>;
type Measured = z.output<typeof measured>;

const metrics = [
  { field: 'ndcg', title: 'NDCG' },
  { field: 'recall', title: 'Recall' },
] as const;

const limitBytes = 16 * 2 ** 20;

/** The metric rows of a version: from its evaluation, else what its card tells of it. */
export async function metricRows(
  objects: Pick<Objects, 'get'>,
  digest: Digest,
  card: ModelCard,
): Promise<MetricRow[]> {
  const found = readEvaluation(await objects.get(digest, { limitBytes }));
  return found ? evaluationRows(found) : cardRows(card);
}

/** The evaluation in these bytes; `undefined` when they hold something else. */
function readEvaluation(bytes: Uint8Array): Evaluation | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    const found = evaluation.safeParse(value);
    return found.success && found.data.models[found.data.candidate] ? found.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The whole first, with the paired difference; then each slice beside the baseline's. */
function evaluationRows({ candidate, k, models, differences }: Evaluation): MetricRow[] {
  const own = models[candidate]!;
  const base = models[baselineName];
  const difference = differences[baselineName];
  return metrics.flatMap(({ field, title }) => {
    const rowOf = (mine: Measured, theirs: Measured | undefined): Omit<MetricRow, PlaceOfRow> => ({
      metric: `${title}@${k}`,
      accounts: mine.users,
      estimate: estimateOf(mine[field], own.level),
      ...(theirs && base && { baseline: estimateOf(theirs[field], base.level) }),
    });
    return [
      {
        ...{ slice: 'all', value: 'all', ...rowOf(own, base) },
        ...(difference && { difference: estimateOf(difference[field], difference.level) }),
      },
      ...Object.entries(own.slices).flatMap(([slice, parts]) =>
        Object.entries(parts).map(([value, part]) => ({
          ...{ slice, value },
          ...rowOf(part, base?.slices[slice]?.[value]),
          ...differenceOf(difference, slice, value, field),
        })),
      ),
    ];
  });
}

type PlaceOfRow = 'slice' | 'value';

/** The paired difference within a slice, where it was measured. */
function differenceOf(
  difference: Evaluation['differences'][string] | undefined,
  slice: string,
  value: string,
  field: 'recall' | 'ndcg',
): Pick<MetricRow, 'difference'> {
  const found = difference?.slices[slice]?.[value];
  return difference && found ? { difference: estimateOf(found[field], difference.level) } : {};
}

function estimateOf({ mean, low, high }: z.output<typeof interval>, level: number) {
  return { value: mean, low, high, level };
}

/** A card's metrics that carry an interval: without one, a number says too much. */
function cardRows({ evaluation: facts, baseline }: ModelCard): MetricRow[] {
  const theirs = new Map(baseline?.metrics.map((metric) => [metric.name, metric]));
  const slices = [
    { dimension: 'all', value: 'all', metrics: facts.metrics },
    ...facts.slices.map(({ dimension, value, metrics }) => ({ dimension, value, metrics })),
  ];
  return slices.flatMap(({ dimension, value, metrics }) =>
    metrics.flatMap((metric) => {
      const estimate = cardEstimate(metric);
      if (!estimate) return [];
      const base = dimension === 'all' ? theirs.get(metric.name) : undefined;
      const baselineEstimate = base && cardEstimate(base);
      return [
        {
          ...{ metric: metric.name, slice: dimension, value, accounts: metric.accounts, estimate },
          ...(baselineEstimate && { baseline: baselineEstimate }),
        },
      ];
    }),
  );
}

function cardEstimate({ value, low, high, level }: MeasuredMetric) {
  if (low === undefined || high === undefined || level === undefined) return undefined;
  return { value, low, high, level };
}
