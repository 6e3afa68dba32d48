import { type Digest, digestOfBytes, type Json } from '@backlot/core';
import type { Manifest } from '@backlot/data';
import { encodeModel, type RecommenderModel } from '@backlot/learn';
import { artifact, bytesArtifact, jsonArtifact, TaskVersions, tasksWith } from '@backlot/pipelines';
import {
  type CardFacts,
  cardBytes,
  cardDigest,
  type MeasuredMetric,
  type ModelCard,
  modelCard,
  type ProposalCheck,
} from '@backlot/registry';
import { encodeBundle, type ItemFacts } from '@backlot/serving';
import * as z from 'zod';
import { NoSnapshot } from './error.ts';
import { type Evaluation, evaluatedModels, evaluationArtifact } from './evaluation.ts';
import { modelArtifact } from './fit-recommender.ts';
import { type InteractionSet, interactionSetArtifact } from './interaction-set.ts';
import { measureLatency } from './measure-latency.ts';
import type { TaskServices } from './services.ts';
import { snapshotArtifact } from './snapshot-artifact.ts';
import { popularityOf, storefrontPopularity, unionOf } from './what-was-seen.ts';

/** What is known of each item, by its key. */
const itemFacts = z.record(
  z.string(),
  z.strictObject({
    title: z.string(),
    mediaKind: z.string().optional(),
    genres: z.array(z.string()).optional(),
    storefronts: z.array(z.string()).optional(),
  }),
);
export type ItemFactsByKey = z.output<typeof itemFacts>;
export const itemFactsArtifact = jsonArtifact('item-facts', itemFacts);

/** The bytes that are served; their digest is the model's. */
export const bundleArtifact = bytesArtifact('recommender-bundle');

export const cardArtifact = artifact<ModelCard>({
  kind: 'model-card',
  encode: cardBytes,
  decode: async (content) => JSON.parse(Buffer.from(await content.bytes()).toString()) as ModelCard,
});

/** The effect that registers a version and proposes it; the owner applies it. */
export const proposeEffectKind = 'registry.propose';

export const proposePayload = z.strictObject({
  model: z.string(),
  digest: z.string(),
  bytes: z.int(),
  task: z.string(),
  inputs: z.record(z.string(), z.string()),
  evaluation: z.string(),
  card: z.string(),
  parameters: z.record(z.string(), z.json()),
  metrics: z.record(z.string(), z.number()),
  endpoint: z.string(),
  storefronts: z.array(z.string()),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(['passed', 'warned', 'failed']),
      detail: z.string(),
    }),
  ),
});

const parameters = z.strictObject({
  /** The model's name in the registry. */
  name: z.string(),
  endpoint: z.string(),
  intendedUse: z.string(),
  notFor: z.array(z.string()).default([]),
  licence: z.string(),
  limitations: z.array(z.string()).default([]),
  /** An endpoint should answer within this many milliseconds, 99 of 100 times. */
  p99LimitMs: z.number().positive().default(40),
});
type Parameters = z.output<typeof parameters>;

/** Makes the served bundle and its card, and asks that it be approved for an endpoint. */
export const proposeRecommender = tasksWith<TaskServices>()({
  name: 'propose',
  module: import.meta.url,
  inputs: {
    model: modelArtifact,
    train: interactionSetArtifact,
    test: interactionSetArtifact,
    facts: itemFactsArtifact,
    evaluation: evaluationArtifact,
    events: snapshotArtifact,
    catalogue: snapshotArtifact,
  },
  parameters,
  outputs: { bundle: bundleArtifact, card: cardArtifact },
  run: async ({ inputs, parameters, context }) => {
    const [model, train, test] = [
      await inputs.model.read(),
      await inputs.train.read(),
      await inputs.test.read(),
    ];
    const snapshots = { events: inputs.events.ref.digest, catalogue: inputs.catalogue.ref.digest };
    const bundle = bundleOf(model, train, test, await inputs.facts.read(), snapshots);
    const evaluation = await inputs.evaluation.read();
    const latency = measureLatency(model, context.io.clock, context.seed);
    context.metric('p99 ms', latency.p99Ms);
    const digest = digestOfBytes(bundle);
    const card = modelCard({
      ...{ model: parameters.name, task: 'recommend', estimator: model.kind },
      ...{ digest, bytes: bundle.byteLength, latency },
      code: await new TaskVersions(context.io.files).versionOf(import.meta.url),
      parameters: model.specification.parameters as Readonly<Record<string, Json>>,
      data: [
        dataFacts(await inputs.events.read(), inputs.events.ref.digest, train.users.length),
        dataFacts(await inputs.catalogue.read(), inputs.catalogue.ref.digest),
      ],
      ...pick(parameters, ['intendedUse', 'notFor', 'licence', 'limitations']),
      evaluation: evaluationFacts(evaluation, inputs.evaluation.ref.digest),
      baseline: { name: 'popularity', metrics: metricsOf(evaluation, 'popularity') },
      privacy: { unit: 'one account', differentiallyPrivate: false },
    });
    context.effect(proposeEffectKind, {
      ...{ model: parameters.name, digest, bytes: bundle.byteLength, task: 'recommend' },
      inputs: snapshots,
      ...{ evaluation: inputs.evaluation.ref.digest, card: cardDigest(card) },
      parameters: { estimator: model.kind, ...model.specification.parameters },
      metrics: headline(evaluation),
      ...{ endpoint: parameters.endpoint, storefronts: storefrontsOf(train) },
      checks: checksOf(evaluation, latency.p99Ms, parameters).map((check) => ({ ...check })),
    });
    return { bundle, card };
  },
});

