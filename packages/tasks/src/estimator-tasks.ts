import {
  decodeModel,
  type Examples,
  encodeModel,
  evaluateRows,
  fit,
  isRecommender,
  type MeasureName,
  measureNames,
  type ParameterValue,
  type Space,
  type Specification,
  type SplitPlan,
  type Strategy,
  searchParameters,
  type TabularModel,
} from '@backlot/learn';
import { type ArtifactKind, artifact, jsonArtifact, tasksWith } from '@backlot/pipelines';
import * as z from 'zod';
import { TasksError } from './error.ts';
import { examplesArtifact } from './examples-set.ts';
import { fitOptionsOf, memoryLimitMiB } from './fit-options.ts';
import type { TaskServices } from './services.ts';

/** A model of who meets what where one of rows is needed. */
class NotOfRows extends TasksError {
  constructor(kind: string) {
    super({
      code: 'E-TASKS-006',
      kind: 'refused',
      reason: `${kind} is a recommender, not a model of rows`,
    });
  }
}

/** A fitted estimator of rows, as `@backlot/learn` writes it. */
export const estimatorArtifact: ArtifactKind<TabularModel> = artifact<TabularModel>({
  kind: 'fitted-estimator',
  encode: encodeModel,
  decode: async (content) => {
    const model = decodeModel(await content.bytes());
    if (isRecommender(model)) throw new NotOfRows(model.kind);
    return model as TabularModel;
  },
});

/** Any JSON here: the estimator's own constraints say what each parameter may be. */
const parameterValue = z.json() as unknown as z.ZodType<ParameterValue>;
const specification = z.strictObject({
  kind: z.string(),
  parameters: z.record(z.string(), parameterValue),
});
export const specificationArtifact: ArtifactKind<Specification> = jsonArtifact(
  'specification',
  specification,
);

const measureName = z.enum(measureNames) as z.ZodType<MeasureName>;

/** Fits an estimator of rows, given by value. */
export const fitEstimator = tasksWith<TaskServices>()({
  name: 'fit-estimator',
  module: import.meta.url,
  inputs: { on: examplesArtifact },
  parameters: z.strictObject({ estimator: specification, memoryLimitMiB }),
  outputs: { model: estimatorArtifact },
  run: async ({ inputs, parameters, context }) => {
    const examples = await inputs.on.read();
    const options = fitOptionsOf(context, parameters.memoryLimitMiB);
    return { model: await fit(parameters.estimator, examples, options) };
  },
});

/** Fits the estimator that a search found. */
export const fitFound = tasksWith<TaskServices>()({
  name: 'fit-found',
  module: import.meta.url,
  inputs: { on: examplesArtifact, estimator: specificationArtifact },
  parameters: z.strictObject({ memoryLimitMiB }),
  outputs: { model: estimatorArtifact },
  run: async ({ inputs, parameters, context }) => {
    const examples = await inputs.on.read();
    const options = fitOptionsOf(context, parameters.memoryLimitMiB);
    return { model: await fit(await inputs.estimator.read(), examples, options) };
  },
});

const measured = z.strictObject({ value: z.number(), low: z.number(), high: z.number() });
const measures = z.record(z.string(), measured);
const rowsEvaluation = z.strictObject({
  rows: z.int(),
  level: z.number(),
  measures,
  slices: z.record(z.string(), z.record(z.string(), z.strictObject({ rows: z.int(), measures }))),
});

export const rowsEvaluationArtifact: ArtifactKind<z.output<typeof rowsEvaluation>> = jsonArtifact(
  'rows-evaluation',
  rowsEvaluation,
);

/** Measures a fitted estimator on rows it has not seen, whole and by columns of words. */
export const evaluateEstimator = tasksWith<TaskServices>()({
  name: 'evaluate-estimator',
  module: import.meta.url,
  inputs: { model: estimatorArtifact, on: examplesArtifact },
  parameters: z.strictObject({
    measures: z.array(measureName).optional(),
    /** Columns of words of a frame whose values are slices. */
    by: z.array(z.string()).default([]),
  }),
  outputs: { evaluation: rowsEvaluationArtifact },
  run: async ({ inputs, parameters, context }) => {
    const examples = await inputs.on.read();
    const evaluation = await evaluateRows(await inputs.model.read(), examples, {
      ...fitOptionsOf(context),
      ...(parameters.measures && { measures: parameters.measures }),
      by: slicesOf(examples, parameters.by),
    });
    for (const [name, one] of Object.entries(evaluation.measures)) context.metric(name, one.value);
    return { evaluation: evaluation as z.output<typeof rowsEvaluation> };
  },
});

function slicesOf(
  { features }: Examples,
  names: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  const fields = 'fields' in features ? features.fields : [];
  return Object.fromEntries(
    names.flatMap((name) => {
      const field = fields.find((one) => one.name === name);
      return field && 'words' in field
        ? [[name, field.words.map((word) => word ?? 'missing')]]
        : [];
    }),
  );
}

const axis = z.union([
  z.strictObject({ choices: z.array(parameterValue).min(1) }),
  z.strictObject({
    from: z.number(),
    to: z.number(),
    scale: z.enum(['linear', 'log']).optional(),
    whole: z.boolean().optional(),
  }),
]);
const trials = z.int().min(1).max(10_000);
const strategy = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('grid'), steps: z.int().min(1).max(100).optional() }),
  z.strictObject({ kind: z.literal('random'), trials }),
  z.strictObject({ kind: z.literal('halving'), trials, factor: z.int().min(2).max(10).optional() }),
  z.strictObject({ kind: z.literal('tpe'), trials }),
]);
const plan = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['folds', 'stratified']), folds: z.int().min(2).max(100) }),
  z.strictObject({ kind: z.literal('holdout'), share: z.number().gt(0).lt(1) }),
]);

const searched = z.strictObject({
  measure: z.string(),
  trials: z.array(
    z.strictObject({
      parameters: z.record(z.string(), z.json()),
      scores: z.array(z.number()),
      mean: z.number(),
      rows: z.int(),
    }),
  ),
});

export const searchArtifact: ArtifactKind<z.output<typeof searched>> = jsonArtifact(
  'search',
  searched,
);

/** Tries hyper-parameters by cross-validation and gives the best specification with all trials. */
export const searchEstimator = tasksWith<TaskServices>()({
  name: 'search-estimator',
  module: import.meta.url,
  inputs: { on: examplesArtifact },
  parameters: z.strictObject({
    estimator: specification,
    space: z.record(z.string(), axis),
    strategy,
    measure: measureName,
    plan: plan.optional(),
    memoryLimitMiB,
  }),
  outputs: { best: specificationArtifact, search: searchArtifact },
  run: async ({ inputs, parameters, context }) => {
    const { estimator, space, measure } = parameters;
    const examples = await inputs.on.read();
    const { best, trials: made } = await searchParameters(estimator, examples, {
      ...fitOptionsOf(context, parameters.memoryLimitMiB),
      ...{ measure, space: space as Space, strategy: parameters.strategy as Strategy },
      ...(parameters.plan && { plan: parameters.plan as SplitPlan }),
    });
    context.metric('trials', made.length);
    const search = { measure, trials: made } as unknown as z.output<typeof searched>;
    return { best: { kind: best.kind, parameters: { ...best.parameters } }, search };
  },
});
