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
export type { Executor, Launch, Running } from './executors/executor.ts';
export { workerExitCodes } from './executors/executor.ts';
export { inProcessExecutor } from './executors/in-process-executor.ts';
export { type LocalExecutorOptions, localExecutor } from './executors/local-executor.ts';
export {
  BadCommit,
  BadDefinition,
  BadParameters,
  BadTaskReference,
  ControlRefused,
  ControlUnreachable,
  IllegalMove,
  NotFound,
  PipelinesError,
  PlanChanged,
  StaleAttempt,
  UnresolvedImport,
} from './pipelines-error.ts';
export { type Plan, type PlanNode, type PlanSource, plan, planDigest } from './plan/plan.ts';
export {
  parseTaskReference,
  printTaskReference,
  type TaskReference,
} from './plan/task-reference.ts';
export { type Cron, cron } from './schedule/cron.ts';
export type { CatchUp } from './schedule/due-times.ts';
export { nextTime, timesBetween } from './schedule/next-time.ts';
export type { BackfillPlan, BackfillRequest } from './scheduler/backfills.ts';
export type { BackoffOptions } from './scheduler/backoff.ts';
export type { Changes } from './scheduler/changes.ts';
export type { Definitions } from './scheduler/definitions.ts';
export type { ProgressBoard, ProgressView } from './scheduler/progress-board.ts';
export {
  type ResolveSource,
  type RunRequest,
  Scheduler,
  type SchedulerOptions,
} from './scheduler/scheduler.ts';
export type { EffectHandler, EffectHandlers, EffectOrigin } from './state/effects.ts';
export { pipelinesSchema } from './state/pipelines-schema.ts';
export type { Refs } from './state/rows.ts';
export type { RunState, TaskState } from './state/state-machine.ts';
export { type CodeFacts, TaskVersions } from './version/task-versions.ts';
export { type BackfillView, backfillView } from './views/backfill-view.ts';
export {
  type AttemptView,
  artifactDigests,
  type NamedArtifact,
  type RunDetail,
  runDetail,
  type TaskView,
} from './views/run-detail.ts';
export { type RunEvent, type RunEventsOptions, runEvents } from './views/run-events.ts';
export {
  findRun,
  listRuns,
  type RunList,
  type RunListRequest,
  type RunSummary,
  type ShownProblem,
} from './views/run-summary.ts';
export { type LogPiece, type TaskLogRequest, taskLog } from './views/task-log.ts';
export {
  type Control,
  type ControlRequest,
  type ControlResponse,
  type ControlVerb,
  controlMessages,
} from './worker/control-messages.ts';
export { type HttpControlOptions, httpControl } from './worker/http-control.ts';
export { runWorker, type WorkerOptions } from './worker/run-worker.ts';
export { TaskSkipped } from './worker/task-skipped.ts';
