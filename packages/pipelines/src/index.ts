export {
  type ArtifactContent,
  type ArtifactKind,
  type ArtifactRef,
  artifact,
  artifactRef,
  bytesArtifact,
  type Encoded,
  fileArtifact,
  jsonArtifact,
  type StagedFile,
  stagedFile,
} from './authoring/artifact.ts';
export {
  type Handle,
  type Handles,
  type NodeOptions,
  type Origin,
  type Pipeline,
  type PipelineOptions,
  type PipelineOutputs,
  pipeline,
  type RunTask,
  source,
  type Wiring,
} from './authoring/pipeline.ts';
export {
  type AnyTask,
  type DefineTask,
  type Input,
  type Kinds,
  type Results,
  type Task,
  type TaskCall,
  type TaskSpec,
  task,
  tasksWith,
  type ValueOf,
} from './authoring/task.ts';
export type { Effect, Progress, TaskContext } from './authoring/task-context.ts';
export { type Plan, type PlanNode, type PlanSource, plan, planDigest } from './plan/plan.ts';
export {
  parseTaskReference,
  printTaskReference,
  type TaskReference,
} from './plan/task-reference.ts';
