import type { OnnxGraph } from '@backlot/compute';
import type { ParametersOf, SpecificationData } from '../constraint.ts';
import { InvalidModel, InvalidParameter, UnsupportedVerb } from '../error.ts';
import type { Examples } from '../examples.ts';
import type { Features } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import { type FittedModel, partOf, type TabularModel } from '../fitted-model.ts';
import { GraphBuilder } from '../graph-builder.ts';
import { type Specification, specify } from '../specification.ts';
import type { ApplyOptions, TabularKind, Verbs } from '../tabular-kind.ts';

const constraints = {
  steps: {
    type: 'estimators',
    maxLength: 50,
    default: [],
    summary: 'Transformers in their order, and last what is fitted to what they make.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type Chain = Specification<'chain', Values>;

/**
 * Estimators one after the other: each transformer is fitted to what the ones before made of the training
 * rows, and the last estimator to what all of them made. It has the verbs of its last step.
 *
 * @example
 * const model = await fit(chain(imputer(), standardScaler(), ridge()), examples);
 */
export function chain(...steps: readonly Specification[]): Chain {
  return specify('chain', constraints, { steps });
}

/** The last step, or `InvalidParameter` where there is none. */
function lastOf(steps: readonly SpecificationData[]): SpecificationData {
  const last = steps.at(-1);
  if (last) return last;
  throw new InvalidParameter('chain', 'steps', 'is empty; at least one is needed');
}

export const chainKind: TabularKind<Values> = {
  kind: 'chain',
  family: 'composition',
  roles: ['regressor', 'classifier', 'ranker', 'clusterer', 'transformer', 'detector', 'density'],
  summary: 'Transformers and a last estimator, one after the other.',
  constraints,
  accepts: ['dense', 'sparse', 'texts', 'frame'],
  acceptsBy: ({ steps }, parts) =>
    parts.acceptsOf(steps[0] ?? { kind: 'constant', parameters: {} }),
  missing: true,
  target: ({ steps }, parts) => {
    const targets = steps.map((step) => parts.targetOf(step)).filter((target) => target !== 'none');
    lastOf(steps);
    // An encoder that looks at the target is no reason to accept less than the last step does.
    return targets.at(-1) ?? 'none';
  },
  memory: (size, { steps }, parts) => {
    let [sum, own] = [0, size];
    for (const step of steps) {
      sum += parts.memoryOf(step, own) + 12 * own.stored;
      own = parts.madeOf(step, own);
    }
    return sum;
  },
  made: (size, { steps }, parts) => steps.reduce((own, step) => parts.madeOf(step, own), size),
  fit: async ({ parameters: { steps } }, examples, options, verbs) => {
    lastOf(steps);
    const models: Record<string, FittedModel> = {};
    let features = examples.features;
    let outputs = 1;
    for (const [at, step] of steps.entries()) {
      const { names: _, ...rest } = examples;
      const given: Examples = at === 0 ? examples : { ...rest, features };
      options.onProgress?.({ step: step.kind, done: at, total: steps.length });
      const own = stepOptions(options, step.kind);
      if (at === steps.length - 1) {
        const model = await verbs.fit(step, given, own);
        models[nameOf(at)] = model;
        outputs = model.signature.outputs;
      } else {
        const found = await verbs.fitTransform(step, given, own);
        models[nameOf(at)] = found.model;
        features = found.features;
      }
    }
    return { tensors: {}, parts: models, outputs };
  },
  tensors: () => ({}),
  checkModel: (model) => {
    const { steps } = model.specification.parameters as Values;
    if (steps.length === 0) throw new InvalidModel('a chain without steps');
    steps.forEach((step, at) => {
      if (partOf(model, nameOf(at)).kind === step.kind) return;
      throw new InvalidModel(`step ${at} of the chain is of another kind than it says`);
    });
  },
  predict: (model, features, options, verbs) =>
    applyLast(model, features, options, verbs, verbs.predict),
  predictProbabilities: (model, features, options, verbs) =>
    applyLast(model, features, options, verbs, verbs.predictProbabilities),
  transform: (model, features, options, verbs) =>
    applyLast(model, features, options, verbs, verbs.transform),
  scoreRows: (model, features, options, verbs) =>
    applyLast(model, features, options, verbs, verbs.scoreRows),
  onnx: chainGraph,
};

/** The steps' graphs, each reading what the one before makes; those of the last step are its outputs. */
function chainGraph(model: TabularModel, graphOf: (part: TabularModel) => OnnxGraph): OnnxGraph {
  const builder = new GraphBuilder(model.signature.columns);
  const { steps } = model.specification.parameters as Values;
  const graphs = steps.map((_, at) => graphOf(partOf(model, nameOf(at))));
  let names: Readonly<Record<string, string>> = { features_out: 'features' };
  for (const graph of graphs) names = builder.inline(graph, names.features_out!);
  const outputs = graphs.at(-1)!.outputs.map((one) => ({ ...one, from: names[one.name]! }));
  return builder.finish('chain', outputs);
}

/** What a step tells of itself goes on, with its name. */
function stepOptions({ onProgress, ...rest }: FitOptions, kind: string): FitOptions {
  if (!onProgress) return rest;
  return { ...rest, onProgress: (own) => onProgress({ ...own, step: `${kind} ${own.step}` }) };
}

function nameOf(step: number): string {
  return String(step).padStart(2, '0');
}

async function applyLast<Result>(
  model: TabularModel & { readonly specification: Specification<string, Values> },
  features: Features,
  options: ApplyOptions,
  verbs: Verbs,
  last: (model: TabularModel, features: Features, options: ApplyOptions) => Promise<Result>,
): Promise<Result> {
  const { steps } = model.specification.parameters;
  let made = features;
  for (let at = 0; at < steps.length - 1; at++) {
    made = await verbs.transform(partOf(model, nameOf(at)), made, options);
  }
  if (steps.length === 0) throw new UnsupportedVerb('chain', 'act without steps');
  return last(partOf(model, nameOf(steps.length - 1)), made, options);
}
