import * as learn from '@backlot/learn';
import { jsonArtifact, tasksWith } from '@backlot/pipelines';
import * as z from 'zod';
import { modelArtifact } from './fit-recommender.ts';
import { interactionSetArtifact } from './interaction-set.ts';
import { pairedSlices } from './paired-slices.ts';
import type { TaskServices } from './services.ts';

const estimate = z.strictObject({ mean: z.number(), low: z.number(), high: z.number() });
const measured = {
  users: z.int(),
  recall: estimate,
  ndcg: estimate,
  /** Absent where nobody in the slice had met anything in training. */
  popularityBias: z.number().optional(),
};
const sliced = z.record(z.string(), z.record(z.string(), z.strictObject(measured)));
const evaluated = z.strictObject({
  ...measured,
  k: z.int(),
  coverage: z.number(),
  level: z.number(),
  slices: sliced,
});

/** Models measured on the same held-out interactions, and how far the candidate is ahead. */
export const evaluation = z.strictObject({
  protocol: z.string(),
  candidate: z.string(),
  k: z.int(),
  models: z.record(z.string(), evaluated),
  /** The candidate minus each other model, paired by user. */
  differences: z.record(
    z.string(),
    z.strictObject({
      ...{ level: z.number(), recall: estimate, ndcg: estimate },
      slices: z.record(
        z.string(),
        z.record(z.string(), z.strictObject({ recall: estimate, ndcg: estimate })),
      ),
    }),
  ),
  absentSlices: z.array(z.strictObject({ dimension: z.string(), reason: z.string() })),
});

export type Evaluation = z.output<typeof evaluation>;

export const evaluationArtifact = jsonArtifact('evaluation', evaluation);

/** The names that the evaluated models go by. */
export const evaluatedModels = ['als', 'item-knn', 'popularity'] as const;

const protocol =
  'The latest interactions are held out by time. For each account with held-out items, all items ' +
  'that its training interactions do not hold are ranked, none sampled. Recall is hits over ' +
  'held-out items, NDCG against the best order; means over accounts with 95% bootstrap intervals.';

/** A slice that is smaller than this tells of single people rather than of a group. */
const leastUsers = 20;

/** Ranks all items for every account of the test part with each model, and compares them. */
export const evaluateRecommenders = tasksWith<TaskServices>()({
  name: 'evaluate',
  module: import.meta.url,
  inputs: {
    train: interactionSetArtifact,
    test: interactionSetArtifact,
    candidate: modelArtifact,
    neighbours: modelArtifact,
    floor: modelArtifact,
  },
  parameters: z.strictObject({
    k: z.int().min(1).max(200).default(20),
    slices: z.array(z.string()).default([]),
  }),
  outputs: { evaluation: evaluationArtifact },
  run: async ({ inputs, parameters, context }) => {
    const { k, slices } = parameters;
    const train = await inputs.train.read();
    const test = await inputs.test.read();
    const attributes = { ...train.attributes, activity: learn.activityOf(train.matrix) };
    const wanted = slices.filter((name) => Object.hasOwn(attributes, name));
    const chosen = Object.fromEntries(wanted.map((name) => [name, attributes[name as never]!]));
    const models = [inputs.candidate, inputs.neighbours, inputs.floor];
    const metrics: learn.UserMetrics[] = [];
    for (const [at, input] of models.entries()) {
      metrics.push(
        await learn.evaluateUsers(await input.read(), {
          ...{ train: train.matrix, test: test.matrix, k },
          signal: context.signal,
          threads: context.services.threads,
          onProgress: ({ done, total }) =>
            context.progress({
              done: at * total + done,
              total: total * models.length,
              unit: 'accounts',
            }),
        }),
      );
    }
    const options = { seed: context.seed };
    const summaries = metrics.map((one) =>
      shown(learn.summarise(one, { ...options, attributes: chosen })),
    );
    const [candidate] = evaluatedModels;
    for (const name of ['recall', 'ndcg'] as const) {
      context.metric(`${name}@${k}`, summaries[0]![name].mean);
    }
    return {
      evaluation: {
        ...{ protocol, candidate, k },
        models: Object.fromEntries(evaluatedModels.map((name, at) => [name, summaries[at]!])),
        differences: Object.fromEntries(
          evaluatedModels.slice(1).map((name, at) => [
            name,
            {
              ...learn.comparePaired(metrics[0]!, metrics[at + 1]!, options),
              slices: pairedSlices(metrics[0]!, metrics[at + 1]!, chosen, {
                ...options,
                leastUsers,
              }),
            },
          ]),
        ),
        absentSlices: slices
          .filter((name) => !wanted.includes(name))
          .map((dimension) => ({ dimension, reason: 'the data does not carry it' })),
      },
    };
  },
});

/** The summary as JSON can say it: small slices left out, an undefined bias absent. */
function shown(summary: learn.EvaluationSummary): z.output<typeof evaluated> {
  const finite = <T extends learn.MetricSummary>({ popularityBias, ...rest }: T) => ({
    ...rest,
    ...(Number.isFinite(popularityBias) && { popularityBias }),
  });
  const slices = Object.fromEntries(
    Object.entries(summary.slices).map(([name, parts]) => [
      name,
      Object.fromEntries(
        Object.entries(parts)
          .filter(([, part]) => part.users >= leastUsers)
          .map(([value, part]) => [value, finite(part)]),
      ),
    ]),
  );
  return { ...finite(summary), slices } as z.output<typeof evaluated>;
}
