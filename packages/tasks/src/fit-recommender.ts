import {
  decodeRecommender,
  encodeModel,
  fit,
  type ParameterValue,
  type RecommenderModel,
} from '@backlot/learn';
import { type ArtifactKind, artifact, tasksWith } from '@backlot/pipelines';
import * as z from 'zod';
import { fitOptionsOf, memoryLimitMiB } from './fit-options.ts';
import { interactionSetArtifact } from './interaction-set.ts';
import type { TaskServices } from './services.ts';

/** A fitted recommender, as `@backlot/learn` writes it. */
export const modelArtifact: ArtifactKind<RecommenderModel> = artifact<RecommenderModel>({
  kind: 'fitted-model',
  encode: encodeModel,
  decode: async (content) => decodeRecommender(await content.bytes()),
});

/** Any JSON here: the estimator's own constraints say what each may be. */
const hyperParameters = z.record(z.string(), z.json() as unknown as z.ZodType<ParameterValue>);

/** Fits an estimator of `@backlot/learn`, named with its hyper-parameters, to interactions. */
export const fitRecommender = tasksWith<TaskServices>()({
  name: 'fit',
  module: import.meta.url,
  inputs: { on: interactionSetArtifact },
  parameters: z.strictObject({
    estimator: z.strictObject({ kind: z.string(), parameters: hyperParameters }),
    memoryLimitMiB,
  }),
  outputs: { model: modelArtifact },
  run: async ({ inputs, parameters, context }) => {
    const { matrix } = await inputs.on.read();
    const options = fitOptionsOf(context, parameters.memoryLimitMiB);
    return { model: await fit(parameters.estimator, matrix, options) };
  },
});