function pick<T, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;
}

function bundleOf(
  model: RecommenderModel,
  train: InteractionSet,
  test: InteractionSet,
  facts: ItemFactsByKey,
  inputs: Readonly<Record<string, Digest>>,
): Uint8Array {
  const storefronts = storefrontsOf(train);
  return encodeBundle({
    ...{ estimator: model.kind, specification: model.specification as unknown as Json, inputs },
    ...{ users: train.users, items: train.items },
    // What was held out has been met as well: it is not recommended again.
    seen: unionOf(train.matrix, test.matrix),
    popularity: popularityOf(train.matrix),
    storefronts,
    ...(storefronts.length > 0 && {
      storefrontPopularity: storefrontPopularity(train, storefronts),
    }),
    facts: train.items.map((item) => (facts[item] ?? { title: item }) as ItemFacts),
    model: encodeModel(model),
  });
}

function storefrontsOf(train: InteractionSet): readonly string[] {
  return [...new Set(train.attributes.storefront ?? [])].sort();
}

function dataFacts(
  manifest: Manifest | null,
  snapshot: Digest,
  accounts?: number,
): CardFacts['data'][number] {
  if (!manifest) throw new NoSnapshot('the data of the card');
  const { contract, table, rows } = manifest;
  const told = contract.columns.filter(({ sensitivity }) =>
    ['personal', 'pseudonym'].includes(sensitivity),
  );
  return {
    ...{ table, snapshot, rows, purposes: contract.purposes },
    ...(accounts !== undefined && { accounts }),
    ...(contract.retentionDays !== undefined && { retentionDays: contract.retentionDays }),
    personal: told.map(({ name, sensitivity }) => ({
      ...{ column: name, sensitivity },
      treatment:
        sensitivity === 'pseudonym'
          ? 'replaced by a pseudonym, a keyed hash, before it is stored'
          : 'used for training, not kept in the model as it is',
    })),
  };
}

function metricsOf(evaluation: Evaluation, name: string): readonly MeasuredMetric[] {
  const { k, models } = evaluation;
  const { level, ...measured } = models[name]!;
  return toMetrics(measured, k, level);
}

function toMetrics(
  measured: Pick<Evaluation['models'][string], 'users' | 'recall' | 'ndcg'>,
  k: number,
  level: number,
): readonly MeasuredMetric[] {
  return (['recall', 'ndcg'] as const).map((name) => {
    const { mean, low, high } = measured[name];
    const shown = name === 'recall' ? `Recall@${k}` : `NDCG@${k}`;
    return { name: shown, value: mean, low, high, level, accounts: measured.users };
  });
}

function evaluationFacts(evaluation: Evaluation, digest: Digest): CardFacts['evaluation'] {
  const { candidate, k, models, protocol, absentSlices } = evaluation;
  const { level, slices } = models[candidate]!;
  return {
    ...{ digest, protocol, absentSlices },
    metrics: metricsOf(evaluation, candidate),
    slices: Object.entries(slices).flatMap(([dimension, parts]) =>
      Object.entries(parts).map(([value, part]) => ({
        ...{ dimension, value },
        metrics: toMetrics(part, k, level),
      })),
    ),
  };
}

function headline({ models, candidate, k }: Evaluation): Record<string, number> {
  const { recall, ndcg, coverage } = models[candidate]!;
  return { [`Recall@${k}`]: recall.mean, [`NDCG@${k}`]: ndcg.mean, Coverage: coverage };
}

function checksOf(
  evaluation: Evaluation,
  p99Ms: number,
  { p99LimitMs }: Parameters,
): readonly ProposalCheck[] {
  const { differences, k, models, candidate } = evaluation;
  const gain = differences.popularity!.ndcg;
  const floor = models.popularity!.slices;
  const worse = Object.entries(models[candidate]!.slices).flatMap(([name, parts]) =>
    Object.entries(parts)
      .filter(([value, part]) => part.ndcg.high < (floor[name]?.[value]?.ndcg.low ?? 0))
      .map(([value]) => `${name} ${value}`),
  );
  return [
    {
      name: 'Evaluated on a full ranking',
      status: 'passed',
      detail: `${models[candidate]!.users} accounts, ${evaluatedModels.length} models`,
    },
    {
      name: `NDCG@${k} above popularity`,
      status: gain.low > 0 ? 'passed' : 'failed',
      detail: `${signed(gain.mean)} (${signed(gain.low)} to ${signed(gain.high)})`,
    },
    {
      name: 'No slice worse than popularity',
      status: worse.length === 0 ? 'passed' : 'warned',
      detail: worse.length === 0 ? 'none' : worse.slice(0, 5).join(', '),
    },
    {
      name: `p99 under ${p99LimitMs} ms`,
      status: p99Ms <= p99LimitMs ? 'passed' : 'warned',
      detail: `${p99Ms.toFixed(2)} ms`,
    },
  ];
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(4)}`;
}
