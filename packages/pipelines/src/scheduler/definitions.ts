import type { Pipeline } from '../authoring/pipeline.ts';
import { NotFound, PlanChanged } from '../pipelines-error.ts';
import type { Plan } from '../plan/plan.ts';
import { type CompiledPipeline, compilePipeline } from '../plan/plan.ts';

/** The pipelines of a project. */
export interface Definitions {
  readonly pipelines: readonly Pipeline[];
}

/** The pipeline of a name, or a not-found error. */
export function pipelineNamed(definitions: Definitions, name: string): Pipeline {
  const found = definitions.pipelines.find((pipeline) => pipeline.name === name);
  if (!found) throw new NotFound(`pipeline ${name}`);
  return found;
}

/**
 * The code for a plan that a run began with.
 *
 * @throws PlanChanged when the pipeline would now make another plan
 */
export function codeOfPlan(
  definitions: Definitions,
  plan: Pick<Plan, 'pipeline' | 'parameters'>,
  digest: string,
): CompiledPipeline {
  const pipeline = pipelineNamed(definitions, plan.pipeline);
  const known = compiledPlans.get(pipeline)?.get(digest);
  if (known) return known;
  const compiled = compilePipeline(pipeline, plan.parameters);
  if (compiled.digest !== digest) throw new PlanChanged(plan.pipeline);
  const plans = compiledPlans.get(pipeline) ?? new Map<string, CompiledPipeline>();
  if (plans.size >= maxPlans) plans.clear();
  compiledPlans.set(pipeline, plans.set(digest, compiled));
  return compiled;
}

/** Each task of a run asks for the same plan, and making one takes as long as the pipeline is large. */
const compiledPlans = new WeakMap<Pipeline, Map<string, CompiledPipeline>>();
const maxPlans = 16;
