import { decodeModel, encodeModel, type FittedModel, fit } from '@backlot/learn';
import { type ArtifactKind, artifact, tasksWith } from '@backlot/pipelines';
import * as z from 'zod';
import { interactionSetArtifact } from './interaction-set.ts';
import type { TaskServices } from './services.ts';

/** A fitted recommender, as `@backlot/learn` writes it. */
export const modelArtifact: ArtifactKind<FittedModel> = artifact<FittedModel>({
  kind: 'fitted-model',
  encode: encodeModel,
  decode: async (content) => decodeModel(await content.bytes()),
});

/** Fits an estimator of `@backlot/learn`, named with its hyper-parameters, to interactions. */
export const fitRecommender = tasksWith<TaskServices>()({
  name: 'fit',
  module: import.meta.url,
  inputs: { on: interactionSetArtifact },
  parameters: z.strictObject({
    estimator: z.strictObject({ kind: z.string(), parameters: z.record(z.string(), z.number()) }),
  }),
  outputs: { model: modelArtifact },
  run: async ({ inputs, parameters, context }) => {
    const { matrix } = await inputs.on.read();
    const model = await fit(parameters.estimator, matrix, {
      seed: context.seed,
      signal: context.signal,
      threads: context.services.threads,
      onProgress: ({ step, done, total }) => context.progress({ done, total, unit: step }),
    });
    return { model };
  },
});
